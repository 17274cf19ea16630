/* post.h: passes work from other threads to a loop.
 * Introduced in phase 4. Needs: queue.h.
 *
 *   any thread                          the loop's thread
 *     loop_post --> [ waiting ] --------> post_await_posts --> post->fn(post)
 *         \                                 ^
 *          \-- if it was empty: a pipe -----/  read through the ring
 *
 * Only one thread may use a ring (ring.h), so other threads must not start
 * operations or complete futures themselves. loop_post is the only function of
 * lib that a thread may call on another thread's loop. It puts a post (a small
 * job) into the loop's box, and signals the doorbell, which is a pipe.
 *
 * Wake-ups are coalesced: loop_post signals the doorbell only if the box was
 * empty. Further posts do not need a system call until the reader has emptied
 * the box. No post is lost: loop_post puts the post into the box before it
 * signals, and post_await_posts reads the pipe before it takes the posts. So a
 * reader that has read a signal finds the post, and a signal that is still
 * unread makes the next post_await_posts return.
 *
 * Rules
 *  - The box owns a post from loop_post until the reader calls the post's fn.
 *    Then fn owns it, and may free it or post it again.
 *  - Only one task, the reader, takes posts from a box.
 *  - If no thread calls loop_post any more, post_box_finish may be called as
 *    soon as the reader has taken the last post. */
#ifndef ONE_RING_POST_H
#define ONE_RING_POST_H

#include <pthread.h>

#include "queue.h"

struct post {
    struct queue_node node;
    /* Called by the reader, in the loop's thread. May free or reuse the post.
     * Must not suspend, because the posts after it would have to wait. */
    void (*fn)(struct post *post);
};

struct post_box {
    pthread_mutex_t lock;
    struct queue waiting; /* protected by lock */
    int fds[2];           /* owned: the doorbell, a pipe */
    bool is_open;
};

/* Creates an empty box and its pipe.
 *
 * Returns  0        success
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create the pipe */
int post_box_init(struct post_box *box);

/* Releases the box, and drops posts that were not taken. No thread may post to
 * it any more. Accepts a zeroed box. */
void post_box_finish(struct post_box *box);

/* Passes post to the task that reads the box. Takes ownership of post; post->fn
 * must be set. Any thread may call this at any time, even the loop's thread.
 * Does not suspend, does not allocate, and cannot fail. Holds the lock during a
 * write(2) to the pipe. The posts of one thread keep their order. */
void loop_post(struct post_box *box, struct post *post);

/* Suspends until there are posts, and calls the fn of each, oldest first.
 *
 * Returns  >= 0        the number of posts; 0 if an earlier call took them all
 *          -ECANCELED  the task was cancelled; no post is lost
 *          -ETIME      the deadline passed; no post is lost */
int post_await_posts(struct post_box *box);

#endif
