/* net.c: addresses as text, and listening sockets; see net.h.
 * Introduced in phase 8. Needs: net.h, await.h, sys.h.
 *
 * What it teaches: a program creates its listening socket once, with calls that
 * do not block and so do not need a ring. Only the wait for an address that is
 * in use suspends the task. */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "await.h"
#include "sys.h"

#define BIND_TRIES 50
#define BIND_PAUSE_NS UINT64_C(20000000) /* 20 ms */

static int parse_unix(struct net_address *address, const char *path)
{
    struct sockaddr_un *to = (struct sockaddr_un *)&address->storage;
    size_t len = strlen(path);

    if (len == 0)
        return -EINVAL;
    if (len >= sizeof to->sun_path)
        return -ENAMETOOLONG;
    to->sun_family = AF_UNIX;
    memcpy(to->sun_path, path, len + 1);
    address->len = (socklen_t)offsetof(struct sockaddr_un, sun_path) +
                   (socklen_t)len + 1;
    return 0;
}

int net_parse(struct net_address *address, const char *name, unsigned port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->storage;

    memset(address, 0, sizeof *address);
    if (strncmp(name, "unix:", 5) == 0)
        return parse_unix(address, name + 5);
    if (port > 65535)
        return -ERANGE;
    if (inet_pton(AF_INET, name, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        address->len = sizeof *v4;
        return 0;
    }
    if (inet_pton(AF_INET6, name, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        address->len = sizeof *v6;
        return 0;
    }
    return -EINVAL;
}

void net_format(const struct net_address *address, char text[NET_TEXT_MAX])
{
    const struct sockaddr_in *v4 = (const void *)&address->storage;
    const struct sockaddr_in6 *v6 = (const void *)&address->storage;
    const struct sockaddr_un *local = (const void *)&address->storage;
    char host[INET6_ADDRSTRLEN] = "?";

    switch (address->storage.ss_family) {
    case AF_INET:
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        snprintf(text, NET_TEXT_MAX, "%s:%u", host, ntohs(v4->sin_port));
        break;
    case AF_INET6:
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        snprintf(text, NET_TEXT_MAX, "[%s]:%u", host, ntohs(v6->sin6_port));
        break;
    default:
        snprintf(text, NET_TEXT_MAX, "unix:%s", local->sun_path);
    }
}

static int net_await_bind(int fd, const struct net_address *address)
{
    const struct sockaddr *to = (const struct sockaddr *)&address->storage;
    int rc = sys_bind(fd, to, address->len);

    for (int i = 0; rc == -EADDRINUSE && i < BIND_TRIES; i++) {
        int slept = await_sleep_ns(BIND_PAUSE_NS);

        if (slept < 0)
            return slept;
        rc = sys_bind(fd, to, address->len);
    }
    return rc;
}

int net_await_listen(struct net_address *address, int backlog, bool shared)
{
    int family = address->storage.ss_family;
    int fd = sys_socket(family, SOCK_STREAM, 0);
    int rc;

    if (fd < 0)
        return fd;
    /* Ignore failures: not every address family has these options. */
    if (family != AF_UNIX) {
        (void)sys_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
        (void)sys_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        if (shared)
            (void)sys_set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    }
    rc = net_await_bind(fd, address);
    if (rc == 0)
        rc = sys_listen(fd, backlog);
    if (rc == 0)
        rc = sys_local_address(fd, &address->storage, &address->len);
    if (rc < 0) {
        sys_close(fd);
        return rc;
    }
    return fd;
}
