/* channel.h: a bounded queue of values from task to task.
 * Introduced in phase 3. Needs: waiters.h.
 *
 *     int memory[8], number;
 *     struct channel numbers;
 *
 *     channel_init(&numbers, memory, sizeof *memory, 8);
 *     rc = channel_await_send(&numbers, &number);         one task
 *     while (channel_await_receive(&numbers, &number) > 0)   another
 *
 * A sender that is faster than the receiver waits: that is the point of the
 * bound. With a bound of 0 nothing is queued: a send ends when the item is
 * received. Items arrive in the order of the sends. Among several receivers,
 * the one that has waited longest gets the next item.
 *
 * Rules
 *  - Items are copied. An item arrives once or, if its send failed, never.
 *  - No task may wait in a channel that goes away: close it, let them run. */
#ifndef ONE_RING_CHANNEL_H
#define ONE_RING_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "waiters.h"

/* Read by anybody, written by channel.c. Tasks of one thread only. */
struct channel {
    char *memory;       /* borrowed: capacity items in a circle */
    size_t item_len;    /* bytes */
    uint32_t capacity;  /* items */
    uint32_t first;     /* the oldest item's index */
    uint32_t count;     /* items in memory */
    bool is_closed;
    struct queue senders;   /* of struct waiter; then memory is full */
    struct queue receivers; /* of struct waiter; then memory is empty */
};

/* memory holds capacity items of item_len bytes, and stays the caller's. A
 * capacity of 0 is allowed, and memory may be NULL then. */
void channel_init(struct channel *channel, void *memory, size_t item_len,
                  uint32_t capacity);

/* Sends a copy of item; suspends while there is no room. Returns 0; -EPIPE if
 * the channel is closed, or was while this waited; or -ECANCELED or -ETIME: the
 * item was not sent. */
int channel_await_send(struct channel *channel, const void *item);

/* Receives into item; suspends until there is one. Returns 1; 0 if the channel
 * is closed and empty; or -ECANCELED or -ETIME, and nothing was taken. */
int channel_await_receive(struct channel *channel, void *item);

/* Nothing can be sent any more; what is on the way still arrives. Wakes all who
 * wait. Does not suspend. Closing twice is closing once. */
void channel_close(struct channel *channel);

#endif
