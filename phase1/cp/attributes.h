/* attributes.h: keeps the owner, the mode and the times of the source (-p).
 *
 * Without -p there is nothing to set: the kernel chooses the mode of a new file
 * or directory from the mode that open(2) or mkdir(2) requests, and from the
 * umask or the default ACL of the directory. */
#ifndef PHASE1_CP_ATTRIBUTES_H
#define PHASE1_CP_ATTRIBUTES_H

#include <sys/stat.h>

/* Sets the owner, the mode and the times of fd's file or directory to those of
 * source. If one of them fails, still sets the others. Only root may set the
 * owner, so that failure is ignored, as cp does. If the owner was not set, the
 * copy gets no set-id bits.
 *
 * Returns  0       all are set, or the owner was refused
 *          -errno  of the first failure */
int attributes_preserve(int fd, const struct stat *source);

/* Sets the owner and the times of the symbolic link name in dir. The mode of a
 * link has no meaning. Returns the same values as attributes_preserve. */
int attributes_preserve_link(int dir, const char *name,
                             const struct stat *source);

#endif
