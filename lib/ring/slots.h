/* slots.h: a fixed set of buffers, each with one owner at a time.
 * Introduced in phase 2. Needs: nothing.
 *
 *              slots_take                slots_lend
 *      FREE  -------------->   MINE   --------------->  KERNEL
 *            <--------------          <---------------
 *             slots_release             slots_reclaim
 *
 * The kernel owns the buffer of an operation from the submit until the
 * operation's terminal CQE. The program must not read, write, move or reuse the
 * buffer before that CQE, not even after a timeout. Reusing a buffer too early
 * silently corrupts data, perhaps once in a million runs. The functions of this
 * file assert that a buffer has the right owner before each transition. In a
 * build with AddressSanitizer, they also poison every buffer that the program
 * does not own (FREE or KERNEL). The program then stops at the line that
 * touches such a buffer.
 *
 * Rules
 *  - Lend a buffer just before you fill its SQE. Reclaim it after the terminal
 *    CQE, whatever the result is.
 *  - Do not use a pointer from slots_lend or slots_data after the buffer's next
 *    transition.
 *  - After a successful read, the buffer has cqe->res valid bytes; the rest is
 *    garbage.
 *
 * Nothing here suspends a task, and nothing allocates after slots_init. */
#ifndef ONE_RING_SLOTS_H
#define ONE_RING_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

#define SLOTS_COUNT_MAX 65536u
#define SLOTS_LEN_MAX (1u << 30)

struct slot;

struct slots {
    unsigned char *memory; /* owned: the buffers, one after the other */
    struct slot *table;    /* owned: the states, after the last buffer */
    size_t len;            /* bytes of one buffer */
    size_t stride;         /* bytes from one buffer to the next */
    size_t mapped;         /* bytes of the whole mapping */
    unsigned count;        /* buffers */
    unsigned free_count;   /* buffers that are FREE */
    unsigned first_free;   /* index of the buffer that was released last */
};

/* Makes count buffers of len bytes each, all FREE. The first is aligned to a
 * page, the others to 64 bytes. If len is a multiple of the page size, all are
 * aligned to a page, which is enough for O_DIRECT.
 *
 * Returns 0        the buffers are ready
 *         -EINVAL  count or len is 0 or above its limit
 *         -ENOMEM  no memory */
int slots_init(struct slots *slots, unsigned count, size_t len);

/* Releases the memory. No buffer may be KERNEL (asserted), because the kernel
 * might write to the released memory. Accepts a zeroed object. */
void slots_finish(struct slots *slots);

/* Takes the free buffer that was released last (FREE -> MINE), because its
 * bytes may still be in the CPU cache.
 *
 * Returns >= 0      the buffer's index
 *         -ENOBUFS  no buffer is free */
int slots_take(struct slots *slots);

/* Releases a buffer (MINE -> FREE). */
void slots_release(struct slots *slots, unsigned slot);

/* Lends a buffer to the kernel (MINE -> KERNEL). Returns its address for an
 * SQE. The program must not access the bytes until slots_reclaim. */
void *slots_lend(struct slots *slots, unsigned slot);

/* Takes a buffer back after the terminal CQE (KERNEL -> MINE). */
void slots_reclaim(struct slots *slots, unsigned slot);

/* Returns the bytes of a buffer, which must be MINE (asserted). */
void *slots_data(const struct slots *slots, unsigned slot);

/* Returns true if a buffer is MINE. slots_is_kernel returns true if it is
 * KERNEL. */
bool slots_is_mine(const struct slots *slots, unsigned slot);
bool slots_is_kernel(const struct slots *slots, unsigned slot);

/* Returns the address of a buffer in any state. Use it to register the buffer,
 * not to access its bytes. */
void *slots_address(const struct slots *slots, unsigned slot);

#endif
