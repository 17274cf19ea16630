/* sim_event.c: the eventfd of a ring; see sim_event.h.
 *
 * What it teaches: an eventfd is a hint. A program learns that something has
 * happened since its last read, but not which event it was, and not how often
 * it happened. */
#include "sim_event.h"

#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>

#include "sim_ring.h"
#include "sys_process.h"

static struct {
    struct sim_file file;
    bool is_signalled; /* not a count: no program may rely on one */
} event;

static unsigned event_poll(struct sim_file *file)
{
    (void)file;
    return event.is_signalled ? POLLIN : 0;
}

static const struct file_class event_class = {
    .name = "eventfd", .poll = event_poll,
};

void event_begin(void)
{
    event.file = (struct sim_file){.class = &event_class};
    event.is_signalled = false;
}

void event_signal(struct sim_file *file)
{
    assert(file == &event.file);
    event.is_signalled = true;
}

int sys_hint_fd(void)
{
    assert(event.file.fds == 0); /* one per run */
    return file_install(&event.file);
}

/* Does not wait, even if no signal has arrived. */
int sys_hint_take(int fd)
{
    assert(file_of(fd) == &event.file);
    event.is_signalled = false;
    return 0;
}

/* The ring holds a reference: the program must unregister the eventfd before it
 * closes it. */
int io_uring_register_eventfd(struct io_uring *uring, int fd)
{
    struct sim_ring *ring = ring_of(uring->ring_fd);

    if (ring->eventfd != NULL)
        return -EBUSY;
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
