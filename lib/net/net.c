/* net.c: addresses as text, and listening sockets; see net.h.
 * Introduced in phase 8. Needs: net.h, await.h, sys.h, sys_net.h.
 *
 * What it teaches: a program creates its listening socket once, with calls that
 * do not block. So these calls do not need a ring. Only waiting for an address
 * that is in use suspends the task. */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "await.h"
#include "sys.h"
#include "sys_net.h"

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

/* Sets the scope of *to from a zone, which is the name or the number of an
 * interface. Returns 0, or the -errno for net_parse to return. */
static int parse_zone(struct sockaddr_in6 *to, const char *zone)
{
    size_t digits = strspn(zone, "0123456789");

    if (*zone == '\0')
        return -EINVAL;
    to->sin6_scope_id = sys_interface_index(zone);
    if (to->sin6_scope_id == 0 && zone[digits] == '\0' && digits <= 9)
        to->sin6_scope_id = (uint32_t)strtoul(zone, NULL, 10);
    return to->sin6_scope_id == 0 ? -ENODEV : 0;
}

/* Parses "::1", "[::1]" or "fe80::1%eth0" into *to. Returns 0, or the -errno
 * for net_parse to return. */
static int parse_v6(struct sockaddr_in6 *to, const char *name)
{
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1]; /* and the '%' */
    size_t len = strlen(name);
    char *zone;

    if (name[0] == '[' && name[len - 1] == ']') {
        name++;
        len -= 2;
    }
    if (len >= sizeof text)
        return -EINVAL;
    memcpy(text, name, len);
    text[len] = '\0';
    zone = strchr(text, '%');
    if (zone != NULL)
        *zone++ = '\0';
    if (inet_pton(AF_INET6, text, &to->sin6_addr) != 1)
        return -EINVAL;
    to->sin6_family = AF_INET6;
    return zone == NULL ? 0 : parse_zone(to, zone);
}

int net_parse(struct net_address *address, const char *name, unsigned port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->storage;
    int rc;

    memset(address, 0, sizeof *address);
    if (strncmp(name, "unix:", 5) == 0)
        return parse_unix(address, name + 5);
    if (port > 65535)
        return -ERANGE;
    if (strcmp(name, "localhost") == 0)
        name = "127.0.0.1";
    if (inet_pton(AF_INET, name, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        address->len = sizeof *v4;
        return 0;
    }
    rc = parse_v6(v6, name);
    v6->sin6_port = htons((uint16_t)port);
    address->len = sizeof *v6;
    return rc;
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
        if (v6->sin6_scope_id != 0)
            snprintf(text, NET_TEXT_MAX, "[%s%%%u]:%u", host,
                     v6->sin6_scope_id, ntohs(v6->sin6_port));
        else
            snprintf(text, NET_TEXT_MAX, "[%s]:%u", host, ntohs(v6->sin6_port));
        break;
    default:
        snprintf(text, NET_TEXT_MAX, "unix:%s", local->sun_path);
    }
}

static int bind_once(int fd, struct net_address *address)
{
    const struct sockaddr *to = (const struct sockaddr *)&address->storage;

    if (to->sa_family == AF_UNIX)
        return socket_name_bind(fd, (const struct sockaddr_un *)to,
                                address->mode, &address->name);
    return sys_bind(fd, to, address->len);
}

static int net_await_bind(int fd, struct net_address *address)
{
    int rc = bind_once(fd, address);

    for (int i = 0; rc == -EADDRINUSE && i < BIND_TRIES; i++) {
        int slept = await_sleep_ns(BIND_PAUSE_NS);

        if (slept < 0)
            return slept;
        rc = bind_once(fd, address);
    }
    return rc;
}

int net_share(int listener)
{
    return sys_set_option(listener, SOL_SOCKET, SO_REUSEPORT, 1);
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
            (void)net_share(fd);
    }
    rc = net_await_bind(fd, address);
    if (rc == 0)
        rc = sys_listen(fd, backlog);
    if (rc == 0)
        rc = sys_local_address(fd, &address->storage, &address->len);
    if (rc < 0) {
        net_remove_name(address);
        sys_close(fd);
        return rc;
    }
    return fd;
}

int net_adopt(int listener, struct net_address *address)
{
    memset(address, 0, sizeof *address);
    /* Fails for a Unix socket, which does not use Nagle's algorithm. */
    (void)sys_set_option(listener, IPPROTO_TCP, TCP_NODELAY, 1);
    return sys_local_address(listener, &address->storage, &address->len);
}

int net_bind_datagram(struct net_address *address, bool shared)
{
    int family = address->storage.ss_family;
    int fd, rc;

    if (family == AF_UNIX)
        return -EAFNOSUPPORT;
    fd = sys_socket(family, SOCK_DGRAM, 0);
    if (fd < 0)
        return fd;
    if (shared)
        (void)net_share(fd);
    rc = sys_bind(fd, (const struct sockaddr *)&address->storage, address->len);
    if (rc == 0)
        rc = sys_local_address(fd, &address->storage, &address->len);
    if (rc < 0) {
        sys_close(fd);
        return rc;
    }
    return fd;
}

void net_remove_name(struct net_address *address)
{
    socket_name_remove((const struct sockaddr_un *)&address->storage,
                       &address->name);
}
