/* tcp.c: connected TCP sockets for the labs; see tcp.h.
 * Introduced in phase 8. Needs: tcp.h, err.h, lab.h, sys.h. */
#include "tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "err.h"
#include "lab.h"
#include "sys.h"

static int must(int rc)
{
    if (rc >= 0)
        return rc;
    fprintf(stderr, "a TCP socket on loopback: %s (%s)\n", err_words(rc),
            err_name(rc));
    exit(LAB_USAGE);
}

int tcp_listen(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = must(sys_socket(AF_INET, SOCK_STREAM, 0));

    must(sys_bind(fd, (struct sockaddr *)&address, sizeof address));
    must(sys_listen(fd, 16));
    return fd;
}

int tcp_connect(int listener)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    int fd = must(sys_socket(AF_INET, SOCK_STREAM, 0));

    must(sys_local_address(listener, &address, &len));
    must(connect(fd, (struct sockaddr *)&address, len) < 0 ? -errno : 0);
    must(sys_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1));
    return fd;
}

void tcp_pair(int fds[2])
{
    int listener = tcp_listen();

    fds[0] = tcp_connect(listener);
    fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    must(fds[1] < 0 ? -errno : 0);
    (void)sys_close(listener);
}
