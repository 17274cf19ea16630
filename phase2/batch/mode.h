/* mode.h: what a mode of batch is: the operations that it queues.
 * Introduced in phase 2. Needs: window.h.
 *
 * A mode decides how an operation is made. The callers decide when, for which
 * entry, and what the result means, and do so for all modes alike: batch_loop.c
 * for files, output.c for stdout, verify.c for the scratch file. */
#ifndef PHASE2_MODE_H
#define PHASE2_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "window.h"

struct mode {
    const char *name;
    const char *words; /* for --help */
    unsigned per_set;  /* buffers of one entry */
    bool is_serial;    /* at most one operation in flight */
    bool is_direct;    /* files are opened into the ring's table */
    bool is_linked;    /* operations that depend on each other form chains */

    /* Registers what the mode needs. Returns 0 or -errno. NULL: nothing. */
    int (*setup)(struct window *w);
    /* Queue the operations on an entry's file. */
    void (*start)(struct window *w, struct entry *e);
    void (*read)(struct window *w, struct entry *e);
    void (*close)(struct window *w, struct entry *e);
    /* Queues one write of list to stdout. The bytes of first come first. */
    void (*write)(struct window *w, const struct entry *first,
                  const struct iovec *list, unsigned count);
};

/* In single.c, and in a file each. */
extern const struct mode mode_single, mode_batch, mode_linked, mode_fixed,
    mode_vectored;

/* The offset of a write to a stdout without offsets. */
#define MODE_STREAM UINT64_MAX

#endif
