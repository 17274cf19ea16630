/* batch_loop.h: the loop of batch, and the parts that it calls.
 * Introduced in phase 2. Needs: batch_ring.h, counts.h, mode.h, output.h,
 * verify.h, window.h.
 *
 *                    batch_loop
 *            ____________|____________
 *           |       |        |        |
 *         output  verify   a mode     |
 *           |_______|________|________|
 *                   window
 *              batch_ring, buffers
 *
 * Each part calls only the parts below it. */
#ifndef PHASE2_BATCH_LOOP_H
#define PHASE2_BATCH_LOOP_H

#include <stdbool.h>

#include "batch_ring.h"
#include "counts.h"
#include "mode.h"
#include "output.h"
#include "verify.h"
#include "window.h"

struct batch_loop {
    const struct mode *mode;
    struct batch_ring ring;
    struct window window;
    struct output output;
    struct verify verify;
    struct counts counts;
    bool is_out_of_fds; /* wait for a close before the next open */
};

/* Reads all files. After an error, operations may still be in flight: end the
 * process, and do not free the buffers.
 *
 * Returns 0       all files are done; counts.failed of them failed
 *         -errno  the output or the ring failed */
int batch_loop_run(struct batch_loop *loop);

#endif
