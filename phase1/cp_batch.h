/* cp_batch.h: many small files at once.
 *
 * A small file is all system calls and hardly any bytes. Here the calls of many
 * files go to the kernel together: open, read and close of the sources, then
 * create, write and close of the copies, the latter as a chain of linked
 * entries. The files are direct descriptors, places in a table of the ring: so
 * the write can be queued before the open has told which file it is for.
 *
 * Rules
 *  - Only what goes well is done here. Whatever does not (a file that is
 *    longer than it says, no permission, a full disk) is undone and done again
 *    by file_copy, which knows how to say why.
 *  - Only in a directory that is nobody's but ours: there a copy needs no
 *    second name while it is made, and no target can exist. */
#ifndef PHASE1_CP_BATCH_H
#define PHASE1_CP_BATCH_H

#include <stdbool.h>
#include <sys/stat.h>

#include "cp.h"

/* Whether the file that stat describes is one for the batch. */
bool batch_takes(const struct cp *cp, const struct stat *source);

/* Copies source to target, by and by. The names are copied; their directories
 * have to stay open until batch_finish. Returns 0 when it is under way, or
 * -errno where the kernel has no such ring: then use file_copy. */
int batch_add(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, const struct stat *info);

/* Waits for all that was added. Returns 0, or -errno of a file that could not
 * be copied, which has been said. */
int batch_finish(struct cp *cp);

#endif
