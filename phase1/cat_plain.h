/* cat_plain.h: copies one input to stdout by read(2) and write(2). */
#ifndef PHASE1_CAT_PLAIN_H
#define PHASE1_CAT_PLAIN_H

#include "cat_job.h"

/* The engine of cat-sync. All three cats use it for files with which a ring
 * cannot be trusted (file_suits_ring). Returns 0 or -errno. */
int cat_copy_plain(struct cat_job *job);

#endif
