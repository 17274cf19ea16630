/* bridge.h: this thread's loop inside a loop that somebody else wrote.
 * Introduced in phase 4. Needs: loop.h.
 *
 *     the host's loop                    ours
 *     +--> bridge_run       ------->  run tasks, submit, reap, until nothing is
 *     |    bridge_timeout_ms          left to do at once
 *     |    epoll_wait, uv_run, ...
 *     +--- bridge_heard     <-------  bridge->fd is readable: something came
 *
 * A ring can be waited for like a socket: by an eventfd that the kernel signals
 * at completions, or by the ring's own fd, which is readable while there are
 * any. So a host with a loop of its own (epoll, libuv, a GUI) can have tasks
 * that wait on the ring between its own callbacks, in its own thread.
 *
 * Rules for the host
 *  - Do call bridge_run last thing before it waits, whatever it was woken for:
 *    what its callbacks have started is submitted there, and nowhere else.
 *  - Do wait no longer than bridge_timeout_ms says.
 *  - Do call bridge_heard when bridge->fd polls readable, before bridge_run. Do
 *    not read it otherwise, and never count by it: one signal may stand for any
 *    number of completions, and may come when there are none.
 *  - Callbacks may spawn tasks, cancel them and complete futures. They may not
 *    suspend. Only the thread of the loop may do any of it: others loop_post.
 *  - Never register_eventfd_async: it keeps quiet about an operation that
 *    completes while it is submitted, and the host would sleep on it. */
#ifndef ONE_RING_BRIDGE_H
#define ONE_RING_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

/* Iterations of our loop in one bridge_run: then the host has its turn, though
 * there is more to do. */
#define BRIDGE_ROUNDS_MAX 16u

/* What the host watches. Both have a hole where the ring has DEFER_TASKRUN,
 * seen on Linux 6.18 (phase4/wakes shows it): so a host's ring is best made
 * plain.
 *
 * The ring's own fd: whoever sleeps on it in epoll_wait(2) is not woken.
 * An eventfd: it is not signalled if what completed was a wait for another
 * eventfd: from inside that one's write, the kernel puts the signal off,
 * delivers the first some 10 ms later, and forgets the others. Let no task wait
 * for an eventfd then; loop_post (post.h) does not. */
enum bridge_watch {
    BRIDGE_RING_FD, /* no second fd, and nothing to read; plain rings only */
    BRIDGE_EVENTFD, /* every ring */
};

struct bridge {
    struct loop *loop; /* borrowed */
    int fd;            /* to be polled for reading; ours to close, not his */
    enum bridge_watch watch;
    uint64_t heard;  /* times that the fd was readable */
    uint64_t rounds; /* iterations of the loop, in all bridge_runs */
};

/* Ties the loop, which is this thread's, to a host.
 * Returns 0 or -errno: -EMFILE, -ENFILE, -ENOMEM for the eventfd; -EINVAL for
 * the fd of a ring with DEFER_TASKRUN. */
int bridge_init(struct bridge *bridge, struct loop *loop,
                enum bridge_watch watch);

/* Unties it: the loop may be run by loop_run again, or finished. The host must
 * not watch the fd any more. Accepts a zeroed bridge. */
void bridge_finish(struct bridge *bridge);

/* Takes the signal back that made the fd readable. */
void bridge_heard(struct bridge *bridge);

/* Runs what can run and submits what was asked for; never waits.
 * Returns 0, or -errno if the ring is unusable. */
int bridge_run(struct bridge *bridge);

/* How long the host may wait for bridge->fd, after bridge_run: -1 for ever, 0
 * not at all, since there is more to do; else milliseconds until the next
 * deadline, rounded up. As poll(2) and epoll_wait(2) take it. */
int bridge_timeout_ms(const struct bridge *bridge);

/* True if no task is alive and no operation is in flight: the host may end. */
bool bridge_is_idle(const struct bridge *bridge);

#endif
