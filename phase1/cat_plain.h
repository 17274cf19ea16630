/* cat_plain.h: copies one input to stdout with read(2) and write(2). */
#ifndef PHASE1_CAT_PLAIN_H
#define PHASE1_CAT_PLAIN_H

#include "cat_job.h"

/* Copies job->in to job->out. It is the engine of cat-sync. The other two cats
 * use it for files that do not suit a ring (file_suits_ring). Returns 0 or
 * -errno. */
int cat_copy_plain(struct cat_job *job);

#endif
