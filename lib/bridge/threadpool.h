/* threadpool.h: runs blocking calls in the threads of a pool.
 * Introduced in phase 4. Needs: post.h, queue.h, task.h.
 *
 *   a task                           a worker thread
 *     threadpool_await_call --> [ jobs ] -------> fn(arg), which may block
 *         ^                                  |
 *         +---- the pool's reader <--- loop_post
 *
 * Not every blocking call has a ring operation. getaddrinfo(3) reads files and
 * queries servers in one call, and a compression library may compute for a
 * second. A task that made such a call would block its whole loop. So a worker
 * thread makes the call, and the task waits for the result as for a read.
 *
 * Rules
 *  - fn runs in another thread, at the same time as the tasks of the loop. It
 *    may use only the data that arg points to, and must not use a ring, a loop
 *    or a task.
 *  - Call signals_open (signals.h) before threadpool_init, so that the threads
 *    inherit the blocked signals.
 *  - arg may point into the stack frame of the waiting task, because
 *    threadpool_await_call returns only when no worker uses arg any more.
 *  - A pool belongs to one loop. The number of its threads is the maximum
 *    number of calls that run at the same time. Further calls wait in a queue,
 *    at most one per task. */
#ifndef ONE_RING_THREADPOOL_H
#define ONE_RING_THREADPOOL_H

#include <pthread.h>
#include <stdbool.h>

#include "post.h"
#include "queue.h"
#include "task.h"

#define THREADPOOL_MAX 64u

struct threadpool {
    pthread_mutex_t lock;
    pthread_cond_t work_or_end;
    struct queue jobs; /* not yet begun; protected by lock */
    bool is_ending;    /* protected by lock */
    pthread_t threads[THREADPOOL_MAX];
    unsigned count;      /* running threads; 0: not initialized */
    struct post_box box; /* finished jobs */
    struct task reader;  /* the task that takes finished jobs */
};

/* Starts count threads (1 to THREADPOOL_MAX), and a task in this thread's loop
 * that takes their results. On failure, all resources are released.
 *
 * Returns  0                 success
 *          -EAGAIN           cannot start a thread or the task
 *          -EMFILE, -ENFILE  no fd is free for the doorbell
 *          -ENOMEM           out of memory */
int threadpool_init(struct threadpool *pool, unsigned count);

/* Ends all threads, and suspends until the reader task has ended. No task may
 * be in threadpool_await_call. Accepts a zeroed pool. */
void threadpool_await_finish(struct threadpool *pool);

/* Suspends the current task until a worker has called fn(arg). Borrows arg. If
 * the task is interrupted while a worker runs fn, fn runs to its end. Then this
 * returns fn's result, and the next suspending call reports the interruption.
 *
 * Returns  fn's result  >= 0 or -errno, by convention
 *          -ECANCELED   the task was cancelled; fn is not called
 *          -ETIME       the deadline passed; fn is not called */
int threadpool_await_call(struct threadpool *pool, int (*fn)(void *arg),
                          void *arg);

#endif
