/* bridge.h: this thread's loop inside a host loop, a foreign event loop.
 * Introduced in phase 4. Needs: loop.h, timer.h.
 *
 *     the host loop                      ours
 *     +--> bridge_run       ------->  run tasks, submit, reap, until nothing is
 *     |    bridge_timeout_ms          left to do at once
 *     |    epoll_wait, uv_run, ...
 *     +--- bridge_ack     <-------  bridge->fd is readable: something came
 *
 * A ring can be waited for like a socket: by an eventfd that the kernel signals
 * at completions, or by the ring's own fd, which is readable while there are
 * any. So a host with its own loop (epoll, libuv, a GUI) can have tasks that
 * wait on the ring between its own callbacks, in its own thread.
 *
 * The other direction is for a host that has one fd for all that it waits for
 * (an epoll set, uv_backend_fd) and lets us do its wait: bridge_wait(), in
 * which the ring watches that fd. Then one system call submits and sleeps, as
 * in a loop of our own, and an operation costs what it costs there.
 *
 * Rules for the host
 *  - Do call bridge_run last thing before it waits, whatever it was woken for:
 *    what its callbacks have started is submitted there, and nowhere else.
 *  - Do wait no longer than bridge_timeout_ms says.
 *  - Do call bridge_ack when bridge->fd polls readable, before bridge_run. Do
 *    not read it otherwise, and never count by it: one signal may stand for any
 *    number of completions, and may come when there are none. An epoll that
 *    tells each signal of an eventfd once (EPOLLET) may leave the call out.
 *  - Callbacks may spawn tasks, cancel them and complete futures. They may not
 *    suspend. Only the thread of the loop may do any of it: others loop_post.
 *  - Never register_eventfd_async: it keeps quiet about an operation that
 *    completes while it is submitted, and the host would sleep on it. */
#ifndef ONE_RING_BRIDGE_H
#define ONE_RING_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "timer.h"

/* The most iterations of our loop in one bridge_run(). Then the host runs its
 * own callbacks, even if our loop has more to do. */
#define BRIDGE_ITERATIONS_MAX 16u

/* What the host watches. Both have a hole where the ring has DEFER_TASKRUN,
 * seen on Linux 6.18 (phase4/wakes shows it): so a ring that is watched is best
 * made plain.
 *
 * The ring's own fd: whoever sleeps on it in epoll_wait(2) is not woken.
 * An eventfd: it is not signalled if what completed was a wait for another
 * eventfd: from inside that one's write, the kernel postpones the signal,
 * delivers the first after about 10 ms, and drops the others. Let no task wait
 * for an eventfd then; loop_post (post.h) does not. */
enum bridge_watch {
    BRIDGE_RING_FD, /* no second fd, and nothing to read; plain rings only */
    BRIDGE_EVENTFD, /* every ring */
    BRIDGE_HOST_FD, /* nothing: the ring watches the host's. Every ring */
};

struct bridge {
    struct loop *loop; /* borrowed */
    int fd;            /* to be polled for reading; ours to close, not his;
                          -1 if there is nothing to watch */
    enum bridge_watch watch;
    uint64_t acks;   /* times that the fd was readable, or that bridge_wait had
                        nothing for the host */
    uint64_t iterations; /* of the loop, in all bridge_runs */
    /* With BRIDGE_HOST_FD: */
    struct op host;      /* a poll of the host's fd */
    bool host_is_ready;  /* it has completed */
    struct timer host_deadline; /* when the host wants to be back */
};

/* Ties the loop, which is this thread's, to a host.
 * Returns 0 or -errno: -EMFILE, -ENFILE, -ENOMEM for the eventfd; -EINVAL for
 * the fd of a ring with DEFER_TASKRUN. */
int bridge_init(struct bridge *bridge, struct loop *loop,
                enum bridge_watch watch);

/* Unties the loop: loop_run may run it again, or it may be finished. The host
 * must have stopped watching the fd. With BRIDGE_HOST_FD, tasks may run in here
 * until the kernel has released the host's fd. Accepts a zeroed bridge. */
void bridge_finish(struct bridge *bridge);

/* Clears the signal that made the fd readable. */
void bridge_ack(struct bridge *bridge);

/* Runs what can run and submits what was requested; never waits.
 * Returns 0, or -errno if the ring is unusable. */
int bridge_run(struct bridge *bridge);

/* How long the host may wait for bridge->fd, after bridge_run: -1 for ever, 0
 * not at all, since there is more to do; else milliseconds until the next
 * deadline, rounded up. As poll(2) and epoll_wait(2) take it. */
int bridge_timeout_ms(const struct bridge *bridge);

/* For BRIDGE_HOST_FD, instead of all that, and of the host's own wait: runs
 * what can run, submits, and waits until host_fd is readable, something has
 * completed, a signal came, or timeout_ms have passed (-1: for ever).
 *
 * Returns 1 if the host should poll host_fd, without blocking (there may be no
 * events); 0 if not: the host calls again, unless bridge_is_idle(); -errno if
 * the ring is unusable; -ENOSPC if all timers are armed. While the loop has no
 * slot for one more operation, this returns 1 once per millisecond. host_fd is
 * the same each time. */
int bridge_wait(struct bridge *bridge, int host_fd, int timeout_ms);

/* Operations in flight: those of tasks, without what the bridge waits by. */
uint32_t bridge_in_flight(const struct bridge *bridge);

/* True if no task is alive and no operation is in flight: the host may end. */
bool bridge_is_idle(const struct bridge *bridge);

#endif
