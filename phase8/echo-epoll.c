/* echo-epoll.c: the same server on readiness instead of completions.
 *
 * What it teaches: the work that readiness leaves to the program. The kernel
 * reports that a socket is readable, and the program reads it with a separate
 * call. The kernel reports that a socket is writable, and the write may still
 * return -EAGAIN. So each socket is O_NONBLOCK. Each connection is a state that
 * the program leaves and enters again. Each has a buffer for the rest of a
 * short write.
 *
 * It is as good as 150 lines of code allow, because bench.sh compares it with
 * echo: it writes at once without asking, and no byte is copied. It has no
 * limits, no deadlines, and one address. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_MAX 128
#define RETRY_MS 100

struct conn {
    int fd;
    size_t at, len; /* the rest to write; nothing is read before that */
    char buf[16384];
};

static int epoll, listener;
static bool is_paused; /* out of fds: the listener is not watched */

static void must(bool is_done, const char *what)
{
    if (is_done)
        return;
    fprintf(stderr, "echo-epoll: cannot %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(int op, int fd, uint32_t events, void *conn)
{
    struct epoll_event event = {.events = events, .data.ptr = conn};

    must(epoll_ctl(epoll, op, fd, &event) == 0, "watch a socket");
}

static void pause_accepting(bool pause)
{
    if (pause != is_paused)
        watch(EPOLL_CTL_MOD, listener, pause ? 0 : EPOLLIN, &listener);
    is_paused = pause;
}

/* The state machine: reads unless there is a rest; writes at once; waits for
 * what it could not do. Returns false at the end of the connection. */
static bool serve(struct conn *conn)
{
    bool was_writing = conn->len > 0;
    ssize_t sent;

    if (!was_writing) {
        ssize_t got = recv(conn->fd, conn->buf, sizeof conn->buf, 0);

        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        conn->at = 0;
        conn->len = (size_t)got;
    }
    sent = send(conn->fd, conn->buf + conn->at, conn->len, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    conn->at += (size_t)sent;
    conn->len -= (size_t)sent;
    if ((conn->len > 0) != was_writing)
        watch(EPOLL_CTL_MOD, conn->fd, was_writing ? EPOLLIN : EPOLLOUT, conn);
    return true;
}

/* Returns false if the event is a signal. */
static bool handle(void *what)
{
    int fd;

    if (what == &listener) {
        while ((fd = accept4(listener, NULL, NULL,
                             SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
            struct conn *conn = malloc(sizeof *conn);

            must(conn != NULL, "take a connection");
            conn->fd = fd;
            conn->len = 0;
            watch(EPOLL_CTL_ADD, fd, EPOLLIN, conn);
        }
        /* A connection waits and there is no fd for it: the listener would be
         * ready for ever. It is left alone until there is hope. */
        if (errno == EMFILE || errno == ENFILE)
            pause_accepting(true);
    } else if (what != NULL && !serve(what)) {
        close(((struct conn *)what)->fd);
        free(what);
        pause_accepting(false);
    }
    return what != NULL;
}

static int open_listener(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *to = (struct sockaddr *)&address;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* inherited */
    must(bind(fd, to, sizeof address) == 0 && listen(fd, 1024) == 0, "listen");
    return fd;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS_MAX];
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    bool goes_on = true;
    sigset_t signals;

    if (argc != 3 || strcmp(argv[1], "--port") != 0) {
        bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;

        puts("usage: echo-epoll --port N\nEchoes on 127.0.0.1 until SIGTERM.");
        return !is_help ? 2 : fflush(stdout) != 0;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    listener = open_listener((unsigned)strtoul(argv[2], NULL, 10));
    watch(EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
    watch(EPOLL_CTL_ADD, signalfd(-1, &signals, SFD_CLOEXEC), EPOLLIN, NULL);
    getsockname(listener, (struct sockaddr *)&address, &len);
    printf("listening on tcp://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    while (goes_on) {
        int count = epoll_wait(epoll, events, EVENTS_MAX,
                               is_paused ? RETRY_MS : -1);

        if (count == 0)
            pause_accepting(false);
        for (int i = 0; i < count; i++)
            goes_on &= handle(events[i].data.ptr);
    }
    return ferror(stdout) != 0; /* the kernel closes everything */
}
