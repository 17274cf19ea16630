/* watch.c: which directories have changed; see watch.h.
 * Introduced in phase 10. Needs: watch.h, sys.h.
 *
 * What it teaches: not every file can be read through the ring with profit. This
 * one is polled by it (a multishot poll: one SQE for the life of the server) and
 * read directly, which never blocks once the poll has spoken. */
#include "watch.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "sys.h"

/* Room for the name of a directory, and for a handful of events. */
#define SCRATCH_LEN (64 + PATH_MAX)
#define MAPPED_LEN (WATCH_DIRS_MAX * sizeof(uint32_t) + SCRATCH_LEN)

#define OF_FILES (IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE)
#define OF_SELF (IN_DELETE_SELF | IN_MOVE_SELF)
#define OF_TREE (OF_SELF | IN_Q_OVERFLOW | IN_UNMOUNT | IN_ISDIR)

static void note(struct watch *watch, const struct inotify_event *event)
{
    bool is_known = event->wd > 0 && event->wd < WATCH_DIRS_MAX;

    if ((event->mask & OF_TREE) || !is_known)
        watch->tree++; /* a directory on somebody's way, or events were lost */
    else
        watch->dirs[event->wd]++;
}

/* Takes every event that is there. */
static void drain(struct watch *watch)
{
    int got;

    while ((got = sys_read(watch->fd, watch->scratch, SCRATCH_LEN)) > 0) {
        const struct inotify_event *event;

        for (int at = 0; at < got; at += (int)(sizeof *event + event->len)) {
            event = (const void *)(watch->scratch + at);
            note(watch, event);
        }
    }
}

static void arm(struct watch *watch)
{
    struct io_uring_sqe *sqe = loop_sqe(&watch->op);

    io_uring_prep_poll_multishot(sqe, watch->fd, POLLIN);
}

static void on_complete(struct op *op, int result, uint32_t flags)
{
    struct watch *watch = container_of(op, struct watch, op);

    if (result >= 0)
        drain(watch);
    if (flags & IORING_CQE_F_MORE)
        return;
    watch->tree++; /* there may have been more than we heard of */
    if (result >= 0 && loop_has_place())
        arm(watch);
    else
        future_complete(&watch->over, result);
}

int watch_init(struct watch *watch, int root)
{
    void *memory;
    int rc;

    memset(watch, 0, sizeof *watch);
    watch->fd = -1;
    if (!loop_has_place())
        return -EAGAIN;
    rc = sys_map(&memory, MAPPED_LEN);
    if (rc < 0)
        return rc;
    rc = sys_watch_open();
    if (rc < 0) {
        sys_unmap(memory, MAPPED_LEN);
        return rc;
    }
    watch->fd = rc;
    watch->dirs = memory;
    watch->scratch = (char *)(watch->dirs + WATCH_DIRS_MAX);
    watch->root = root;
    watch->op.complete = on_complete;
    arm(watch);
    return 0;
}

void await_watch_finish(struct watch *watch)
{
    if (watch->dirs == NULL)
        return;
    loop_cancel(&watch->op);
    (void)future_wait_until_done(&watch->over, NULL);
    sys_close(watch->fd);
    sys_unmap(watch->dirs, MAPPED_LEN);
    memset(watch, 0, sizeof *watch);
    watch->fd = -1;
}

/* Watches one directory: the first len bytes of path, 0 for the root. Adding
 * what is watched already gives the same descriptor. */
static int add(struct watch *watch, const char *path, size_t len)
{
    int n = snprintf(watch->scratch, SCRATCH_LEN, "/proc/self/fd/%d/%.*s",
                     watch->root, (int)len, path);
    int rc;

    if (n < 0 || (size_t)n >= SCRATCH_LEN)
        return -ENAMETOOLONG;
    rc = sys_watch_add(watch->fd, watch->scratch,
                       OF_FILES | OF_SELF | IN_ONLYDIR);
    return rc >= WATCH_DIRS_MAX ? -ENOSPC : rc;
}

int watch_take_stamp(struct watch *watch, const char *path,
                     struct watch_stamp *out)
{
    const char *slash = path;
    int dir;

    if (watch->fd < 0)
        return -ENOSPC;
    out->tree = watch->tree;
    dir = add(watch, path, 0);
    while (dir >= 0 && (slash = strchr(slash, '/')) != NULL) {
        dir = add(watch, path, (size_t)(slash - path));
        slash++;
    }
    if (dir < 0)
        return dir;
    out->dir = dir;
    out->in_dir = watch->dirs[dir];
    return 0;
}
