/* memory.c: a place's memory, which is one buffer or several of the pool.
 * Introduced in phase 2. Needs: batch_ring.h.
 *
 * What it teaches: buffers of one size are simple to own. What is longer takes
 * several, and an iovec lists them: the kernel fills them in turn, as if they
 * were one. They change hands together. */
#include "batch_ring.h"

size_t batch_capacity(const struct batch *b)
{
    return b->pieces * b->slots.len;
}

/* There is a buffer for every place: none of these is ever refused. */
void batch_take(struct batch *b, unsigned *slots)
{
    for (unsigned i = 0; i < b->pieces; i++)
        slots[i] = (unsigned)slots_take(&b->slots);
}

/* In reverse: the first buffer, the one that was used if any was, is then the
 * first to be taken again, while the CPU's cache still has it. */
void batch_release(struct batch *b, const unsigned *slots)
{
    for (unsigned i = b->pieces; i > 0; i--)
        slots_release(&b->slots, slots[i - 1]);
}

void batch_lend(struct batch *b, const unsigned *slots)
{
    for (unsigned i = 0; i < b->pieces; i++)
        slots_lend(&b->slots, slots[i]);
}

void batch_reclaim(struct batch *b, const unsigned *slots)
{
    for (unsigned i = 0; i < b->pieces; i++)
        slots_reclaim(&b->slots, slots[i]);
}

bool batch_is_mine(const struct batch *b, const unsigned *slots)
{
    return slots_is_mine(&b->slots, slots[0]); /* and so are the others */
}

unsigned batch_list(const struct batch *b, const unsigned *slots, size_t from,
                    size_t to, struct iovec *list)
{
    const size_t len = b->slots.len;
    unsigned count = 0;

    while (from < to) {
        unsigned char *buf = slots_address(&b->slots, slots[from / len]);
        size_t end = (from / len + 1) * len;

        if (end > to)
            end = to;
        list[count].iov_base = buf + from % len;
        list[count].iov_len = end - from;
        count++;
        from = end;
    }
    return count;
}
