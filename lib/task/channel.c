/* channel.c: a bounded queue of values between tasks; see channel.h.
 * Introduced in phase 3. Needs: channel.h.
 *
 * What it teaches: an item is copied as soon as its destination is known. If a
 * receiver waits, the sender copies the item into the receiver's memory. If a
 * sender waits, a receiver that makes room in the queue copies the sender's
 * item into the queue. So a task that wakes up already has its result, and a
 * cancel cannot interrupt a transfer halfway. */
#include "channel.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void channel_init(struct channel *channel, void *memory, size_t item_len,
                  uint32_t capacity)
{
    assert(item_len > 0 && (memory != NULL || capacity == 0));
    *channel = (struct channel){
        .memory = memory,
        .item_len = item_len,
        .capacity = capacity,
    };
}

/* Returns the address of item n; item 0 is the oldest. */
static char *slot_of(const struct channel *channel, uint32_t n)
{
    uint64_t index = ((uint64_t)channel->first + n) % channel->capacity;

    return channel->memory + index * channel->item_len;
}

static void put(struct channel *channel, const void *item)
{
    assert(channel->count < channel->capacity);
    memcpy(slot_of(channel, channel->count), item, channel->item_len);
    channel->count++;
}

/* The cast drops const, but channel.c writes only to the item of a receiver. */
int channel_await_send(struct channel *channel, const void *item)
{
    struct waiter *receiver = waiters_first(&channel->receivers);

    if (channel->is_closed)
        return -EPIPE;
    if (receiver != NULL) {
        memcpy(receiver->item, item, channel->item_len);
        waiters_serve(&channel->receivers, 1);
        return 0;
    }
    if (channel->count == channel->capacity)
        return waiters_await_result(&channel->senders, (void *)item);
    put(channel, item);
    return 0;
}

int channel_await_receive(struct channel *channel, void *item)
{
    struct waiter *sender = waiters_first(&channel->senders);

    if (channel->count > 0) {
        memcpy(item, slot_of(channel, 0), channel->item_len);
        channel->first = (channel->first + 1) % channel->capacity;
        channel->count--;
    } else if (sender != NULL) { /* capacity is 0: there is no queue */
        memcpy(item, sender->item, channel->item_len);
    } else if (channel->is_closed) {
        return 0;
    } else {
        return waiters_await_result(&channel->receivers, item);
    }
    if (sender != NULL) {
        if (channel->capacity > 0)
            put(channel, sender->item);
        waiters_serve(&channel->senders, 0);
    }
    return 1;
}

void channel_close(struct channel *channel)
{
    channel->is_closed = true;
    while (waiters_first(&channel->senders) != NULL)
        waiters_serve(&channel->senders, -EPIPE);
    while (waiters_first(&channel->receivers) != NULL)
        waiters_serve(&channel->receivers, 0);
}
