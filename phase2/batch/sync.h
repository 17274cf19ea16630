/* sync.h: --sync: batch without a ring.
 * Introduced in phase 2. Needs: output.h, slots.h. */
#ifndef PHASE2_SYNC_H
#define PHASE2_SYNC_H

#include "output.h"
#include "slots.h"

struct sync {
    char **files; /* borrowed: argv */
    unsigned file_count;
    struct output *output; /* borrowed: what stdout is, and the counts */
    struct slots slots;    /* one buffer */
};

/* Reads all files with open, read, write, and close.
 *
 * Returns 0       every file is done; counts->failed is how many failed
 *         -errno  stdout failed */
int sync_run(struct sync *s);

#endif
