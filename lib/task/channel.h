/* channel.h: a bounded queue of values between tasks.
 * Introduced in phase 3. Needs: waiters.h.
 *
 *     int memory[8], number;
 *     struct channel numbers;
 *
 *     channel_init(&numbers, memory, sizeof *memory, 8);
 *     rc = channel_await_send(&numbers, &number);         // in one task
 *     while (channel_await_receive(&numbers, &number) > 0)   // in another
 *
 * A sender that is faster than the receiver has to wait when the queue is full.
 * With a capacity of 0 nothing is queued, and a send ends when its item is
 * received. Items arrive in the order of the sends. The receiver that has
 * waited longest gets the next item.
 *
 * Rules
 *  - Items are copied. Each item arrives once, or never if its send failed.
 *  - Before you free a channel, close it and let its waiting tasks run. */
#ifndef ONE_RING_CHANNEL_H
#define ONE_RING_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "waiters.h"

/* Only channel.c writes to a channel. Use a channel only within one thread. */
struct channel {
    char *memory;       /* borrowed: a circular buffer */
    size_t item_len;    /* bytes */
    uint32_t capacity;  /* items */
    uint32_t first;     /* the oldest item's index */
    uint32_t count;     /* items in memory */
    bool is_closed;
    struct queue senders;   /* waiters, only while memory is full */
    struct queue receivers; /* waiters, only while memory is empty */
};

/* Makes an empty channel. memory has room for capacity items of item_len bytes,
 * and the caller owns it. If capacity is 0, memory may be NULL. */
void channel_init(struct channel *channel, void *memory, size_t item_len,
                  uint32_t capacity);

/* Sends a copy of item. Suspends while there is no room.
 *
 * Returns 0           the item was queued or received
 *         -EPIPE      the channel is closed, or was closed during the wait
 *         -ECANCELED  the task was cancelled; the item was not sent
 *         -ETIME      the deadline passed; the item was not sent */
int channel_await_send(struct channel *channel, const void *item);

/* Receives an item and copies it to *item. Suspends until there is one.
 *
 * Returns 1           *item is set
 *         0           the channel is closed and empty
 *         -ECANCELED  the task was cancelled; no item was taken
 *         -ETIME      the deadline passed; no item was taken */
int channel_await_receive(struct channel *channel, void *item);

/* Closes the channel, and wakes every waiting task. Later sends fail, but
 * receivers still get the queued items. Does not suspend. A second call has no
 * effect. */
void channel_close(struct channel *channel);

#endif
