/* buffers.c: sets of buffers that all have one size; see buffers.h.
 * Introduced in phase 2. Needs: buffers.h.
 *
 * What it teaches: buffers of one size are simple to manage. Longer data uses
 * several buffers, and iovecs list them. The kernel fills them one after
 * another, as if they were one buffer. */
#include "buffers.h"

int buffers_init(struct buffers *buffers, unsigned per_set, unsigned set_count)
{
    buffers->per_set = per_set;
    return slots_init(&buffers->slots, per_set * set_count, BUFFERS_LEN);
}

void buffers_finish(struct buffers *buffers)
{
    slots_finish(&buffers->slots);
}

size_t buffers_capacity(const struct buffers *buffers)
{
    return buffers->per_set * buffers->slots.len;
}

/* Cannot fail: buffers_init has allocated a set for each user. */
void buffers_take(struct buffers *buffers, unsigned *set)
{
    for (unsigned i = 0; i < buffers->per_set; i++)
        set[i] = (unsigned)slots_take(&buffers->slots);
}

/* Releases in reverse order. The first buffer is used most, so slots_take
 * should return it first, while the CPU's cache still holds it. */
void buffers_release(struct buffers *buffers, const unsigned *set)
{
    for (unsigned i = buffers->per_set; i > 0; i--)
        slots_release(&buffers->slots, set[i - 1]);
}

void buffers_lend(struct buffers *buffers, const unsigned *set)
{
    for (unsigned i = 0; i < buffers->per_set; i++)
        slots_lend(&buffers->slots, set[i]);
}

void buffers_reclaim(struct buffers *buffers, const unsigned *set)
{
    for (unsigned i = 0; i < buffers->per_set; i++)
        slots_reclaim(&buffers->slots, set[i]);
}

bool buffers_is_mine(const struct buffers *buffers, const unsigned *set)
{
    return slots_is_mine(&buffers->slots, set[0]); /* one owner per set */
}

unsigned buffers_list(const struct buffers *buffers, const unsigned *set,
                      size_t from, size_t to, struct iovec *list)
{
    const size_t len = buffers->slots.len;
    unsigned count = 0;

    while (from < to) {
        unsigned char *buf = slots_address(&buffers->slots, set[from / len]);
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
