/* pump.h: the engine that keeps many blocks of one file in flight. */
#ifndef PHASE1_CP_PUMP_H
#define PHASE1_CP_PUMP_H

#include "engine.h"

/* Creates the ring and the buffers. Call it before the first copy. Returns 0 or
 * -errno. */
int pump_init(struct cp *cp);

/* Releases the ring and the buffers. If the ring has failed, keeps them,
 * because the kernel may still write to the buffers. cp-uring does not call
 * this function, because the end of the process releases them. */
void pump_finish(void);

/* Copies a range through the ring; engine.h has the contract. */
int pump_copy(struct engine_job *job, uint64_t begin, uint64_t end,
              uint64_t *reached);

#endif
