/* regular.c: opens a regular file, even while another process has a lease on
 * it; see regular.h. */
#include "regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "file.h"
#include "stop.h"

/* Opens the file of path_fd through /proc. Without /proc, opens the name again,
 * with O_NONBLOCK because the name may refer to a FIFO by now. Returns an fd or
 * -errno. */
static int open_again(int path_fd, const struct cp_name *name, int flags)
{
    char link[64];
    int fd;

    snprintf(link, sizeof link, "/proc/self/fd/%d", path_fd);
    do {
        fd = open(link, flags & ~O_NOFOLLOW);
    } while (fd < 0 && errno == EINTR && stop_requested() == 0);
    if (fd < 0 && errno == ENOENT)
        fd = openat(name->dir, name->path, flags | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int regular_open(const struct cp_name *name, int flags, struct stat *info)
{
    int path_fd = openat(name->dir, name->path,
                         O_PATH | O_CLOEXEC | (flags & O_NOFOLLOW));
    struct stat again;
    int fd;

    if (path_fd < 0)
        return -errno;
    if (fstat(path_fd, info) < 0)
        fd = -errno;
    else if (file_kind_of(info->st_mode) != FILE_REGULAR)
        fd = -EINVAL;
    else
        fd = open_again(path_fd, name, flags | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &again) < 0 || !file_is_same(&again, info))) {
        close(fd);
        /* Without /proc, open_again opened the name once more, and the name
         * may refer to another file by now. */
        fd = -ESTALE;
    }
    close(path_fd);
    return fd;
}
