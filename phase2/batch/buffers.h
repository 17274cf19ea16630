/* buffers.h: a pool of buffers of one size, used in sets of one or more.
 * Introduced in phase 2. Needs: slots.h.
 *
 * A set is the memory of one file in the window. Its buffers change owner
 * together; see slots.h for the three owners. */
#ifndef PHASE2_BUFFERS_H
#define PHASE2_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "slots.h"

#define BUFFERS_PER_SET_MAX 4u

/* A buffer has 64 KiB plus a page, so that a file of exactly 64 KiB does not
 * fill its first buffer. If it did, batch would have to write out the buffer
 * before the read that finds the end of the file. */
#define BUFFERS_LEN 69632u

struct buffers {
    struct slots slots;
    unsigned per_set; /* buffers of one set, at most BUFFERS_PER_SET_MAX */
};

/* Allocates set_count sets. Returns 0 or -ENOMEM. */
int buffers_init(struct buffers *buffers, unsigned per_set, unsigned set_count);

/* Frees the memory. Asserts that the kernel owns no buffer. */
void buffers_finish(struct buffers *buffers);

/* Returns the size of one set in bytes. */
size_t buffers_capacity(const struct buffers *buffers);

/* A set is an array of per_set slot indices. The next four functions change the
 * owner of a set: take from FREE to MINE, release from MINE to FREE, lend from
 * MINE to KERNEL, and reclaim from KERNEL to MINE. */
void buffers_take(struct buffers *buffers, unsigned *set);
void buffers_release(struct buffers *buffers, const unsigned *set);
void buffers_lend(struct buffers *buffers, const unsigned *set);
void buffers_reclaim(struct buffers *buffers, const unsigned *set);

/* Returns true if the program owns the set, false if the kernel does. */
bool buffers_is_mine(const struct buffers *buffers, const unsigned *set);

/* Fills list with the iovecs of bytes [from, to) of a set, for readv and
 * writev. Returns their number, at most per_set. */
unsigned buffers_list(const struct buffers *buffers, const unsigned *set,
                      size_t from, size_t to, struct iovec *list);

#endif
