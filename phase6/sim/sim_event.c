/* sim_event.c: eventfds; see sim_event.h.
 *
 * What it teaches: an eventfd is a sum, not a queue. One read returns the sum
 * of all signals, and sets it to 0. As the eventfd of a ring, it is only a
 * hint. The program learns that something has happened since its last read, but
 * not which event it was, and not how often it happened. */
#include "sim_event.h"

#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <string.h>

#include "queue.h"
#include "sim_memory.h"
#include "sim_ring.h"
#include "sim_world.h"
#include "sys.h"
#include "sys_process.h"

#define EVENTS_MAX 4
#define SUM_MAX (UINT64_MAX - 1)

struct event {
    struct sim_file file;
    uint64_t sum;
    bool is_late;    /* a nested signal will come */
    bool was_nested; /* no other nested signal will come */
};

static struct event events[EVENTS_MAX];

static unsigned event_poll(struct sim_file *file)
{
    const struct event *event = container_of(file, struct event, file);

    return (event->sum > 0 ? POLLIN : 0) | (event->sum < SUM_MAX ? POLLOUT : 0);
}

static int event_read(struct sim_file *file, void *buf, size_t len,
                      uint64_t offset)
{
    struct event *event = container_of(file, struct event, file);

    (void)offset;
    if (len < sizeof event->sum)
        return -EINVAL;
    if (event->sum == 0)
        return FILE_WAITS;
    memory_copy(buf, &event->sum, sizeof event->sum);
    event->sum = 0;
    return (int)sizeof event->sum;
}

static int event_write(struct sim_file *file, const void *buf, size_t len,
                       uint64_t offset)
{
    struct event *event = container_of(file, struct event, file);
    uint64_t number;

    (void)offset;
    if (len < sizeof number)
        return -EINVAL;
    memory_copy(&number, buf, sizeof number);
    if (number > SUM_MAX)
        return -EINVAL;
    if (number > SUM_MAX - event->sum)
        return FILE_WAITS;
    event->sum += number;
    event->file.edges++;
    return (int)sizeof number;
}

static const struct file_class event_class = {
    .name = "eventfd", .has_edges = true, .poll = event_poll,
    .read = event_read, .write = event_write,
};

bool event_is(const struct sim_file *file)
{
    return file->class == &event_class;
}

/* The kernel adds 1 per signal, but merges some signals. So the sum has no
 * meaning, and is 1 here. */
void event_signal(struct sim_file *file)
{
    container_of(file, struct event, file)->sum = 1;
    file->edges++;
}

static void signal_late(void *object)
{
    struct event *event = object;

    event->is_late = false;
    event_signal(&event->file);
}

static void offer_late_signals(void)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        if (events[i].is_late)
            world_offer(signal_late, &events[i]);
}

/* A signal inside a signal could recurse forever, so Linux leaves it to RCU,
 * and remembers that it has done so. Linux 6.18 never forgets that again. */
void event_signal_nested(struct sim_file *file)
{
    struct event *event = container_of(file, struct event, file);

    event->is_late |= !event->was_nested;
    event->was_nested = true;
}

void event_begin(void)
{
    memset(events, 0, sizeof events);
    world_add_source(offer_late_signals);
}

int sys_event_fd(void)
{
    struct event *event = events;

    while (event->file.fds + event->file.operations > 0) {
        event++;
        assert(event < events + EVENTS_MAX);
    }
    *event = (struct event){.file.class = &event_class};
    return file_install(&event->file);
}

/* The real one is non-blocking, which changes nothing for reads by a ring. */
int sys_hint_fd(void)
{
    return sys_event_fd();
}

/* Does not wait, even if no signal has arrived. */
int sys_hint_take(int fd)
{
    struct sim_file *file = file_of(fd);
    uint64_t sum;

    assert(event_is(file));
    (void)event_read(file, &sum, sizeof sum, 0);
    return 0;
}

/* A write of another thread, which does not wait. fd may be a pipe, too. */
int sys_event_signal(int fd)
{
    const uint64_t one = 1;
    struct sim_file *file = file_of(fd);
    int rc = file->class->write(file, &one, sizeof one, 0);

    if (rc == FILE_WAITS)
        rc = -EAGAIN;
    return rc < 0 ? rc : 0;
}

/* The ring holds a reference: the program must unregister the eventfd before it
 * closes it. */
int io_uring_register_eventfd(struct io_uring *uring, int fd)
{
    struct sim_ring *ring = ring_of(uring->ring_fd);

    if (ring->eventfd != NULL)
        return -EBUSY;
    assert(event_is(file_of(fd)));
    ring->eventfd = file_of(fd);
    file_take(ring->eventfd);
    return 0;
}

int io_uring_unregister_eventfd(struct io_uring *uring)
{
    struct sim_ring *ring = ring_of(uring->ring_fd);

    if (ring->eventfd == NULL)
        return -ENXIO;
    file_release(ring->eventfd);
    ring->eventfd = NULL;
    return 0;
}
