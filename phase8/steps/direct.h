/* direct.h: a listening socket that is a direct descriptor.
 * Introduced in phase 8. Needs: step.h.
 *
 * The steps from echo-direct on share it. The ring must have been made with
 * step_init_ring, and nothing may be in flight. */
#ifndef PHASE8_DIRECT_H
#define PHASE8_DIRECT_H

#include "step.h"

/* The slot of the listener in the ring's table of files. */
#define DIRECT_LISTENER 0

/* Gives ring a table of files, with as many slots as this process may have open
 * files. Returns their number. Exits after printing a message if that fails. */
unsigned direct_register(const struct step *step, struct ring *ring);

/* Makes slot 0 a socket that listens at step_address, with operations of the
 * ring. Prints the line "listening on". Exits after printing a message if that
 * fails. */
void direct_listen(const struct step *step, struct ring *ring);

#endif
