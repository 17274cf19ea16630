/* optional.c: operations that a file system may lack; see optional.h. */
#include "optional.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool optional_is_missing(int result)
{
    return result == -EOPNOTSUPP || result == -EINVAL || result == -ENOSYS ||
           result == -ENOTTY;
}

int optional_sync_directory(int fd)
{
    int rc = fsync(fd) < 0 ? -errno : 0;

    return optional_is_missing(rc) ? 0 : rc;
}

int optional_sync_names(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

    if (fd < 0)
        return -errno;
    rc = optional_sync_directory(fd);
    close(fd);
    return rc;
}
