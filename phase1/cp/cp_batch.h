/* cp_batch.h: copies many small files at once.
 *
 * Copying a small file means many system calls and few bytes. Most of the time
 * goes into creating the copy. The batch submits the steps of many copies
 * together: create, write, close, rename, as chains of linked entries
 * (small.c). While io-wq workers run them, it reads the next sources.
 *
 * Rules
 *  - The batch handles success only. After any failure (a file that is longer
 *    than stat reported, no permission, a full disk, an existing target) it
 *    undoes its steps and calls copy_file, which prints the reason.
 *  - Keep the directories that names start from open until cp_batch_finish. */
#ifndef PHASE1_CP_BATCH_H
#define PHASE1_CP_BATCH_H

#include <stdbool.h>

#include "cp.h"

/* Starts to copy a file; the copy is complete after cp_batch_finish. Copies the
 * names. is_private: see target.h.
 *
 * Returns false if the file does not suit the batch, or the kernel has no ring
 * for it: then call copy_file. */
bool cp_batch_take(struct cp *cp, const struct cp_name *source,
                   const struct cp_name *target, bool is_private);

/* Waits until all files of the batch are complete. Returns 0, or the -errno of
 * the first file since the program began that could not be copied, after
 * printing a message. */
int cp_batch_finish(struct cp *cp);

/* True if the ring failed with files in flight. They are incomplete, and the
 * kernel may still write to them. */
bool cp_batch_is_lost(void);

#endif
