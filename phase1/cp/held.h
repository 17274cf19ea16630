/* held.h: directories that stay open while the batch uses them.
 *
 * The batch copies files of several directories at once (cp_batch.h). It opens
 * each file relative to its directory, which must stay open until the file is
 * copied. */
#ifndef PHASE1_CP_HELD_H
#define PHASE1_CP_HELD_H

#include "cp.h"

/* Closes the directory fd. If the batch still uses fd, keeps it open until a
 * later held_sweep. If too many directories are held, waits until the batch is
 * complete. */
void held_close(struct cp *cp, int fd);

/* Closes the held directories that the batch does not use any more. */
void held_sweep(void);

#endif
