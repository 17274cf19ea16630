/* slots.h: a fixed set of buffers, each with one owner at a time.
 * Introduced in phase 2. Needs: nothing.
 *
 *              slots_take                slots_lend
 *      FREE  -------------->   MINE   --------------->  KERNEL
 *            <--------------          <---------------
 *             slots_release             slots_reclaim
 *
 * From submit until its CQE the kernel owns the buffer of an operation: nobody
 * reads, writes, moves or reuses it, not even after a timeout. A buffer that is
 * reused too early gives wrong bytes once in a million runs and no message.
 * Here every step along the arrows is asserted, and under AddressSanitizer the
 * bytes of a buffer that is not MINE are poisoned, so that touching them stops
 * the program at the line that does it.
 *
 * Rules
 *  - Do lend a buffer just before its SQE is filled, and reclaim it when the
 *    terminal CQE is in, whatever that CQE says.
 *  - Do not keep the pointer of slots_lend or slots_data beyond the next step.
 *  - Beyond cqe->res bytes the content of a reclaimed buffer is garbage.
 *
 * Nothing here suspends, and nothing allocates after slots_init. */
#ifndef ONE_RING_SLOTS_H
#define ONE_RING_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

#define SLOTS_COUNT_MAX 65536u
#define SLOTS_LEN_MAX (1u << 30)

struct slot;

struct slots {
    unsigned char *memory; /* owned: the buffers, one after the other */
    struct slot *table;    /* owned: the state of each; ends the mapping */
    size_t len;            /* bytes of one buffer */
    size_t stride;         /* from one buffer's start to the next one's */
    size_t mapped;         /* bytes of the whole mapping */
    unsigned count;        /* buffers */
    unsigned free_count;   /* those that are FREE */
    unsigned first_free;   /* the one that was released last */
};

/* Makes count buffers of len bytes each, all FREE. The first begins at a page,
 * the others at multiples of 64; with len a multiple of the page they all begin
 * at a page, as O_DIRECT wants them.
 *
 * Returns 0; -EINVAL if count or len is 0 or beyond its limit; -ENOMEM. */
int slots_init(struct slots *slots, unsigned count, size_t len);

/* Releases the memory. No buffer may be KERNEL: asserted, since the kernel
 * would go on writing to it. Accepts a zeroed object. */
void slots_finish(struct slots *slots);

/* FREE -> MINE: any free buffer, the one released last first, since its bytes
 * are still in the CPU's cache. Returns its number, or -ENOBUFS if none is. */
int slots_take(struct slots *slots);

/* MINE -> FREE. */
void slots_release(struct slots *slots, unsigned slot);

/* MINE -> KERNEL. Returns the address to put into an SQE; it is not ours to
 * look through until slots_reclaim. */
void *slots_lend(struct slots *slots, unsigned slot);

/* KERNEL -> MINE: its operation's terminal CQE is in. */
void slots_reclaim(struct slots *slots, unsigned slot);

/* The bytes of a buffer that is MINE; asserted. */
void *slots_data(const struct slots *slots, unsigned slot);

/* Whether a buffer is MINE, or the kernel's. */
bool slots_is_mine(const struct slots *slots, unsigned slot);
bool slots_is_kernel(const struct slots *slots, unsigned slot);

/* A buffer's address, whoever owns it: to register it, never to look. */
void *slots_address(const struct slots *slots, unsigned slot);

#endif
