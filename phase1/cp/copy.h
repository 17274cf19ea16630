/* copy.h: one file, from its opening to its new name. */
#ifndef PHASE1_CP_COPY_H
#define PHASE1_CP_COPY_H

#include "cp.h"

/* Copies the regular file source to target. follow: a source that is a
 * symbolic link stands for its file. is_private: see target.h.
 *
 * Returns 0 (also where an existing target was left alone), or -errno, which
 * has been said: then the target is as before. */
int copy_file(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool follow, bool is_private);

/* Copies the symbolic link source as a link. Returns as copy_file. */
int copy_link(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool is_private);

/* Says what was copied, with -v, and counts it. */
void copy_report(struct cp *cp, const char *source, const char *target);

#endif
