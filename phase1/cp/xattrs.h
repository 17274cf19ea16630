/* xattrs.h: copies the extended attributes of a file or directory (-p). */
#ifndef PHASE1_CP_XATTRS_H
#define PHASE1_CP_XATTRS_H

#include <stdbool.h>

#include "stats.h"

/* Copies the extended attributes user.* from the file or directory `from` to
 * `to`. If is_owner is true (`to` has the owner of `from`), copies security.*
 * and trusted.*, too, which belong to the kernel and to root. Does not copy
 * ACLs (system.*). Ignores an attribute that the file system does not have or
 * that we may not set, as cp -a does. Uses a ring if the kernel has the
 * operations, and counts them in stats.
 *
 * Returns  0       success, or there was nothing to copy
 *          -errno  of the first failure that is not ignored */
int xattrs_copy(int from, int to, bool is_owner, struct stats *stats);

#endif
