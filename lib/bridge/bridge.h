/* bridge.h: runs this thread's loop inside a host loop (a foreign event loop).
 * Introduced in phase 4. Needs: loop.h, timer.h.
 *
 *     the host loop                      our loop
 *     +--> bridge_run       ------->  run tasks, submit, reap, until there is
 *     |    bridge_timeout_ms          no work left
 *     |    epoll_wait, uv_run, ...
 *     +--- bridge_ack     <-------  bridge->fd is readable: CQEs have arrived
 *
 * A program can wait for a ring in the same way as for a socket. The kernel
 * signals an eventfd when it posts a CQE, and the ring's own fd is readable
 * while the CQ has entries. So a host with its own loop (epoll, libuv, a GUI)
 * can run tasks between its callbacks, in the same thread.
 *
 * A host that waits on a single fd (an epoll set, uv_backend_fd) may call
 * bridge_wait() instead, which polls the fd through the ring. One system call
 * then submits and sleeps, so an operation costs no more than in a loop without
 * a host.
 *
 * Rules for the host
 *  - Call bridge_run as the last step before each wait: only bridge_run submits
 *    the operations that the host's callbacks have started.
 *  - Do not wait longer than bridge_timeout_ms returns.
 *  - When bridge->fd is readable, call bridge_ack before bridge_run. Do not
 *    read the fd yourself, and do not count its signals: one signal may mean
 *    any number of completions, or none. A host that watches an eventfd with
 *    EPOLLET gets each signal once, and need not call bridge_ack.
 *  - The host's callbacks may spawn tasks, cancel tasks, and complete futures,
 *    but must not suspend. Other threads must call loop_post instead.
 *  - Never use io_uring_register_eventfd_async(3). The kernel would not signal
 *    such an eventfd for an operation that completes during its submit, so the
 *    host would not wake up. */
#ifndef ONE_RING_BRIDGE_H
#define ONE_RING_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "timer.h"

/* One bridge_run() runs at most this many iterations of our loop. Then the host
 * runs its own callbacks, even if our loop has more to do. */
#define BRIDGE_ITERATIONS_MAX 16u

/* The fd that the host watches. The first two kinds can miss wake-ups if the
 * ring has DEFER_TASKRUN, so prefer a ring without that flag for them. The
 * program phase4/wakes shows missed wake-ups on Linux 6.18.
 *
 * With DEFER_TASKRUN, an epoll_wait(2) on the ring's own fd never wakes. An
 * eventfd works. But if a task waits for another eventfd, the completion of
 * that wait does not signal the host's eventfd immediately. The kernel delivers
 * one such signal after about 10 ms and drops the following ones. So no task
 * may wait for an eventfd. For this reason, loop_post (post.h) uses a pipe. */
enum bridge_watch {
    BRIDGE_RING_FD, /* the ring's own fd; refused for a DEFER_TASKRUN ring */
    BRIDGE_EVENTFD, /* any ring; but with DEFER_TASKRUN, no task may wait for
                       an eventfd */
    BRIDGE_HOST_FD, /* no fd to watch: the ring polls the host's fd; works
                       with any ring */
};

struct bridge {
    struct loop *loop; /* borrowed */
    int fd;            /* polled by the host for reading; -1: none. Owned if it
                          is an eventfd */
    enum bridge_watch watch;
    bool flag_is_stale;  /* IORING_SQ_TASKRUN is set, but there is no work */
    uint64_t acks;       /* calls of bridge_ack, and iterations in bridge_wait
                            after which the host has nothing to do */
    uint64_t iterations; /* loop iterations in all calls of bridge_run */
    /* With BRIDGE_HOST_FD: */
    struct op host;      /* a poll of the host's fd */
    bool host_is_ready;  /* that poll has completed */
    struct timer host_deadline; /* the end of the host's timeout */
};

/* Connects this thread's loop to a host. Borrows loop until bridge_finish.
 *
 * Returns  0        success
 *          -EINVAL  watch is BRIDGE_RING_FD, but the ring has DEFER_TASKRUN
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create an eventfd
 *          -EBUSY   the ring already has an eventfd */
int bridge_init(struct bridge *bridge, struct loop *loop,
                enum bridge_watch watch);

/* Disconnects the loop. The caller may then call loop_run or loop_finish. The
 * host must have stopped watching the fd. With BRIDGE_HOST_FD, this runs the
 * loop, and so its tasks, until the poll of the host's fd has completed.
 * Accepts a zeroed bridge. */
void bridge_finish(struct bridge *bridge);

/* Clears the signal that made the fd readable. Does not block. */
void bridge_ack(struct bridge *bridge);

/* Runs ready tasks, fires due timers, and submits the operations that they
 * start, for at most BRIDGE_ITERATIONS_MAX iterations. Never waits.
 *
 * Returns  0       success
 *          -errno  the ring is unusable */
int bridge_run(struct bridge *bridge);

/* Computes the timeout for the host's next wait for bridge->fd, in the form
 * that poll(2) and epoll_wait(2) expect. Call it after bridge_run.
 *
 * Returns  -1   no timeout
 *           0   do not wait: the loop has more to do
 *          > 0  milliseconds until the next deadline, rounded up */
int bridge_timeout_ms(const struct bridge *bridge);

/* Replaces bridge_ack, bridge_run, bridge_timeout_ms and the host's own wait.
 * Needs BRIDGE_HOST_FD. Runs ready tasks, submits, and waits until host_fd is
 * readable, an operation has completed, a timer has fired, a signal has
 * arrived, or timeout_ms have passed (-1: no limit). Waits even if no task is
 * alive, but returns immediately when the last task ends. Pass the same host_fd
 * each time. If no slot is free for the poll of host_fd, waits at most a
 * millisecond and then returns 1.
 *
 * Returns  1        poll host_fd without blocking; there may be no events
 *          0        there is nothing for the host to do: call this again, or
 *                   stop if bridge_is_idle()
 *          -ENOSPC  no timer is free
 *          -errno   the ring is unusable */
int bridge_wait(struct bridge *bridge, int host_fd, int timeout_ms);

/* Returns the number of operations in flight, excluding the bridge's poll. */
uint32_t bridge_in_flight(const struct bridge *bridge);

/* Returns true if no task is alive and no operation is in flight, so that the
 * host may end. */
bool bridge_is_idle(const struct bridge *bridge);

#endif
