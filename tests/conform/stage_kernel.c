/* stage_kernel.c: the real kernel under the scripts; see conform.h.
 *
 * The numbers of descriptors matter, so the peers' sockets are moved out of the
 * way. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conform.h"
#include "uring_setup.h"

#define PEERS_MAX 4
#define PEER_FD 100 /* the first descriptor of a peer */

static int peers[PEERS_MAX];
static struct sockaddr_in address;

static void close_from(unsigned fd)
{
    (void)syscall(SYS_close_range, fd, ~0U, 0);
}

/* The simulated kernel is Linux 6.18, the first that answers queries. */
static bool is_old(void)
{
    struct ur_query_opcodes answer;
    struct ur_query query = {.data = (uintptr_t)&answer,
                             .op = UR_QUERY_OPCODES,
                             .size = sizeof answer};

    return syscall(__NR_io_uring_register, -1, UR_REGISTER_QUERY, &query, 0) <
           0;
}

void stage_init(void)
{
    if (is_old()) {
        fputs("conform: this kernel is older than the simulated one, Linux "
              "6.18\n", stderr);
        exit(2);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    close_from(3);
}

void stage_begin(void)
{
}

void stage_end(void)
{
    io_uring_queue_exit(&script_ring.uring);
    close_from(3);
}

int stage_file(const char *text)
{
    int fd = memfd_create("conform", MFD_CLOEXEC);

    return write(fd, text, strlen(text)) < 0 ? -errno : fd;
}

void stage_write(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        script_say("no write");
}

void stage_settle(void)
{
}

int stage_listen(void)
{
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address = (struct sockaddr_in){.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, 8) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        script_say("no listener");
    return fd;
}

void stage_connect(unsigned peer)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    peers[peer] = fcntl(fd, F_DUPFD_CLOEXEC, PEER_FD);
    (void)close(fd);
    if (connect(peers[peer], (struct sockaddr *)&address, sizeof address) < 0)
        script_say("no connection");
}

void stage_send(unsigned peer, const char *text)
{
    (void)send(peers[peer], text, strlen(text), MSG_NOSIGNAL);
}

void stage_finish(unsigned peer)
{
    (void)shutdown(peers[peer], SHUT_WR);
}

void stage_reset(unsigned peer)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(peers[peer], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    (void)close(peers[peer]);
}

int stage_receive(unsigned peer)
{
    struct pollfd ready = {.fd = peers[peer], .events = POLLIN};
    char bytes[64];
    ssize_t got;

    (void)poll(&ready, 1, 1000);
    got = recv(peers[peer], bytes, sizeof bytes, MSG_DONTWAIT);
    return got < 0 ? -errno : (int)got;
}
