/* many_nops.h: more operations than the submission queue has entries.
 *
 * An exercise of phase 2; see phase2/exercises/README.md. */
#ifndef MANY_NOPS_H
#define MANY_NOPS_H

#include <liburing.h>

/* Runs count nops. Their user_data are the numbers 0 to count - 1. Calls done
 * with the user_data of each CQE. Submits many SQEs per call.
 *
 * Returns 0       every nop has completed
 *         -errno  the ring failed */
int many_nops(struct io_uring *ring, unsigned count,
              void (*done)(uint64_t number));

#endif
