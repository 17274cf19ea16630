/* cat_splice.h: moves pages from or into a pipe by splice(2). */
#ifndef PHASE1_CAT_SPLICE_H
#define PHASE1_CAT_SPLICE_H

#include "cat_job.h"

/* Copies job->in to job->out if one of them is a pipe and the input is ready:
 * a pipe, a block device, or a file that is not empty.
 *
 * Returns  0        the input is copied to its end
 *          -EINVAL  the kernel cannot splice these two, or cannot any further:
 *                   copy the rest, from job->in_offset, in another way
 *          -errno   the failure */
int cat_copy_spliced(struct cat_job *job);

#endif
