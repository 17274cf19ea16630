/* held.h: directories that stay open while the batch uses them.
 *
 * The batch copies files of several directories at once (cp_batch.h). It names
 * them relative to their directory, which must stay open until they are
 * copied. */
#ifndef PHASE1_CP_HELD_H
#define PHASE1_CP_HELD_H

#include "cp.h"

/* Closes the directory fd, or holds it open while the batch uses it. If too
 * many are held, waits until the batch is complete. */
void held_close(struct cp *cp, int fd);

/* Closes the held directories that the batch does not use any more. */
void held_sweep(void);

#endif
