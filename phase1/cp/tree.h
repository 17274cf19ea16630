/* tree.h: a directory, with all that is in it.
 *
 * A directory that does not exist yet appears when it is complete (root.h);
 * in one that exists each file is complete when its name appears. Small files
 * go many at a time (cp_batch.h). Links are copied as links. FIFOs, sockets and
 * devices are not copied, and are an error. What cannot be copied is said and
 * left out; the rest is copied. */
#ifndef PHASE1_CP_TREE_H
#define PHASE1_CP_TREE_H

#include "cp.h"

/* Copies the directory source to target, both names on the command line. info
 * is what stat says of source.
 *
 * Returns 0, -EINTR when asked to stop, or -errno of something that could not
 * be copied, which has been said. */
int tree_copy(struct cp *cp, const char *source, const char *target,
              const struct stat *info);

#endif
