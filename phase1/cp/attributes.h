/* attributes.h: keeps the owner, the mode, the times and the extended
 * attributes of the source (-p).
 *
 * Without -p, cp-uring does not set them. The kernel then chooses the mode of a
 * new file or directory: it applies the umask, or the default ACL of the parent
 * directory, to the mode that is passed to open(2) or mkdir(2). */
#ifndef PHASE1_CP_ATTRIBUTES_H
#define PHASE1_CP_ATTRIBUTES_H

#include <sys/stat.h>

#include "stats.h"

/* Sets the owner, the mode and the times of fd's file or directory to those of
 * source. from is the fd of the source, or -1. If it is not -1, copies the
 * extended attributes, too (xattrs.h). If one of these steps fails, still takes
 * the others. Only root may set the owner, so a refusal is not a failure, as in
 * cp(1). If the owner was not set, the copy gets no set-id bits.
 *
 * Returns  0       all are set, except the owner if we may not set it
 *          -errno  of the first failure */
int attributes_preserve(int fd, const struct stat *source, int from,
                        struct stats *stats);

/* Sets the owner and the times of a symbolic link, `name` in dir, to those of
 * source. The mode of a link has no meaning. Returns the same values as
 * attributes_preserve. */
int attributes_preserve_link(int dir, const char *name,
                             const struct stat *source);

#endif
