/* replace.h: decides whether an existing file may be replaced, and explains a
 * refusal.
 *
 * A rename replaces a name in a directory. So it needs write permission for the
 * directory, not for the file. It fails if the file or the directory is
 * immutable or append-only (chattr +i, +a), or if the file is a mount point. */
#ifndef PHASE1_CP_REPLACE_H
#define PHASE1_CP_REPLACE_H

#include <sys/stat.h>

#include "target.h"

/* Decides whether the file with the target's name may be replaced. existing is
 * the stat of that file.
 *
 * Returns  0       it may be replaced
 *          1       keep it: -n, or it is already a copy of this source
 *          -errno  it may not be replaced; a message was printed */
int replace_check(const struct target *target, const struct cp *cp,
                  const struct stat *existing);

/* Prints why the new file cannot get the target's name. result is the -errno of
 * the rename or link that failed. Returns result. */
int replace_explain(const struct target *target, int result);

/* Returns true if the directory path, relative to dir, is append-only (chattr
 * +a): names can be added to it, but not renamed or removed. An empty path
 * means dir itself. */
bool replace_is_append_only(int dir, const char *path);

#endif
