/* engine.h: the parameters of all engines, and how they report a failure.
 *
 * An engine copies one range of a file. content.c chooses the range and the
 * engine. The engines are in pump.c and plain.c. All engines take the same
 * parameters:
 *
 *     int engine(struct engine_job *job, uint64_t begin, uint64_t end,
 *                uint64_t *reached);
 *
 * An engine copies the bytes from begin up to end. It sets *reached to the
 * offset where it stopped: end, or less if the source ends earlier.
 *
 * Returns  0       the range is copied, or the source ended
 *          -EINTR  a signal asked us to stop
 *          -errno  job->blame and job->offset are set */
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
    bool in_direct, out_direct; /* the file has O_DIRECT set */
    enum engine_blame blame;    /* the part that failed */
    uint64_t offset;            /* offset of the failure */
};

/* Records a failure in job. Returns result. */
int engine_fail(struct engine_job *job, enum engine_blame blame,
                uint64_t offset, int result);

/* Turn O_DIRECT off for job->in, or for job->out. The last part of a file may
 * be shorter than ENGINE_ALIGN. From then on the file is read or written
 * through the page cache. */
void engine_end_direct_in(struct engine_job *job);
void engine_end_direct_out(struct engine_job *job);

#endif
