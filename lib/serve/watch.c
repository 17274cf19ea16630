/* watch.c: detects changes in directories; see watch.h.
 * Introduced in phase 10. Needs: watch.h, sys.h.
 *
 * What it teaches: not every call should go through the ring. An earlier
 * version polled the inotify fd with the ring, until a test showed that this
 * was wrong. The kernel posts pending completions twenty at a time, and a
 * receive whose data has already arrived completes before those. So the server
 * answered a request before it had read the event of the change. One direct
 * read costs no measurable time and is correct: if the request has arrived, the
 * event of an earlier change has arrived, too. */
#include "watch.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "sys.h"

/* Room for a path, or for a few events. */
#define SCRATCH_LEN (64 + PATH_MAX)
#define MAPPED_LEN (WATCH_DIRS_MAX * sizeof(uint32_t) + SCRATCH_LEN)

/* Limits the reads per call of look. Without a limit, look would never return
 * if files change faster than it reads their events. */
#define READS_MAX 64

#define OF_FILES (IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE)
#define OF_SELF (IN_DELETE_SELF | IN_MOVE_SELF)
#define OF_TREE (OF_SELF | IN_Q_OVERFLOW | IN_UNMOUNT | IN_ISDIR)

/* Reads and counts the queued events, with at most READS_MAX reads. */
static void look(struct watch *watch)
{
    for (int i = 0; i < READS_MAX; i++) {
        int got = sys_read(watch->fd, watch->scratch, SCRATCH_LEN);
        const struct inotify_event *event;

        if (got <= 0)
            return;
        for (int at = 0; at < got; at += (int)(sizeof *event + event->len)) {
            event = (const void *)(watch->scratch + at);
            /* A directory itself has changed, or events were lost. */
            if ((event->mask & OF_TREE) || event->wd <= 0 ||
                event->wd >= WATCH_DIRS_MAX)
                watch->tree++;
            else
                watch->dirs[event->wd]++;
        }
    }
    watch->tree++; /* events may be unread: all stamps expire */
}

int watch_init(struct watch *watch, int root)
{
    void *memory;
    int rc;

    memset(watch, 0, sizeof *watch);
    watch->fd = -1;
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
    return 0;
}

void watch_finish(struct watch *watch)
{
    if (watch->dirs == NULL)
        return;
    sys_close(watch->fd);
    sys_unmap(watch->dirs, MAPPED_LEN);
    memset(watch, 0, sizeof *watch);
    watch->fd = -1;
}

void watch_forget(struct watch *watch)
{
    watch->tree++;
}

/* Replaces the inotify fd. The kernel does not reuse the watch descriptors of
 * removed directories, so the descriptors would exceed the fixed length of
 * dirs. A new inotify instance starts at 1 again. Closing the old one takes up
 * to 25 ms, once per 4096 directories. */
static int restart(struct watch *watch)
{
    int fd = sys_watch_open();

    if (fd < 0)
        return fd;
    sys_close(watch->fd);
    watch->fd = fd;
    watch_forget(watch);
    return 0;
}

/* Watches one directory, whose path is the first len bytes of path; a len of 0
 * means the root. Returns its watch descriptor, which is the old one if the
 * directory was already watched. */
static int add(struct watch *watch, const char *path, size_t len)
{
    int n = snprintf(watch->scratch, SCRATCH_LEN, "/proc/self/fd/%d/%.*s",
                     watch->root, (int)len, path);

    if (n < 0 || (size_t)n >= SCRATCH_LEN)
        return -ENAMETOOLONG;
    return sys_watch_add(watch->fd, watch->scratch,
                         OF_FILES | OF_SELF | IN_ONLYDIR | IN_DONT_FOLLOW);
}

/* Watches the root and all directories of path. Returns the last watch
 * descriptor, or -errno. */
static int add_all(struct watch *watch, const char *path)
{
    int dir = add(watch, path, 0);
    const char *slash = path;

    while (dir >= 0 && (slash = strchr(slash, '/')) != NULL) {
        dir = add(watch, path, (size_t)(slash - path));
        slash++;
    }
    return dir;
}

int watch_take_stamp(struct watch *watch, const char *path,
                     struct watch_stamp *out)
{
    int dir;

    if (watch->fd < 0)
        return -ENOSPC;
    look(watch); /* so that only later changes count */
    out->tree = watch->tree;
    dir = add_all(watch, path);
    if (dir >= WATCH_DIRS_MAX && restart(watch) == 0) {
        out->tree = watch->tree;
        dir = add_all(watch, path);
    }
    if (dir >= WATCH_DIRS_MAX)
        return -ENOSPC;
    if (dir < 0)
        return dir;
    out->dir = dir;
    out->in_dir = watch->dirs[dir];
    return 0;
}

bool watch_is_current(struct watch *watch, const struct watch_stamp *stamp)
{
    uint64_t iteration = loop_current()->iterations;

    assert(watch->fd >= 0);
    if (watch->iteration != iteration)
        look(watch);
    watch->iteration = iteration;
    return watch->tree == stamp->tree &&
           watch->dirs[stamp->dir] == stamp->in_dir;
}
