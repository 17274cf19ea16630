/* sim_registered.h: files and buffers that are registered with a ring.
 *
 *     fd ------> struct sim_file <------ slot 0 of the ring's table
 *                struct sim_file <------ slot 1
 *
 * A slot holds its file as a descriptor does. An operation with
 * IOSQE_FIXED_FILE uses the slot, so a file that is opened into a slot needs no
 * descriptor. One ring of a run may have a table and buffers. */
#ifndef PHASE6_SIM_REGISTERED_H
#define PHASE6_SIM_REGISTERED_H

#include <stdbool.h>
#include <stddef.h>

#include "sim_file.h"

/* Forgets the table and the buffers. */
void registered_begin(void);

/* Returns the file of a slot, or NULL. */
struct sim_file *registered_file(int slot);

/* Puts file into a slot, in place of the file that was there. NULL empties the
 * slot.
 *
 * Returns 0       the slot has the file
 *         -ENXIO  the ring has no table
 *         -EINVAL the table has no such slot
 *         -EBADF  file is NULL, and the slot is empty */
int registered_put(unsigned slot, struct sim_file *file);

/* Returns true if memory is inside the registered buffer with this index. */
bool registered_has(unsigned index, const void *memory, size_t len);

/* Empties all slots: the ring ends. */
void registered_end(void);

#endif
