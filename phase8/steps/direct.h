/* direct.h: sockets that are direct descriptors: a listener, and its clients.
 * Introduced in phase 8. Needs: step.h.
 *
 * The steps from echo-direct on share it. A slot is the number of a socket in
 * the table of files of a thread's ring. Each SQE that uses one has
 * IOSQE_FIXED_FILE. */
#ifndef PHASE8_DIRECT_H
#define PHASE8_DIRECT_H

#include "step.h"

/* Gives ring a table of files, with as many slots as this process may have open
 * files. Exits after printing a message if that fails. */
void direct_register(const struct step *step, struct ring *ring);

/* Calls direct_register. Makes slot 0 a socket that listens at step_address,
 * with operations of the ring. Nothing may be in flight. Prints the line
 * "listening on". Exits after printing a message if that fails. */
void direct_listen(const struct step *step, struct ring *ring);

/* Accepts one client, if a slot is free. Otherwise sets step->is_paused. The
 * CQE has this handle. */
void direct_accept(struct step *step, struct ring *ring, uint64_t handle);

/* Takes the result of an accept. Returns the slot of the client, which the
 * caller owns, or -errno. Call direct_accept afterwards, unless
 * step->is_paused is set. */
int direct_accepted(struct step *step, int result);

/* Closes a slot. If step->is_paused is set, calls step->accept. No operation of
 * the socket may be in flight: closing it would neither cancel the operation
 * nor send a FIN. */
void direct_close(const struct step *step, struct ring *ring, int slot);

#endif
