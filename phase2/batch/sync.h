/* sync.h: implements --sync, which is batch without a ring.
 * Introduced in phase 2. Needs: output.h, slots.h. */
#ifndef PHASE2_SYNC_H
#define PHASE2_SYNC_H

#include "output.h"
#include "slots.h"

struct sync {
    char **files; /* borrowed: argv */
    unsigned file_count;
    struct output *output; /* borrowed; run and list are not used */
    struct slots slots;    /* one buffer */
};

/* Reads all files with open, read, write, and close.
 *
 * Returns 0       all files are done; counts->failed of them failed
 *         -errno  stdout failed */
int sync_run(struct sync *s);

#endif
