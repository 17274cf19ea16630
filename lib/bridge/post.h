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
 * doorbell. The posts that follow before the loop looks cost no system call. No
 * post is lost: post_await_posts reads the pipe first and takes the posts
 * afterwards, and a post is in the box before its doorbell is signalled. So a
 * doorbell that was read found its post there, and one that was not read makes
 * the next post_await_posts return.
 *
 * Rules
 *  - The box owns a post from loop_post until it calls the post's fn; fn
 *    decides who owns it then. It may be posted again from inside fn.
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

/* Makes an empty box. Returns 0 or -errno: -EMFILE, -ENFILE, -ENOMEM. */
int post_box_init(struct post_box *box);

/* Releases the box. No thread may post any more, and posts that were not taken
 * are dropped. Accepts a zeroed box. */
void post_box_finish(struct post_box *box);

/* Posts to the loop whose task reads the box. Any thread may call it, at any
 * time, also the loop's own. Does not suspend, does not allocate, cannot fail;
 * holds a lock for as long as a write(2) to a pipe takes. post->fn is set.
 *
 * The posts of one thread are run in the order of posting. */
void loop_post(struct post_box *box, struct post *post);

/* Suspends until there are posts, and calls the fn of each, oldest first.
 *
 * Returns how many: possibly 0; or -ECANCELED or -ETIME, and the posts stay. */
int post_await_posts(struct post_box *box);

#endif
