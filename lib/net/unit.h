/* unit.h: one ring of a server program, its thread and its server.
 * Introduced in phase 8. Needs: host.h, loop.h, post.h, server.h.
 *
 *     unit_init --> [ its thread ] unit_open --> await_unit --> unit_close
 *                          ^
 *        any thread: unit_stop, unit_print, posted to its box
 *
 * The first unit lives in the thread that calls host_run. The others have each
 * a thread of its own, unit_start, whose last word is posted to the first. A
 * unit's fields are its own thread's; the first reads result and step when the
 * thread has ended. */
#ifndef ONE_RING_UNIT_H
#define ONE_RING_UNIT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "host.h"
#include "loop.h"
#include "post.h"
#include "server.h"

/* A post that may be sent again before it has arrived: that is one message, as
 * with the signals that are its cause. */
struct message {
    struct post post;
    atomic_bool is_under_way;
};

struct unit {
    const struct host_options *options; /* borrowed */
    unsigned number;                    /* 0 is the first */
    struct limits limits;               /* as this ring can hold them */
    pthread_t thread;
    struct loop loop;
    struct server server;
    bool is_serving; /* server can be told to stop */
    bool must_stop;  /* it was told before it could */
    struct post_box box;
    struct message stop, print; /* to this unit */
    struct message ended;       /* to the first one */
    struct post_box *home;      /* borrowed: the first unit's box */
    int listener;               /* owned, until the server has it; or -1 */
    int result;                 /* 0, or the -errno that ended it, and */
    enum host_step step;        /* what it was doing */
};

/* Makes a unit that listens nowhere yet: set listener. on_ended is called in
 * the first unit's thread (home is its box) when this one's thread ends.
 * Returns 0 or -errno as post_box_init. */
int unit_init(struct unit *unit, const struct host_options *options,
              struct post_box *home, void (*on_ended)(struct post *post));

/* Closes a listener that nobody took. Accepts a zeroed unit. */
void unit_finish(struct unit *unit);

/* Makes this thread's loop, and fits the limits to it; gives it back. Returns 0
 * or -errno, and the unit has failed. */
int unit_open(struct unit *unit);
void unit_close(struct unit *unit);

/* Starts a thread that opens the unit, serves, and closes it.
 * Returns 0 or -errno; on_ended will be called only after a 0. */
int unit_start(struct unit *unit);

/* Serves until unit_stop. Suspends. Returns 0, or -errno: the unit failed. */
int await_unit(struct unit *unit);

/* The body of the task that takes a unit's posts, until it is cancelled. */
int unit_take_posts(void *unit);

/* Has the unit's server stop, as server_stop; has it print its counters. From
 * any thread, at any time between unit_init and unit_finish. */
void unit_stop(struct unit *unit);
void unit_print(struct unit *unit);

/* Writes down what failed first. Returns result. */
int unit_fail(struct unit *unit, enum host_step step, int result);

#endif
