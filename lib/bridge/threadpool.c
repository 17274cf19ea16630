/* threadpool.c: runs blocking calls in a pool of threads; see threadpool.h.
 * Introduced in phase 4. Needs: threadpool.h, future.h, sys.h.
 *
 * What it teaches: a thread pool is a queue with a lock, and posts return the
 * results (post.h). A job is in the stack frame of the waiting task, like an
 * operation. The worker thread has the role of the kernel. */
#include "threadpool.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "future.h"
#include "sys.h"

struct job {
    struct queue_node node;   /* in pool->jobs until a worker begins */
    struct threadpool *pool;  /* borrowed */
    int (*fn)(void *arg);
    void *arg;           /* borrowed from the caller */
    int result;          /* written by the worker before it posts */
    bool was_withdrawn; /* interrupted before a worker began */
    struct post post;
    struct future future; /* used only by the loop's thread */
    struct task_wait wait;
};

static void *work(void *arg)
{
    struct threadpool *pool = arg;
    struct queue_node *node;
    struct job *job;

    for (;;) {
        pthread_mutex_lock(&pool->lock);
        while (queue_is_empty(&pool->jobs) && !pool->is_ending)
            pthread_cond_wait(&pool->work_or_end, &pool->lock);
        node = queue_pop(&pool->jobs);
        pthread_mutex_unlock(&pool->lock);
        if (node == NULL) /* the pool is ending */
            return NULL;
        job = container_of(node, struct job, node);
        job->result = job->fn(job->arg);
        loop_post(&pool->box, &job->post); /* job may no longer exist */
    }
}

static void threadpool_on_done(struct post *post)
{
    struct job *job = container_of(post, struct job, post);

    future_complete(&job->future, job->result);
}

/* Removes the job from the queue. Does nothing if a worker has begun it. */
static void threadpool_on_interrupt(struct task_wait *wait)
{
    struct job *job = container_of(wait, struct job, wait);
    struct queue_node *node;

    pthread_mutex_lock(&job->pool->lock);
    for (node = job->pool->jobs.first; node != NULL; node = node->next)
        job->was_withdrawn |= node == &job->node;
    if (job->was_withdrawn)
        queue_remove(&job->pool->jobs, &job->node);
    pthread_mutex_unlock(&job->pool->lock);
    if (job->was_withdrawn)
        future_complete(&job->future, -ECANCELED);
}

static void end_threads(struct threadpool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_ending = true;
    pthread_cond_broadcast(&pool->work_or_end);
    pthread_mutex_unlock(&pool->lock);
    while (pool->count > 0) {
        int rc = sys_thread_join(pool->threads[--pool->count]);

        assert(rc == 0);
    }
    pthread_cond_destroy(&pool->work_or_end);
    pthread_mutex_destroy(&pool->lock);
}

/* Runs as the reader task. Passes results to the waiting tasks until it is
 * cancelled. */
static int read_results(void *arg)
{
    struct threadpool *pool = arg;
    int rc;

    do
        rc = post_await_posts(&pool->box);
    while (rc >= 0);
    return rc;
}

int threadpool_init(struct threadpool *pool, unsigned count)
{
    int rc;

    assert(count > 0 && count <= THREADPOOL_MAX);
    memset(pool, 0, sizeof *pool);
    rc = post_box_init(&pool->box);
    if (rc < 0)
        return rc;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work_or_end, NULL);
    while (rc == 0 && pool->count < count) {
        rc = sys_thread_start(&pool->threads[pool->count], work, pool);
        if (rc == 0)
            pool->count++;
    }
    if (rc == 0)
        rc = task_spawn(&pool->reader, "workers", read_results, pool);
    if (rc == 0)
        return 0;
    end_threads(pool);
    post_box_finish(&pool->box);
    memset(pool, 0, sizeof *pool);
    return rc;
}

void threadpool_await_finish(struct threadpool *pool)
{
    if (pool->count == 0)
        return;
    assert(queue_is_empty(&pool->jobs));
    end_threads(pool); /* does not wait for long: no thread has work */
    task_cancel(&pool->reader);
    (void)task_join(&pool->reader);
    post_box_finish(&pool->box);
    memset(pool, 0, sizeof *pool);
}

int threadpool_await_call(struct threadpool *pool, int (*fn)(void *arg),
                          void *arg)
{
    struct job job = {
        .pool = pool,
        .fn = fn,
        .arg = arg,
        .post.fn = threadpool_on_done,
        .wait.interrupt = threadpool_on_interrupt,
    };
    int result;

    assert(pool->count > 0 && fn != NULL);
    pthread_mutex_lock(&pool->lock);
    queue_push(&pool->jobs, &job.node);
    pthread_cond_signal(&pool->work_or_end);
    pthread_mutex_unlock(&pool->lock);
    result = future_wait_until_done(&job.future, &job.wait);
    return job.was_withdrawn ? task_take_interruption() : result;
}
