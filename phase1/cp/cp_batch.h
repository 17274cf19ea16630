/* cp_batch.h: copies many small files at once.
 *
 * Copying a small file takes many system calls for few bytes, and most of the
 * time goes into creating the copy. The batch submits the steps of many copies
 * together: create, write, close and rename, as chains of linked SQEs
 * (small.c). While io-wq workers run them, the batch reads the next sources.
 *
 * Rules
 *  - The batch handles only success. After any failure (a file that is longer
 *    than stat reported, no permission, a full disk, an existing target) it
 *    undoes its steps and calls copy_file, which copies the file or prints the
 *    reason. After a stop request, the batch does not call copy_file.
 *  - Keep the dir of each name open as long as cp_batch_uses returns true for
 *    it. */
#ifndef PHASE1_CP_BATCH_H
#define PHASE1_CP_BATCH_H

#include <stdbool.h>

#include "cp.h"

#define CP_BATCH_FILES_MAX 64 /* files in flight */

/* Starts to copy a file. The copy is complete after cp_batch_finish. The batch
 * stores its own copies of the names. is_private: see target.h.
 *
 * Returns false if the file does not suit the batch, or if there is no ring for
 * the batch. The caller then calls copy_file. */
bool cp_batch_take(struct cp *cp, const struct cp_name *source,
                   const struct cp_name *target, bool is_private);

/* Waits until all files in the batch are complete.
 *
 * Returns  0       no file has failed since the program began
 *          -errno  of the first file that failed, after printing a message */
int cp_batch_finish(struct cp *cp);

/* Returns true if a file in the batch is opened relative to the directory dir,
 * which must therefore stay open. */
bool cp_batch_uses(int dir);

/* Returns how many directories may stay open for files in the batch: 0 if the
 * process may have only a few descriptors. */
unsigned cp_batch_directories_max(void);

/* Returns true if the ring failed with files in flight. Those files are
 * incomplete, and the kernel may still write to them. */
bool cp_batch_is_lost(void);

#endif
