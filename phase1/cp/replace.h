/* replace.h: decides whether an existing file may be replaced. */
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

#endif
