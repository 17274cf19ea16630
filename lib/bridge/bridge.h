/* bridge.h: this thread's loop inside a host loop, a foreign event loop.
 * Introduced in phase 4. Needs: loop.h, timer.h.
 *
 *     the host loop                      ours
 *     +--> bridge_run       ------->  run tasks, submit, reap, until nothing is
 *     |    bridge_timeout_ms          left to do at once
 *     |    epoll_wait, uv_run, ...
 *     +--- bridge_ack     <-------  bridge->fd is readable: a CQE is there
 *
 * A ring can be waited for like a socket: by an eventfd that the kernel signals
 * at completions, or by the ring's own fd, which is readable while there are
 * any. So a host with its own loop (epoll, libuv, a GUI) can have tasks that
 * wait on the ring between its own callbacks, in its own thread.
 *
 * The other direction is for a host that waits on one fd (an epoll set,
 * uv_backend_fd) and lets us do its wait. Then it calls bridge_wait(), in which
 * the ring watches that fd. One system call submits and sleeps, so an operation
 * costs no more than in a loop that has no host.
 *
 * Rules for the host
 *  - Call bridge_run as the last step before each wait: only bridge_run submits
 *    the operations that the host's callbacks have started.
 *  - Do not wait longer than bridge_timeout_ms returns.
 *  - Call bridge_ack when bridge->fd polls readable, before bridge_run. Do not
 *    read the fd otherwise, and do not count its signals: one signal may mean
 *    any number of completions, or none. A host whose epoll reports each signal
 *    of an eventfd once (EPOLLET) need not call bridge_ack.
 *  - Callbacks may spawn tasks, cancel them and complete futures. They may not
 *    suspend. Only the loop's thread may do so; other threads call loop_post.
 *  - Never use register_eventfd_async: it does not signal an operation that
 *    completes while it is submitted, and the host would keep sleeping. */
#ifndef ONE_RING_BRIDGE_H
#define ONE_RING_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "timer.h"

/* The most iterations of our loop in one bridge_run(). Then the host runs its
 * own callbacks, even if our loop has more to do. */
#define BRIDGE_ITERATIONS_MAX 16u

/* The fd that the host watches. Both fds miss wake-ups if the ring has
 * DEFER_TASKRUN, as seen on Linux 6.18 (phase4/wakes shows it). So make a ring
 * that a host watches without that flag.
 *
 * The ring's own fd: the kernel does not wake an epoll_wait(2) that sleeps on
 * it. An eventfd: the kernel does not signal it at once if the operation that
 * completed was a wait for another eventfd. During the write to that one, it
 * postpones the signal, delivers the first after about 10 ms, and drops the
 * others. So no task may wait for an eventfd. loop_post (post.h) uses a
 * pipe. */
enum bridge_watch {
    BRIDGE_RING_FD, /* no second fd, and nothing to read; plain rings only */
    BRIDGE_EVENTFD, /* every ring */
    BRIDGE_HOST_FD, /* none: the ring watches the host's fd. Every ring */
};

struct bridge {
    struct loop *loop; /* borrowed */
    int fd;            /* the host polls it for reading; the bridge closes it;
                          -1 if there is nothing to watch */
    enum bridge_watch watch;
    uint64_t acks;   /* calls of bridge_ack, and of bridge_wait that had nothing
                        for the host */
    uint64_t iterations; /* of the loop, in all bridge_runs */
    /* With BRIDGE_HOST_FD: */
    struct op host;      /* a poll of the host's fd */
    bool host_is_ready;  /* that poll has completed */
    struct timer host_deadline; /* the end of the host's timeout */
};

/* Connects this thread's loop to a host. Borrows loop until bridge_finish.
 *
 * Returns  0        success
 *          -EINVAL  BRIDGE_RING_FD, but the ring has DEFER_TASKRUN
 *          -EMFILE, -ENFILE, -ENOMEM  no eventfd could be made
 *          -EBUSY   the ring already has an eventfd */
int bridge_init(struct bridge *bridge, struct loop *loop,
                enum bridge_watch watch);

/* Disconnects the loop: loop_run may run it again, or loop_finish release it.
 * The host must have stopped watching the fd. With BRIDGE_HOST_FD, tasks may
 * run in here until the kernel has released the host's fd. Accepts a zeroed
 * bridge. */
void bridge_finish(struct bridge *bridge);

/* Clears the signal that made the fd readable. Does not block. */
void bridge_ack(struct bridge *bridge);

/* Runs ready tasks and due timers, and submits their operations, for at most
 * BRIDGE_ITERATIONS_MAX iterations. Never waits.
 *
 * Returns  0       success
 *          -errno  the ring is unusable */
int bridge_run(struct bridge *bridge);

/* Computes how long the host may wait for bridge->fd after bridge_run, in the
 * form that poll(2) and epoll_wait(2) take.
 *
 * Returns  -1   for ever
 *           0   not at all: the loop has more to do
 *          > 0  milliseconds until the next deadline, rounded up */
int bridge_timeout_ms(const struct bridge *bridge);

/* Replaces the host's own wait and the three calls above, with BRIDGE_HOST_FD.
 * Runs ready tasks, submits, and waits until host_fd is readable, an operation
 * has completed, a timer has fired, a signal has arrived, or timeout_ms have
 * passed (-1: no limit). Also waits if no task is alive; but the call in which
 * the last task ends returns at once. Pass the same host_fd each time. While
 * the loop has no slot for one more operation, returns 1 once per millisecond.
 *
 * Returns  1        the host polls host_fd without blocking; there may be no
 *                   events
 *          0        the host calls again, or ends if bridge_is_idle()
 *          -ENOSPC  all timers are armed
 *          -errno   the ring is unusable */
int bridge_wait(struct bridge *bridge, int host_fd, int timeout_ms);

/* Returns the number of operations in flight, without the bridge's own poll. */
uint32_t bridge_in_flight(const struct bridge *bridge);

/* True if no task is alive and no operation is in flight: the host may end. */
bool bridge_is_idle(const struct bridge *bridge);

#endif
