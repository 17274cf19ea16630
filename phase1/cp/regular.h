/* regular.h: opens a regular file, even while another process has a lease on
 * it.
 *
 * An open of a FIFO waits for its other end, so a program that wants only
 * regular files opens with O_NONBLOCK. But that flag has a second meaning: if
 * a file server (Samba, NFS) has a lease on the file, the open fails with
 * EWOULDBLOCK instead of waiting until the lease is released. So the file is
 * first opened with O_PATH, which never waits. Once it is known to be regular,
 * the same file is opened again without O_NONBLOCK. */
#ifndef PHASE1_CP_REGULAR_H
#define PHASE1_CP_REGULAR_H

#include <sys/stat.h>

#include "cp.h"

/* Opens the file with flags, which may contain O_NOFOLLOW, and fills *info as
 * fstat(2) does. Waits until other processes release their leases, at most for
 * the number of seconds in /proc/sys/fs/lease-break-time.
 *
 * Returns  >= 0     an fd, which the caller owns
 *          -EINVAL  the file is not regular, or does not support O_DIRECT
 *          -EINTR   a signal asked us to stop
 *          -errno   from open(2) */
int regular_open(const struct cp_name *name, int flags, struct stat *info);

#endif
