/* below.c: opens names below the root of a tree; see below.h. */
#include "below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STEP_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Limits the number of attempts. openat2 can fail with EAGAIN because of a
 * rename elsewhere in the file system. */
#define TRIES_MAX 100

/* Opens one component after another. Returns the same values as
 * below_open. */
static int open_by_steps(int root, const char *path, int flags)
{
    int dir = root, fd = -ENOENT;

    for (size_t len = strcspn(path, "/"); len > 0; len = strcspn(path, "/")) {
        const char *next = path + len + strspn(path + len, "/");
        char name[NAME_MAX + 1];

        if (len > NAME_MAX || (len == 2 && strncmp(path, "..", 2) == 0)) {
            fd = len > NAME_MAX ? -ENAMETOOLONG : -EXDEV;
        } else {
            memcpy(name, path, len);
            name[len] = '\0';
            fd = openat(dir, name,
                        *next != '\0' ? STEP_FLAGS : flags | O_NOFOLLOW);
            fd = fd < 0 ? -errno : fd;
        }
        if (dir != root)
            close(dir);
        if (fd < 0)
            break;
        dir = fd;
        path = next;
    }
    return fd;
}

int below_open(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    long fd = -1;

    errno = EAGAIN;
    for (int i = 0; fd < 0 && (errno == EAGAIN || errno == EINTR) &&
                    i < TRIES_MAX; i++)
        fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd >= 0)
        return (int)fd;
    /* EPERM means that an old seccomp filter blocks the call. */
    if (errno == ENOSYS || errno == EPERM)
        return open_by_steps(root, path, flags | O_CLOEXEC);
    return -errno;
}

int below_open_parent(int root, const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    char *parent;
    int fd;

    *name = slash == NULL ? path : slash + 1;
    parent = slash == NULL ? strdup(".")
                           : strndup(path, (size_t)(slash - path));
    if (parent == NULL)
        return -ENOMEM;
    fd = below_open(root, parent, O_PATH | O_DIRECTORY);
    free(parent);
    return fd;
}
