/* socket_name.c: the name of a Unix socket; see socket_name.h.
 * Introduced in phase 8. Needs: socket_name.h, sys.h, sys_net.h.
 *
 * What it teaches: a path does not identify a file. At the next system call,
 * the same path may name another file. So compare (device, inode). */
#include "socket_name.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "sys.h"
#include "sys_net.h"

static socklen_t address_len(const struct sockaddr_un *at)
{
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                       strlen(at->sun_path) + 1);
}

/* Locks the directory that contains the path. Returns the same as
 * sys_lock_directory. */
static int lock_directory_of(const struct sockaddr_un *at)
{
    char directory[sizeof at->sun_path + 1] = ".";
    const char *slash = strrchr(at->sun_path, '/');

    if (slash != NULL) { /* keep the slash: "/socket" is in "/" */
        size_t len = (size_t)(slash - at->sun_path) + 1;

        memcpy(directory, at->sun_path, len);
        directory[len] = '\0';
    }
    return sys_lock_directory(directory);
}

static int bind_with_mode(int fd, const struct sockaddr_un *at, mode_t mode)
{
    const struct sockaddr *to = (const struct sockaddr *)at;
    mode_t umask;
    int rc;

    if (mode == 0)
        return sys_bind(fd, to, address_len(at));
    /* Set the umask before the bind. A chmod(2) after the bind would be too
     * late, because a client could connect in between. */
    umask = sys_umask(0777 & ~mode);
    rc = sys_bind(fd, to, address_len(at));
    (void)sys_umask(umask);
    return rc;
}

/* Returns true if the name is a socket that no process has bound. Tests this by
 * connecting a datagram socket, which a server does not notice. */
static bool is_stale(const struct sockaddr_un *at)
{
    struct stat found;
    int fd, rc;

    if (sys_stat_name(at->sun_path, &found) < 0 || !S_ISSOCK(found.st_mode))
        return false;
    fd = sys_socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0)
        return false;
    rc = sys_connect(fd, (const struct sockaddr *)at, address_len(at));
    sys_close(fd);
    return rc == -ECONNREFUSED;
}

int socket_name_bind(int fd, const struct sockaddr_un *at, mode_t mode,
                     struct socket_name *name)
{
    int lock = lock_directory_of(at);
    struct stat bound;
    int rc;

    if (lock == -EWOULDBLOCK)
        return -EADDRINUSE;
    rc = bind_with_mode(fd, at, mode);
    if (rc == -EADDRINUSE && lock >= 0 && is_stale(at)) {
        rc = sys_unlink(at->sun_path);
        if (rc == 0)
            rc = bind_with_mode(fd, at, mode);
    }
    if (rc == 0 && sys_stat_name(at->sun_path, &bound) == 0)
        *name = (struct socket_name){bound.st_dev, bound.st_ino};
    if (lock >= 0)
        sys_close(lock);
    return rc;
}

void socket_name_remove(const struct sockaddr_un *at, struct socket_name *name)
{
    struct stat found;

    if (name->inode != 0 && sys_stat_name(at->sun_path, &found) == 0 &&
        found.st_dev == name->device && found.st_ino == name->inode)
        (void)sys_unlink(at->sun_path);
    *name = (struct socket_name){0};
}
