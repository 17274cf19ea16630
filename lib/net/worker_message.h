/* worker_message.h: a post that may be sent again before it has arrived.
 * Introduced in phase 8. Needs: post.h, queue.h.
 *
 * If a message is sent twice before it arrives, it arrives once, like a signal
 * that is already pending. So a message has no contents: its receiver looks at
 * the state that the sender has changed. */
#ifndef ONE_RING_WORKER_MESSAGE_H
#define ONE_RING_WORKER_MESSAGE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "post.h"
#include "queue.h"

struct message {
    struct post post; /* set post.fn first: the receiver calls it */
    atomic_bool is_under_way;
};

/* Sends the message, unless it is under way. Any thread may call this while box
 * is open. Does not suspend. */
static inline void message_send(struct message *message, struct post_box *box)
{
    if (!atomic_exchange(&message->is_under_way, true))
        loop_post(box, &message->post);
}

/* Returns the message of a post, and allows it to be sent again. The receiver
 * calls this first. */
static inline struct message *message_received(struct post *post)
{
    struct message *message = container_of(post, struct message, post);

    atomic_store(&message->is_under_way, false);
    return message;
}

#endif
