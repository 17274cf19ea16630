/* plain.h: the engines without a ring; engine.h has their contract. */
#ifndef PHASE1_CP_PLAIN_H
#define PHASE1_CP_PLAIN_H

#include "engine.h"

/* Reads into a buffer and writes from it. Works for every pair of files. */
int plain_copy_rw(struct engine_job *job, uint64_t begin, uint64_t end,
                  uint64_t *reached);

/* Copies in the kernel with copy_file_range(2). The file system may share the
 * blocks instead of copying. Falls back to plain_copy_rw. */
int plain_copy_file_range(struct engine_job *job, uint64_t begin, uint64_t end,
                          uint64_t *reached);

/* Moves pages through a pipe with splice(2). Falls back to plain_copy_rw. */
int plain_copy_splice(struct engine_job *job, uint64_t begin, uint64_t end,
                      uint64_t *reached);

#endif
