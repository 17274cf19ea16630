/* verify.h: implements --verify: writes, reads back, and compares the bytes.
 * Introduced in phase 2. Needs: window.h. */
#ifndef PHASE2_VERIFY_H
#define PHASE2_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "window.h"

struct copy;

struct verify {
    struct window *window; /* borrowed */
    bool is_linked;        /* the write and the read back form a chain */
    int scratch;           /* an unnamed file; -1 without --verify */
    struct copy *copies;   /* owned; one per entry */
};

/* Opens an unnamed file in directory. Returns 0 or -errno. */
int verify_open(struct verify *v, const char *directory);

/* Allocates the copies, and takes a set of buffers for each. Set window and
 * is_linked before the call. The window needs window->size spare sets. Returns
 * 0 or -ENOMEM. */
int verify_init(struct verify *v);

void verify_finish(struct verify *v);

/* Returns true if verify_open has opened the scratch file. */
bool verify_is_on(const struct verify *v);

/* Queues the next step of each entry whose memory is full, or whose file has
 * ended. */
void verify_run(struct verify *v);

/* Handles the completion of STEP_PUT or STEP_GET. */
void verify_done(struct verify *v, struct entry *e, enum step step, int result);

#endif
