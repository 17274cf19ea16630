/* tree.h: copies a directory tree: its directories, files and links.
 *
 * A new target directory gets its final name only when it is complete (root.h).
 * In an existing directory, each file gets its final name only when that file
 * is complete. Small files are copied many at a time (cp_batch.h). Links are
 * copied as links. FIFOs, sockets and devices are not copied; each is an error.
 * After an error the walk prints a message and continues. */
#ifndef PHASE1_CP_TREE_H
#define PHASE1_CP_TREE_H

#include "cp.h"

/* Copies the directory source to target. Both are paths from the command line.
 * info is the stat of source.
 *
 * Returns  0       everything is copied
 *          -EINTR  a signal asked us to stop
 *          -errno  of the first entry that failed, after printing a message */
int tree_copy(struct cp *cp, const char *source, const char *target,
              const struct stat *info);

#endif
