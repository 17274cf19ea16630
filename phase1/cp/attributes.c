/* attributes.c: keeps the owner, the mode, the times and the extended
 * attributes of the source; see attributes.h. */
#include "attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "xattrs.h"

/* Returns true if error means that we may not set the owner. EINVAL means that
 * our user namespace does not map the owner. */
static bool is_refused(int error)
{
    return error == EPERM || error == EINVAL;
}

int attributes_preserve(int fd, const struct stat *source, int from,
                        struct stats *stats)
{
    struct timespec times[2] = {source->st_atim, source->st_mtim};
    mode_t mode = source->st_mode & 07777;
    bool is_owner = true;
    int rc = 0, kept;

    /* The owner comes first, because changing it clears the set-id bits. */
    if (fchown(fd, source->st_uid, source->st_gid) < 0) {
        if (!is_refused(errno))
            rc = -errno;
        /* We may still be permitted to set the group. Clear the set-id bits,
         * or the copy would run as us instead of as the source's owner. */
        (void)!fchown(fd, (uid_t)-1, source->st_gid);
        mode &= 01777;
        is_owner = false;
    }
    /* The extended attributes come after the owner, because changing the owner
     * removes a file's capabilities. They come before the mode, because a mode
     * without write permission would forbid us to set them. */
    kept = from < 0 ? 0 : xattrs_copy(from, fd, is_owner, stats);
    if (rc == 0)
        rc = kept;
    /* Remove an ACL that was inherited from the directory, because it could
     * permit more than the mode does. */
    (void)fremovexattr(fd, "system.posix_acl_access");
    if (fchmod(fd, mode) < 0 && rc == 0)
        rc = -errno;
    if (futimens(fd, times) < 0 && rc == 0)
        rc = -errno;
    return rc;
}

int attributes_preserve_link(int dir, const char *name,
                             const struct stat *source)
{
    struct timespec times[2] = {source->st_atim, source->st_mtim};
    int rc = 0;

    if (fchownat(dir, name, source->st_uid, source->st_gid,
                 AT_SYMLINK_NOFOLLOW) < 0 && !is_refused(errno))
        rc = -errno;
    if (utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 && rc == 0)
        rc = -errno;
    return rc;
}
