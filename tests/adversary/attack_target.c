/* attack_target.c: the server under attack; see attack_target.h. */
#include "attack_target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "sys.h"

#define TCP_MESSAGE_LEN 64

static struct sockaddr_in *as_4(struct target *target)
{
    return (struct sockaddr_in *)(void *)&target->address;
}

static struct sockaddr_in6 *as_6(struct target *target)
{
    return (struct sockaddr_in6 *)(void *)&target->address;
}

/* Parses the host, without the brackets of an IPv6 address. */
static bool parse_host(struct target *target, const char *host)
{
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &as_4(target)->sin_addr) == 1) {
        target->address.ss_family = AF_INET;
        target->len = sizeof(struct sockaddr_in);
        return true;
    }
    target->address.ss_family = AF_INET6;
    target->len = sizeof(struct sockaddr_in6);
    return inet_pton(AF_INET6, host, &as_6(target)->sin6_addr) == 1;
}

const char *target_parse(struct target *target, const char *text)
{
    const char *path = strchr(text, '/');
    size_t len = path != NULL ? (size_t)(path - text) : strlen(text);
    char host[64];
    uint64_t port;
    char *colon;

    if (len >= sizeof host)
        return "the host is too long";
    if (path != NULL && !target->is_http)
        return "a TCP address has no path";
    memcpy(host, text, len);
    host[len] = '\0';
    colon = strrchr(host, ':');
    if (colon == NULL || !command_number(colon + 1, 0, 65535, &port))
        return "it takes HOST:PORT";
    *colon = '\0';
    if (host[0] == '[' && colon > host && colon[-1] == ']') {
        colon[-1] = '\0';
        memmove(host, host + 1, strlen(host));
    }
    if (!parse_host(target, host))
        return "it takes a numeric address, or localhost";
    target->path = path != NULL ? path : "/";
    target_set_port(target, (unsigned)port);
    return NULL;
}

void target_set_port(struct target *target, unsigned port)
{
    bool is_4 = target->address.ss_family == AF_INET;
    char host[INET6_ADDRSTRLEN];

    if (is_4) {
        as_4(target)->sin_port = htons((uint16_t)port);
        inet_ntop(AF_INET, &as_4(target)->sin_addr, host, sizeof host);
    } else {
        as_6(target)->sin6_port = htons((uint16_t)port);
        inet_ntop(AF_INET6, &as_6(target)->sin6_addr, host, sizeof host);
    }
    snprintf(target->where, sizeof target->where, is_4 ? "%s:%u" : "[%s]:%u",
             host, port);
    target->message_len = TCP_MESSAGE_LEN;
    if (target->is_http)
        target_set_path(target, target->path);
}

void target_set_path(struct target *target, const char *path)
{
    target->path = path;
    target->message_len = (size_t)snprintf(
        target->request, sizeof target->request,
        "GET %.800s HTTP/1.1\r\nHost: %s\r\nUser-Agent: adversary\r\n\r\n",
        path, target->where);
}

unsigned target_port(const struct target *target)
{
    const void *address = &target->address;

    return ntohs(target->address.ss_family == AF_INET
                     ? ((const struct sockaddr_in *)address)->sin_port
                     : ((const struct sockaddr_in6 *)address)->sin6_port);
}

bool target_is_loopback(const struct target *target)
{
    const void *address = &target->address;
    const struct sockaddr_in *four = address;
    const struct sockaddr_in6 *six = address;

    if (target->address.ss_family == AF_INET)
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) &&
            six->sin6_addr.s6_addr[12] == 127);
}

int target_connect(const struct target *target, int receive_len)
{
    int fd = socket(target->address.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_len > 0) /* before the connect, which announces the window */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_len,
                   sizeof receive_len);
    if (connect(fd, (const struct sockaddr *)&target->address, target->len) <
            0 &&
        errno != EINPROGRESS) {
        int error = errno;

        close(fd);
        return -error;
    }
    return fd;
}

void target_reset(int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

uint64_t target_now_ms(void)
{
    return sys_now_ns() / 1000000;
}
