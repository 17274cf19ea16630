/* threadpool.h: calls that block, run by threads of a pool.
 * Introduced in phase 4. Needs: post.h, queue.h, task.h.
 *
 *   a task                           a worker thread
 *     threadpool_await_call --> [ jobs ] -------> fn(arg), which may block
 *         ^                                  |
 *         +---- the pool's reader <--- loop_post
 *
 * Not all that blocks is a ring operation: getaddrinfo(3) reads files and talks
 * to servers behind one call, a library compresses or signs for a second. While
 * a task does that, its whole loop is blocked. So a worker thread makes the
 * call, and the task waits for it as it waits for a read.
 *
 * Rules
 *  - fn runs in another thread, at the same time as every task of the loop. It
 *    may touch what arg points at and nothing else: no ring, no loop, no task.
 *  - Open signals (signals.h) before the pool: its threads inherit what is
 *    blocked.
 *  - arg may live in the frame of the task that waits: threadpool_await_call
 *    returns only when no worker uses it any more.
 *  - A pool belongs to one loop. Its size is the number of calls that run at a
 *    time. The number of waiting calls is bounded by the number of tasks. */
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
    unsigned count;      /* threads that run; 0: the pool is not there */
    struct post_box box; /* jobs that are done */
    struct task reader;  /* takes them, in the loop's thread */
};

/* Starts count threads (1 to THREADPOOL_MAX), and a task of this thread's loop
 * that takes their results. Returns 0 or -errno: -EAGAIN, -EMFILE, -ENFILE,
 * -ENOMEM. On failure nothing is left. */
int threadpool_init(struct threadpool *pool, unsigned count);

/* Suspends until all threads and the reader have ended. Nobody may be waiting
 * in threadpool_await_call. Accepts a zeroed pool. */
void threadpool_await_finish(struct threadpool *pool);

/* Suspends the current task until a worker has called fn(arg).
 *
 * Returns what fn returned, by convention >= 0 or -errno. A task that is
 * cancelled or out of time gets -ECANCELED or -ETIME if no worker has begun,
 * and fn will not be called. If one has begun nothing can stop it: the call
 * returns fn's result, and the interruption is delivered by the next call that
 * suspends. */
int threadpool_await_call(struct threadpool *pool, int (*fn)(void *arg),
                          void *arg);

#endif
