/* worker.h: one ring of a server program, its thread and its server.
 * Introduced in phase 8. Needs: service.h, loop.h, post.h, server.h.
 *
 *     worker_init
 *         in its thread: worker_open --> worker_await_serve --> worker_close
 *         in any thread: worker_stop, worker_print (they post to its box)
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
 * pending signals of one number do. */
struct message {
    struct post post;
    atomic_bool is_under_way;
};

struct worker {
    const struct service_options *options; /* borrowed */
    unsigned number;                       /* 0 is the first */
    struct limits limits;                  /* lowered to this ring's size */
    pthread_t thread;
    struct loop loop;
    struct server server;
    bool is_serving; /* server_stop may be called */
    bool must_stop;  /* a stop has arrived, maybe before is_serving */
    struct post_box box;
    struct message stop, print; /* to this worker */
    struct message ended;       /* to the first one */
    struct post_box *home;      /* borrowed: the first worker's box */
    int listener;               /* owned, until the server has it; or -1 */
    int result;                 /* 0, or the -errno that ended it ... */
    enum service_step step;     /* ... at this step */
};

/* Makes a worker; the caller sets its listener. Borrows options and home, the
 * first worker's box. That worker's thread calls on_ended when this one's
 * thread ends.
 *
 * Returns  0  success
 *          -EMFILE, -ENFILE, -ENOMEM  no box could be made */
int worker_init(struct worker *worker, const struct service_options *options,
                struct post_box *home, void (*on_ended)(struct post *post));

/* Closes the listener, if no server has taken ownership. Accepts a zeroed
 * worker. */
void worker_finish(struct worker *worker);

/* Makes this thread's loop and lowers the limits to its size.
 *
 * Returns  0       success
 *          -errno  from loop_init, stored by worker_fail */
int worker_open(struct worker *worker);

/* Releases the server and this thread's loop. */
void worker_close(struct worker *worker);

/* Starts a thread that opens the worker, serves, and closes it.
 *
 * Returns  0        success: on_ended will be called
 *          -EAGAIN  no thread could be started: on_ended is not called */
int worker_start(struct worker *worker);

/* Serves until worker_stop. Takes the listener. Suspends.
 *
 * Returns  0       worker_stop was called
 *          -errno  stored by worker_fail with the step that failed */
int worker_await_serve(struct worker *worker);

/* Takes a worker's posts until it is cancelled: a task body. Returns -errno as
 * post_await_posts. */
int worker_take_posts(void *worker);

/* Calls server_stop in the worker's thread. Any thread may call it, from
 * worker_init to worker_finish. Does not suspend. */
void worker_stop(struct worker *worker);

/* Prints the counters in the worker's thread. Any thread may call it, from
 * worker_init to worker_finish. Does not suspend. */
void worker_print(struct worker *worker);

/* Stores step and result, unless an earlier failure is stored. Returns
 * result. */
int worker_fail(struct worker *worker, enum service_step step, int result);

#endif
