/* copy.h: copies one file, from opening it to renaming the copy. */
#ifndef PHASE1_CP_COPY_H
#define PHASE1_CP_COPY_H

#include "cp.h"

/* Copies the regular file source to target. follow: if source is a symbolic
 * link, copies the file that it points to. is_private: see target.h.
 *
 * Returns  0       the file is copied, or -n kept an existing target
 *          -errno  after printing a message. The target is unchanged, or
 *                  incomplete with --inplace; or it is the new file, but -p or
 *                  --fsync has failed */
int copy_file(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool follow, bool is_private);

/* Copies the symbolic link itself. Returns the same values as copy_file. */
int copy_link(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool is_private);

/* Counts a copied file. With -v, prints both names. */
void copy_report(struct cp *cp, const char *source, const char *target);

#endif
