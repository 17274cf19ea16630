/* worker.h: one ring of a server program, with its thread and its server.
 * Introduced in phase 8. Needs: service.h, loop.h, server.h, worker_message.h.
 *
 *     worker_init
 *         in its thread: worker_open --> worker_await_serve --> worker_close
 *         in any thread: worker_stop, worker_print (they post to its box)
 *     worker_finish
 *
 * The first worker runs in the thread that calls service_run. Every other
 * worker runs in its own thread, which worker_start creates. Just before such a
 * thread ends, it notifies the first worker.
 *
 * From worker_start until the thread has ended, only that thread uses the
 * worker's fields, except these:
 *  - box has a lock. Any thread may post to it.
 *  - Any thread may send stop and print. The threads of other workers send
 *    has_room. The thread of the first worker receives ended.
 *  - While a handoff is under way, the thread of its worker `to` reads it.
 *  - room and is_full are atomic. All workers' threads read both and take slots
 *    from room. Only the worker's own thread sets is_full. */
#ifndef ONE_RING_WORKER_H
#define ONE_RING_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "loop.h"
#include "server.h"
#include "service.h"
#include "worker_message.h"

/* A connection on its way to another worker. */
struct handoff {
    struct message message;
    struct worker *from, *to; /* borrowed */
    int fd;                   /* owned while under way */
};

#define HANDOFFS_MAX 16 /* connections under way from one worker */

struct worker {
    const struct service_options *options; /* borrowed */
    struct worker *workers;                /* borrowed: all workers */
    unsigned count;                        /* the number of workers */
    struct limits limits;                  /* lowered to fit this ring */
    pthread_t thread;
    struct loop loop;
    struct server server;
    bool is_serving; /* server_stop may be called */
    bool must_stop;  /* a stop was requested, maybe before is_serving */
    struct post_box box;
    struct message stop, print; /* sent to this worker */
    struct message has_room;    /* sent to this worker: try to hand off again */
    struct message ended;       /* sent to the first worker */
    struct handoff handoffs[HANDOFFS_MAX]; /* sent by this worker */
    struct server_peers peers;
    struct room room;           /* free slots that any worker may take */
    atomic_bool is_full;        /* server needs a slot of another worker */
    int listener;               /* owned until the server takes it; or -1 */
    int result;                 /* 0, or the -errno of the failure */
    enum service_step step;     /* the step that failed, if result < 0 */
};

/* Initializes worker, one of count workers. After that, the caller must set
 * worker->listener. Borrows options and workers. The first worker's thread
 * calls on_ended when this worker's thread ends.
 *
 * Returns  0  success
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create the box */
int worker_init(struct worker *worker, const struct service_options *options,
                struct worker *workers, unsigned count,
                void (*on_ended)(struct post *post));

/* Releases the box, and closes the listener unless the server took it. Accepts
 * a zeroed worker. */
void worker_finish(struct worker *worker);

/* Initializes this thread's loop, and lowers the limits to fit its ring.
 *
 * Returns  0       success
 *          -errno  from loop_init, stored by worker_fail */
int worker_open(struct worker *worker);

/* Releases the server and this thread's loop. */
void worker_close(struct worker *worker);

/* Starts a thread that opens the worker, serves, and closes it.
 *
 * Returns  0        success; on_ended will be called
 *          -EAGAIN  cannot start a thread; on_ended will not be called */
int worker_start(struct worker *worker);

/* Serves until worker_stop. Takes ownership of the listener. Suspends.
 *
 * Returns  0       worker_stop was called
 *          -errno  the error that worker_fail stored, with the failed step */
int worker_await_serve(struct worker *worker);

/* Task body. Takes a worker's posts until the task is cancelled. Returns -errno
 * from post_await_posts. */
int worker_take_posts(void *worker);

/* Makes the worker's thread call server_stop. Any thread may call this between
 * worker_init and worker_finish. Does not suspend. */
void worker_stop(struct worker *worker);

/* Makes the worker's thread print the counters. Any thread may call this
 * between worker_init and worker_finish. Does not suspend. */
void worker_print(struct worker *worker);

/* Stores step and result, unless an earlier failure is stored. Returns
 * result. */
int worker_fail(struct worker *worker, enum service_step step, int result);

#endif
