/* replace.h: decides whether an existing file may be replaced, and explains why
 * not.
 *
 * A rename replaces a name in a directory. So the permissions and flags of the
 * directory decide, not those of the file. A mount point cannot be replaced. */
#ifndef PHASE1_CP_REPLACE_H
#define PHASE1_CP_REPLACE_H

#include <sys/stat.h>

#include "target.h"

/* Decides whether the file with the target's name may be replaced. existing is
 * its stat.
 *
 * Returns  0       it may be replaced
 *          1       keep it: -n, or it is already a copy of this source
 *          -errno  it may not be replaced; a message was printed */
int replace_check(const struct target *target, const struct cp *cp,
                  const struct stat *existing);

/* Prints why the new file cannot get the target's name. result is that of the
 * rename. Returns result. */
int replace_explain(const struct target *target, int result);

/* True if names can be added to the directory path, relative to dir, but not
 * renamed or removed (chattr +a). An empty path means dir itself. */
bool replace_is_append_only(int dir, const char *path);

#endif
