/* engine.h: what all engines share: one pair of open files, and its failure.
 *
 * An engine copies a range of bytes that the source says it has. content.c
 * chooses the ranges and the engine; pump.c and plain.c are the engines. Each
 * takes the same parameters:
 *
 *     int engine(struct engine_job *job, uint64_t begin, uint64_t end,
 *                uint64_t *reached);
 *
 * It copies the bytes from begin up to end and sets *reached to where it
 * stopped: end, or less where the source has less.
 *
 * Returns  0       the range is copied, or the source ended
 *          -EINTR  a signal asked us to stop
 *          -errno  with blame and offset set in job */
#ifndef PHASE1_CP_ENGINE_H
#define PHASE1_CP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "cp.h"

#define ENGINE_ALIGN 4096 /* of buffers, and of offsets with O_DIRECT */

enum engine_blame { ENGINE_SOURCE, ENGINE_TARGET, ENGINE_RING };

struct engine_job {
    struct cp *cp;              /* borrowed */
    int in, out;                /* borrowed */
    bool in_direct, out_direct; /* O_DIRECT: in whole ENGINE_ALIGN only */
    enum engine_blame blame;    /* which of the three failed, */
    uint64_t offset;            /* and at which byte */
};

/* Records a failure in job. Returns result. */
int engine_fail(struct engine_job *job, enum engine_blame blame,
                uint64_t offset, int result);

/* Turns O_DIRECT off, for the bytes at the end that do not fill ENGINE_ALIGN.
 * From here on the file is read or written through the page cache. */
void engine_end_direct_in(struct engine_job *job);
void engine_end_direct_out(struct engine_job *job);

#endif
