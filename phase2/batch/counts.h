/* counts.h: the numbers that --stats prints.
 * Introduced in phase 2. Needs: nothing. */
#ifndef PHASE2_COUNTS_H
#define PHASE2_COUNTS_H

#include <stdint.h>

struct counts {
    unsigned failed;       /* files that were not read to their end */
    uint64_t bytes;        /* written, discarded, or verified */
    uint64_t operations;   /* SQEs */
    uint64_t submits;      /* calls of io_uring_enter */
    uint64_t system_calls; /* all calls, including submits and set-up */
};

#endif
