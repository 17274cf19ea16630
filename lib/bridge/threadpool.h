/* threadpool.h: calls that block, run by threads of a pool.
 * Introduced in phase 4. Needs: post.h, queue.h, task.h.
 *
 *   a task                           a worker thread
 *     threadpool_await_call --> [ jobs ] -------> fn(arg), which may block
 *         ^                                  |
 *         +---- the pool's reader <--- loop_post
 *
 * Not every blocking call is a ring operation: getaddrinfo(3) reads files and
 * talks to servers in one call, and a library may compress or sign for a
 * second. While a task does that, its whole loop is blocked. So a worker thread
 * makes the call, and the task waits for it as it waits for a read.
 *
 * Rules
 *  - fn runs in another thread, at the same time as the tasks of the loop. It
 *    may use only the data that arg points at: no ring, no loop, no task.
 *  - Open signals (signals.h) before the pool: its threads inherit the blocked
 *    signals.
 *  - arg may be in the frame of the task that waits: threadpool_await_call
 *    returns only when no worker uses arg any more.
 *  - A pool belongs to one loop. Its size is the number of calls that run at a
 *    time. The number of tasks bounds the number of waiting calls. */
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
    struct queue jobs; /* under the lock: waiting for a thread */
    bool is_ending;    /* under the lock */
    pthread_t threads[THREADPOOL_MAX];
    unsigned count;      /* threads that run; 0: not initialised */
    struct post_box box; /* finished jobs */
    struct task reader;  /* takes them, in the loop's thread */
};

/* Starts count threads (1 to THREADPOOL_MAX), and a task of this thread's loop
 * that takes their results. On failure nothing is left.
 *
 * Returns  0                 success
 *          -EAGAIN           no thread, or no task, could be started
 *          -EMFILE, -ENFILE  no fd is free for the doorbell
 *          -ENOMEM           out of memory */
int threadpool_init(struct threadpool *pool, unsigned count);

/* Ends all threads and suspends until the reader has ended. No task may be in
 * threadpool_await_call. Accepts a zeroed pool. */
void threadpool_await_finish(struct threadpool *pool);

/* Suspends the current task until a worker has called fn(arg). Borrows arg. If
 * the task is interrupted after a worker has begun, nothing stops the call:
 * this returns fn's result, and the next call that suspends reports the
 * interruption.
 *
 * Returns  fn's result  >= 0 or -errno, by convention
 *          -ECANCELED   the task was cancelled; fn is not called
 *          -ETIME       its deadline passed; fn is not called */
int threadpool_await_call(struct threadpool *pool, int (*fn)(void *arg),
                          void *arg);

#endif
