/* sim_epoll.c: a descriptor that watches others; see sim_epoll.h.
 *
 * What it teaches: epoll has three ways to report that a file is ready. By
 * level, it reports the file until the file is not ready any more. With
 * EPOLLET, it reports each event once, even if the program has left bytes in
 * the file. With EPOLLONESHOT, it reports the file once, and then needs an
 * EPOLL_CTL_MOD. An epoll descriptor is a file, too: it is readable while it
 * has something to report, so a ring can poll it. */
#include "sim_epoll.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

#include "queue.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_world.h"

#define EPOLLS_MAX 2
#define ITEMS_MAX 8u
#define NS_PER_MS UINT64_C(1000000)

/* The kernel identifies an item by its file and its descriptor. */
struct item {
    struct sim_file *file; /* borrowed until epoll_forget */
    int fd;
    struct epoll_event event;
    bool is_spent;   /* EPOLLONESHOT: it was reported */
    bool has_report; /* EPOLLET: edges_seen is valid */
    unsigned edges_seen;
};

struct epoll {
    struct sim_file file;
    struct item items[ITEMS_MAX];
    unsigned count;
};

static struct epoll epolls[EPOLLS_MAX];

/* Returns the events to report now, or 0. */
static unsigned events_of(const struct item *item)
{
    unsigned wanted = item->event.events;
    bool is_seen = (wanted & EPOLLET) && item->has_report &&
                   item->edges_seen == item->file->edges;

    if (item->is_spent || is_seen)
        return 0;
    return item->file->class->poll(item->file) & (wanted | POLLERR | POLLHUP);
}

static unsigned epoll_poll(struct sim_file *file)
{
    const struct epoll *epoll = container_of(file, struct epoll, file);

    for (unsigned i = 0; i < epoll->count; i++)
        if (events_of(&epoll->items[i]) != 0)
            return POLLIN;
    return 0;
}

static const struct file_class epoll_class = {.name = "epoll",
                                              .poll = epoll_poll};

void epoll_begin(void)
{
    memset(epolls, 0, sizeof epolls);
}

static void remove_item(struct epoll *epoll, unsigned i)
{
    memmove(&epoll->items[i], &epoll->items[i + 1],
            (--epoll->count - i) * sizeof *epoll->items);
}

void epoll_forget(const struct sim_file *file)
{
    for (int i = 0; i < EPOLLS_MAX; i++)
        for (unsigned at = epolls[i].count; at-- > 0;)
            if (epolls[i].items[at].file == file)
                remove_item(&epolls[i], at);
}

static int fail(int error)
{
    errno = error;
    return -1;
}

/* Fails like epoll_create1(2): returns -1, and sets errno. */
int epoll_create1(int flags)
{
    struct epoll *epoll = epolls;
    int fd;

    (void)flags; /* no driver calls execve(2) */
    while (epoll->file.fds + epoll->file.operations > 0) {
        epoll++;
        assert(epoll < epolls + EPOLLS_MAX);
    }
    *epoll = (struct epoll){.file.class = &epoll_class};
    fd = file_install(&epoll->file);
    return fd < 0 ? fail(-fd) : fd;
}

static struct epoll *epoll_of(int fd)
{
    struct sim_file *file = file_of(fd);

    check_that(file != NULL && file->class == &epoll_class,
               "no-operation-on-a-closed-fd", "not an epoll descriptor:",
               fd);
    return container_of(file, struct epoll, file);
}

/* Sets what an item reports, and forgets what it has reported. */
static void set_item(struct item *item, const struct epoll_event *event)
{
    const unsigned known = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLET |
                           EPOLLONESHOT;

    check_that((event->events & ~known) == 0, "simulated-operation",
               "not all events of epoll are simulated:", event->events);
    check_that(!(event->events & EPOLLET) || item->file->class->has_edges,
               "simulated-operation", "EPOLLET is not simulated for fd",
               item->fd);
    item->event = *event;
    item->is_spent = item->has_report = false;
}

/* As epoll_ctl(2). */
int epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event)
{
    struct epoll *epoll = epoll_of(epoll_fd);
    struct sim_file *file = file_of(fd);
    unsigned i = 0;

    if (file == NULL)
        return fail(EBADF);
    if (file->class->poll == NULL)
        return fail(EPERM); /* a regular file is always ready */
    if (file == &epoll->file)
        return fail(EINVAL);
    while (i < epoll->count &&
           (epoll->items[i].file != file || epoll->items[i].fd != fd))
        i++;
    if ((op == EPOLL_CTL_ADD) == (i < epoll->count))
        return fail(op == EPOLL_CTL_ADD ? EEXIST : ENOENT);
    if (op == EPOLL_CTL_DEL) {
        remove_item(epoll, i);
        return 0;
    }
    if (op == EPOLL_CTL_ADD) {
        assert(epoll->count < ITEMS_MAX);
        epoll->items[epoll->count++] = (struct item){.file = file, .fd = fd};
    }
    set_item(&epoll->items[i], event);
    return 0;
}

/* Reports up to max files. Their order is not promised, so the first one is
 * chosen at random. */
static int take_events(struct epoll *epoll, struct epoll_event *events, int max)
{
    unsigned first = epoll->count > 1 ? pick(epoll->count) : 0;
    int count = 0;

    for (unsigned i = 0; i < epoll->count && count < max; i++) {
        struct item *item = &epoll->items[(first + i) % epoll->count];
        unsigned found = events_of(item);

        if (found == 0)
            continue;
        events[count].events = found;
        events[count++].data = item->event.data;
        item->is_spent = (item->event.events & EPOLLONESHOT) != 0;
        item->has_report = true;
        item->edges_seen = item->file->edges;
    }
    return count;
}

/* As epoll_wait(2). A signal may end the wait. On the real kernel, so may a
 * completion of a ring without DEFER_TASKRUN. */
int epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
    struct epoll *epoll = epoll_of(fd);
    uint64_t until_ns = WORLD_NEVER;
    int count;

    if (timeout_ms >= 0)
        until_ns = world_now_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    while ((count = take_events(epoll, events, max)) == 0 &&
           world_now_ns() < until_ns) {
        if (knob(KNOB_EINTR))
            return fail(EINTR);
        world_step(until_ns);
    }
    return count;
}
