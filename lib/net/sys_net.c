/* sys_net.c: system calls for sockets and their names; see sys_net.h.
 * Introduced in phase 8. Needs: sys_net.h. */
#include "sys_net.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

static int result_of(int returned)
{
    return returned < 0 ? -errno : returned;
}

int sys_open_stdio(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* open(2) returns the lowest free number, which is fd. */
        if (open("/dev/null", O_RDWR | O_NOCTTY) < 0)
            return -errno;
    }
    return 0;
}

bool sys_signal_is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

mode_t sys_umask(mode_t mask)
{
    return umask(mask);
}

uint64_t sys_raise_open_files(void)
{
    struct rlimit limit;
    int rc = getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t soft = limit.rlim_cur;

    assert(rc == 0);
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : soft;
}

uint64_t sys_locked_memory_max(void)
{
    struct rlimit limit;
    int rc = getrlimit(RLIMIT_MEMLOCK, &limit);

    assert(rc == 0);
    return limit.rlim_cur;
}

int sys_stat_name(const char *path, struct stat *out)
{
    return result_of(lstat(path, out));
}

int sys_unlink(const char *path)
{
    return result_of(unlink(path));
}

int sys_lock_directory(const char *path)
{
    int fd = result_of(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int rc = fd < 0 ? fd : result_of(flock(fd, LOCK_EX | LOCK_NB));

    if (rc == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

int sys_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    return result_of(connect(fd, address, len));
}

int sys_shutdown(int fd, int how)
{
    return result_of(shutdown(fd, how));
}

int sys_peer_address(int fd, struct sockaddr_storage *out)
{
    socklen_t len = sizeof *out;

    return result_of(getpeername(fd, (struct sockaddr *)out, &len));
}

int sys_set_open_flags(int fd, int flags)
{
    return result_of(fcntl(fd, F_SETFL, flags));
}

int sys_adopt_listener(int fd)
{
    int type = 0, listens = 0;
    socklen_t len = sizeof type;

    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0)
        return -errno;
    return type == SOCK_STREAM && listens ? 0 : -EINVAL;
}

int sys_send_now(int fd, const void *bytes, size_t len)
{
    return result_of((int)send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int sys_process_id(void)
{
    return (int)getpid();
}

bool sys_has_input(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    return poll(&ready, 1, 0) == 1;
}

/* Converts an error of getaddrinfo(3). Returns -errno. */
static int failure_of_lookup(int error)
{
    switch (error) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        return -ENOENT;
    case EAI_AGAIN:
        return -EAGAIN;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_SYSTEM:
        return errno > 0 ? -errno : -EIO;
    default:
        return -EIO;
    }
}

int sys_look_up(const char *host, struct sockaddr_storage *found,
                socklen_t *lens, unsigned max, unsigned *count)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list;
    int error = getaddrinfo(host, NULL, &hints, &list);

    *count = 0;
    if (error != 0)
        return failure_of_lookup(error);
    for (struct addrinfo *at = list; at != NULL && *count < max;
         at = at->ai_next) {
        if (at->ai_family != AF_INET && at->ai_family != AF_INET6)
            continue;
        memcpy(&found[*count], at->ai_addr, at->ai_addrlen);
        lens[(*count)++] = at->ai_addrlen;
    }
    freeaddrinfo(list);
    return 0;
}

unsigned sys_interface_index(const char *name)
{
    return if_nametoindex(name);
}
