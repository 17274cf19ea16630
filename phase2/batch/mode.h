/* mode.h: the five modes of batch, and what they are made of.
 * Introduced in phase 2. Needs: batch.h.
 *
 * A mode queues operations; when, for which place and what their results mean
 * is window.c's business, and the same for all of them. */
#ifndef ONE_RING_BATCH_MODE_H
#define ONE_RING_BATCH_MODE_H

#include "batch.h"

/* What one mode does differently. The window, the order, short reads and
 * errors are the same for all: see window.c. */
struct batch_mode {
    const char *name;
    const char *words; /* for --help */
    unsigned pieces;   /* buffers of one place */
    bool is_serial;    /* one operation in flight, ever */
    bool is_direct;    /* files open into the ring's table, not as fds */
    bool is_linked;    /* operations that depend on each other form chains */

    /* Registers what the mode needs. Returns 0 or -errno. */
    int (*setup)(struct batch *b);
    /* Queue the operations for a place. */
    void (*start)(struct batch *b, unsigned place);
    void (*read)(struct batch *b, unsigned place);
    void (*close)(struct batch *b, unsigned place);
    /* Queues one write of what b->run lists, from b->run_list[0] on. */
    void (*write)(struct batch *b, unsigned list_count);
};

extern const struct batch_mode batch_single, batch_batch, batch_linked,
    batch_fixed, batch_vectored;

/* The offset of a write to a stdout that has no offsets. */
#define BATCH_STREAM UINT64_MAX

/* plain.c: the operations as they are in mode batch. */
void batch_plain_start(struct batch *b, unsigned place);
void batch_plain_read(struct batch *b, unsigned place);
void batch_plain_close(struct batch *b, unsigned place);
void batch_plain_write(struct batch *b, unsigned list_count);

#endif
