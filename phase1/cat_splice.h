/* cat_splice.h: moves pages from or into a pipe with splice(2). */
#ifndef PHASE1_CAT_SPLICE_H
#define PHASE1_CAT_SPLICE_H

#include "cat_job.h"

/* Copies job->in to job->out with splice(2). The input must be a pipe. If
 * stdout is a pipe, the input may instead be a block device or a regular file
 * that is not empty.
 *
 * Returns  0        the input is copied to its end
 *          -EINVAL  the kernel cannot splice these two files, or cannot splice
 *                   the rest: copy the input from job->in_offset on with
 *                   reads and writes
 *          -errno   splice failed */
int cat_copy_spliced(struct cat_job *job);

#endif
