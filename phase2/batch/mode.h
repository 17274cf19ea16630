/* mode.h: a mode of batch, as a table of functions that queue operations.
 * Introduced in phase 2. Needs: window.h.
 *
 * A mode decides how to queue an operation. Its callers decide when and for
 * which entry, and they handle the result. The callers are the same for all
 * modes: batch_loop.c for files, and output.c for stdout. */
#ifndef PHASE2_MODE_H
#define PHASE2_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "window.h"

struct mode {
    const char *name;
    const char *words; /* for --help */
    unsigned per_set;  /* buffers per entry */
    bool is_serial;    /* at most one operation in flight */
    bool is_direct;    /* files are opened into the ring's table */
    bool is_linked;    /* operations that depend on each other form chains */

    /* Registers files and buffers. NULL if there is nothing to register.
     * Returns 0 or -errno. */
    int (*setup)(struct window *w);
    /* Queue the operations on an entry's file. */
    void (*start)(struct window *w, struct entry *e);
    void (*read)(struct window *w, struct entry *e);
    void (*close)(struct window *w, struct entry *e);
    /* Queues one write of list to stdout. list begins with the bytes of
     * first. */
    void (*write)(struct window *w, const struct entry *first,
                  const struct iovec *list, unsigned count);
};

/* single.c defines the first two modes. Each of the others has a separate
 * file. */
extern const struct mode mode_single, mode_batch, mode_linked, mode_fixed,
    mode_vectored;

/* The offset of a write to a stdout that is not seekable. */
#define MODE_STREAM UINT64_MAX

#endif
