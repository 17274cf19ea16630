/* cp_batch.h: many small files at once.
 *
 * A small file is all system calls and hardly any bytes: most of its time goes
 * into creating the copy. Here the creating, writing, closing and renaming of
 * many copies goes to the kernel together, as chains of linked entries
 * (small.c); while workers do them, the next sources are read.
 *
 * Rules
 *  - Only what goes well is done here. Whatever does not (a file that is
 *    longer than it says, no permission, a full disk, a target that exists)
 *    is undone, and left to copy_file, which knows how to say why.
 *  - The directories that names start from stay open until cp_batch_finish. */
#ifndef PHASE1_CP_BATCH_H
#define PHASE1_CP_BATCH_H

#include <stdbool.h>

#include "cp.h"

/* Takes a file for the batch: it will be copied by and by. False if it is not
 * for the batch, or the kernel has no ring for one: use copy_file. The names
 * are copied. is_private: see target.h. */
bool cp_batch_take(struct cp *cp, const struct cp_name *source,
                   const struct cp_name *target, bool is_private);

/* Waits for all that was taken. Returns 0, or -errno of the first file, ever,
 * that could not be copied, which has been said. */
int cp_batch_finish(struct cp *cp);

/* Whether the ring was lost with files under way: they are not whole, and the
 * kernel may still be writing them. */
bool cp_batch_is_lost(void);

#endif
