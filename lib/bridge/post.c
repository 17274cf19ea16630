/* post.c: passes work from other threads to a loop; see post.h.
 * Introduced in phase 4. Needs: post.h, await.h, err.h, sys.h, sys_end.h,
 * sys_process.h.
 *
 * What it teaches: the order of two steps on each side decides whether a
 * wake-up can be lost. Here the poster (the thread that calls loop_post) puts
 * the post into the box, then signals the doorbell. The reader clears the
 * doorbell, then takes the posts. If the two steps of either side are swapped,
 * a post can go unnoticed.
 *
 * Deliberately simple: the box has a lock; it is not a lock-free list. A poster
 * holds the lock while it signals, and the reader holds it while it takes the
 * posts. So when the last post has been taken, no poster uses the pipe any
 * more, and the program may call post_box_finish. A lock-free list could not
 * guarantee that.
 *
 * The doorbell is a pipe, although an eventfd(2) needs only one descriptor. If
 * the loop runs in a host that watches an eventfd (bridge.h), a write to our
 * eventfd would have to signal the host's eventfd as well. The kernel avoids
 * such nesting: it postpones the signal by about 10 ms, and Linux 6.18 drops
 * the following signals. IORING_OP_MSG_RING is not used either, because not
 * every poster has a ring. A poster that has one would get an error only with a
 * later CQE, when loop_post has already returned. */
#include "post.h"

#include <assert.h>
#include <string.h>

#include "await.h"
#include "err.h"
#include "sys.h"
#include "sys_end.h"
#include "sys_process.h"

int post_box_init(struct post_box *box)
{
    int rc;

    *box = (struct post_box){.lock = PTHREAD_MUTEX_INITIALIZER};
    rc = sys_pipe(box->fds);
    box->is_open = rc == 0;
    return rc;
}

void post_box_finish(struct post_box *box)
{
    if (!box->is_open)
        return;
    /* Wait until the last poster has released the lock. */
    pthread_mutex_lock(&box->lock);
    pthread_mutex_unlock(&box->lock);
    pthread_mutex_destroy(&box->lock);
    (void)sys_close(box->fds[0]);
    (void)sys_close(box->fds[1]);
    memset(box, 0, sizeof *box);
}

void loop_post(struct post_box *box, struct post *post)
{
    assert(post->fn != NULL);
    pthread_mutex_lock(&box->lock);
    if (queue_is_empty(&box->waiting)) {
        int rc;

        queue_push(&box->waiting, &post->node);
        rc = sys_event_signal(box->fds[1]);
        if (rc < 0) /* the reader would not wake up */
            sys_fatal("cannot wake a loop", rc);
    } else {
        queue_push(&box->waiting, &post->node);
    }
    pthread_mutex_unlock(&box->lock);
}

int post_await_posts(struct post_box *box)
{
    uint64_t rings; /* not a count: a signal covers any number of posts */
    struct queue posts;
    struct queue_node *node;
    int got, count = 0;

    /* If the kernel has no worker for the read, read again: a post may have
     * arrived, and no other task takes the posts. */
    do
        got = await_read(box->fds[0], &rings, sizeof rings, AWAIT_STREAM);
    while (got == -ERR_NO_WORKER);
    if (got < 0)
        return got;
    /* Take all posts: the next post finds an empty box, and signals again. */
    pthread_mutex_lock(&box->lock);
    posts = box->waiting;
    box->waiting = (struct queue){0};
    pthread_mutex_unlock(&box->lock);
    while ((node = queue_pop(&posts)) != NULL) {
        struct post *post = container_of(node, struct post, node);

        post->fn(post); /* may free post */
        count++;
    }
    return count;
}
