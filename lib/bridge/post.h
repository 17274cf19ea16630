/* post.h: work that other threads pass to a loop.
 * Introduced in phase 4. Needs: queue.h.
 *
 *   any thread                          the loop's thread
 *     loop_post --> [ waiting ] --------> post_await_posts --> post->fn(post)
 *         \                                 ^
 *          \-- if it was empty: a pipe -----/  read through the ring
 *
 * A ring has one owner (ring.h), so another thread cannot start or complete
 * anything itself. loop_post is the only function of lib that a thread may call
 * on another thread's loop: it puts a post into the box and signals the
 * doorbell, a pipe.
 *
 * Posts are coalesced: only the post that finds the box empty signals the
 * doorbell. The posts that follow before the reader takes them cost no system
 * call. No post is lost: post_await_posts reads the pipe first and takes the
 * posts afterwards, and a post is in the box before its doorbell is signalled.
 * So the reader that reads a doorbell finds its post, and a doorbell that is
 * still unread makes the next post_await_posts return.
 *
 * Rules
 *  - The box owns a post from loop_post until the reader calls the post's fn.
 *    Then fn owns it, and may free it or post it again.
 *  - One task takes the posts of a box: it is the box's reader.
 *  - As soon as the last post has been taken, no poster touches the box any
 *    more: then it may be finished. */
#ifndef ONE_RING_POST_H
#define ONE_RING_POST_H

#include <pthread.h>

#include "queue.h"

struct post {
    struct queue_node node;
    /* Called on the loop's thread, by the reader. May free or reuse the post.
     * Must not suspend: the posts behind it would wait. */
    void (*fn)(struct post *post);
};

struct post_box {
    pthread_mutex_t lock;
    struct queue waiting; /* under the lock */
    int fds[2];           /* owned: the doorbell, a pipe */
    bool is_open;
};

/* Makes an empty box and its pipe.
 *
 * Returns  0        success
 *          -EMFILE, -ENFILE, -ENOMEM  no pipe could be made */
int post_box_init(struct post_box *box);

/* Releases the box. No thread may post any more, and posts that were not taken
 * are dropped. Accepts a zeroed box. */
void post_box_finish(struct post_box *box);

/* Posts to the loop whose task reads the box. Takes ownership of post, whose fn
 * is set. Any thread may call it at any time, the loop's own thread too. Does
 * not suspend, does not allocate, and cannot fail. Holds a lock during a
 * write(2) to a pipe. The posts of one thread run in the order of posting. */
void loop_post(struct post_box *box, struct post *post);

/* Suspends until there are posts, and calls the fn of each, oldest first.
 *
 * Returns  >= 0        the number of posts; 0 if an earlier call took them
 *          -ECANCELED  the task was cancelled; no post is lost
 *          -ETIME      its deadline passed; no post is lost */
int post_await_posts(struct post_box *box);

#endif
