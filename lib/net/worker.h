/* worker.h: one ring of a server program, its thread and its server.
 * Introduced in phase 8. Needs: service.h, loop.h, post.h, server.h.
 *
 *     worker_init
 *         in its thread: worker_open --> worker_await_serve --> worker_close
 *         in any thread: worker_stop, worker_print (posted to its box)
 *     worker_finish
 *
 * The first worker runs in the thread that calls service_run. Every other one
 * runs in its own thread, which worker_start creates and which notifies the
 * first worker when it ends. Only a worker's own thread uses its fields; the
 * first worker reads result and step after the thread has ended. */
#ifndef ONE_RING_WORKER_H
#define ONE_RING_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "loop.h"
#include "post.h"
#include "server.h"
#include "service.h"

/* A post that may be sent again before it has arrived. Then it arrives once, as
 * do the signals that cause it. */
struct message {
    struct post post;
    atomic_bool is_under_way;
};

struct worker {
    const struct service_options *options; /* borrowed */
    unsigned number;                       /* 0 is the first */
    struct limits limits;                  /* as this ring can hold them */
    pthread_t thread;
    struct loop loop;
    struct server server;
    bool is_serving; /* server can be told to stop */
    bool must_stop;  /* it was told before it could */
    struct post_box box;
    struct message stop, print; /* to this worker */
    struct message ended;       /* to the first one */
    struct post_box *home;      /* borrowed: the first worker's box */
    int listener;               /* owned, until the server has it; or -1 */
    int result;                 /* 0, or the -errno that ended it, and */
    enum service_step step;     /* what it was doing */
};

/* Makes a worker that listens nowhere yet: set listener. on_ended is called in
 * the first worker's thread (home is its box) when this one's thread ends.
 * Returns 0 or -errno as post_box_init. */
int worker_init(struct worker *worker, const struct service_options *options,
                struct post_box *home, void (*on_ended)(struct post *post));

/* Closes the listener, if no server has taken ownership. Accepts a zeroed
 * worker. */
void worker_finish(struct worker *worker);

/* Makes this thread's loop and adapts the limits to it; and releases it.
 * Returns 0 or -errno, and the worker has failed. */
int worker_open(struct worker *worker);
void worker_close(struct worker *worker);

/* Starts a thread that opens the worker, serves, and closes it.
 * Returns 0 or -errno; on_ended will be called only after a 0. */
int worker_start(struct worker *worker);

/* Serves until worker_stop. Suspends. Returns 0, or -errno: the worker failed.
 * */
int worker_await_serve(struct worker *worker);

/* The body of the task that takes a worker's posts, until it is cancelled. */
int worker_take_posts(void *worker);

/* Has the worker's server stop, as server_stop; has it print its counters. From
 * any thread, at any time between worker_init and worker_finish. */
void worker_stop(struct worker *worker);
void worker_print(struct worker *worker);

/* Writes down what failed first. Returns result. */
int worker_fail(struct worker *worker, enum service_step step, int result);

#endif
