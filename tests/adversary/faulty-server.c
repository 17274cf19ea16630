/* faulty-server.c: an echo server, or a web server, with a fault.
 *
 * The tests of adversary start it. Without --fault it survives each attack;
 * with one, the attack that is meant for the fault must find it. It uses
 * epoll, so that it runs where io_uring does not. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"

#define FDS_MAX 20000
#define OUT_MAX ((size_t)256 << 10) /* bytes that wait for a peer */
#define MESSAGE_LEN 64
#define REQUEST_LEN 128 /* of HTTP: bytes of one read, so one or two requests */
#define SMALL_LEN 65536
#define LARGE_LEN 8000000
#define DRAIN_MS 5000
#define TABLE_LEN 16   /* of the fault "small-table" */
#define LEAK_LEN 16384 /* bytes per connection, of "leaks-memory" */

enum fault {
    NONE,
    DROPS_BYTES,   /* a short send is taken for a whole one */
    MIXES_BYTES,   /* unsent bytes go to another peer */
    LEAKS_FDS,     /* a connection that failed is not closed */
    LEAKS_MEMORY,  /* some of each connection's memory is not freed */
    HOARDS,        /* reads on, although the peer does not */
    SPINS,         /* without a free fd, accepts again at once */
    FORGETS,       /* without a free fd, never accepts again */
    SIGPIPE_KILLS, /* a send to a closed connection ends the process */
    LOSES_TAIL,    /* at the end of input, drops what is unsent */
    KEEPS_HALF,    /* does not end a connection at the end of its input */
    CUTS,          /* SIGTERM ends the process at once */
    DROPS_BACKLOG, /* SIGTERM closes the listener with clients in it */
    BLOCKS,        /* waits for one peer that does not read */
    STALE,         /* sends an answer to the next owner of the fd */
    NO_REUSE,      /* no SO_REUSEADDR */
    EINTR_KILLS,   /* an interrupted wait ends the process */
    SMALL_TABLE,   /* serves a few connections at once, and no more */
    ONE_READ,      /* takes each read for one request */
    FIRST_ONLY,    /* answers only the first request of a read */
    IGNORES_TERM,  /* goes on after SIGTERM */
};
static const char *const faults[] = {
    "none", "drops-bytes", "mixes-bytes", "leaks-fds", "leaks-memory",
    "hoards", "spins", "forgets", "sigpipe", "loses-tail", "keeps-half",
    "cuts", "drops-backlog", "blocks", "stale", "no-reuse", "eintr",
    "small-table", "one-read", "first-only", "ignores-term", NULL};

struct conn {
    bool is_open, has_ended;  /* has_ended: the end of the input was read */
    char *out;                /* owned: unsent bytes */
    size_t len, sent, size;
    char head[1024];          /* HTTP: of a request that is arriving */
    size_t head_len;
    char last[MESSAGE_LEN];   /* of "stale": kept when the connection ends */
    size_t last_len;
};

static struct conn conns[FDS_MAX]; /* by fd */
static unsigned open_count, fault, port;
static bool is_http, accepts_now = true, is_stopping;
static int epoll, listener;

static void watch(int fd, uint32_t events, int how)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    epoll_ctl(epoll, how, fd, &event);
}

static void close_conn(int fd)
{
    struct conn *conn = &conns[fd];

    free(conn->out);
    conn->out = NULL;
    conn->len = conn->sent = conn->size = conn->head_len = 0;
    conn->is_open = false;
    open_count--;
    close(fd);
    if (!accepts_now && fault != FORGETS && listener >= 0) {
        accepts_now = true;
        watch(listener, EPOLLIN, EPOLL_CTL_MOD);
    }
}

static void fail_conn(int fd)
{
    if (fault == LEAKS_FDS) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    close_conn(fd);
}

static void put(struct conn *conn, const char *bytes, size_t len)
{
    if (len == 0)
        return;
    if (conn->len + len > conn->size) {
        conn->size = 2 * (conn->len + len);
        conn->out = realloc(conn->out, conn->size);
        if (conn->out == NULL)
            exit(1);
    }
    memcpy(conn->out + conn->len, bytes, len);
    conn->len += len;
}

/* Any file is there. A file with "large" in its name is large. */
static void answer(struct conn *conn, const char *status)
{
    static char part[4096];
    char head[128];
    size_t left = strcmp(status, "200 OK") != 0 ? 0
                  : strncmp(conn->head, "GET /large", 10) == 0 ? LARGE_LEN
                                                               : SMALL_LEN;
    int len = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: "
                       "%zu\r\n\r\n", status, left);

    put(conn, head, (size_t)len);
    for (size_t at = 0; left > 0; at += sizeof part) {
        size_t n = left < sizeof part ? left : sizeof part;

        for (size_t i = 0; i < n; i++)
            part[i] = (char)((at + i) * 2654435761u >> 16);
        put(conn, part, n);
        left -= n;
    }
}

/* Takes the bytes of requests. A request ends with an empty line. */
static void take_requests(struct conn *conn, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (conn->head_len == sizeof conn->head)
            conn->head_len = 0;
        conn->head[conn->head_len++] = bytes[i];
        if (conn->head_len < 4 || memcmp(conn->head + conn->head_len - 4,
                                         "\r\n\r\n", 4) != 0)
            continue;
        conn->head_len = 0;
        answer(conn, "200 OK");
        if (fault == FIRST_ONLY)
            return;
    }
    if (fault == ONE_READ && conn->head_len > 0) {
        conn->head_len = 0;
        answer(conn, "400 Bad Request");
    }
}

static void take(struct conn *conn, const char *bytes, size_t len)
{
    size_t kept = len < MESSAGE_LEN ? len : MESSAGE_LEN;

    memcpy(conn->last, bytes + len - kept, kept);
    conn->last_len = kept;
    if (is_http)
        take_requests(conn, bytes, len);
    else if (fault == FIRST_ONLY)
        put(conn, bytes, kept);
    else if (fault != ONE_READ || len >= MESSAGE_LEN)
        put(conn, bytes, len);
}

/* The faults of a send that took fewer bytes than it was given. Returns true
 * if there is one. */
static bool spoil_rest(int fd, const char *bytes, size_t len)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    if (fault == BLOCKS)
        poll(&ready, 1, 30000);
    if (fault == MIXES_BYTES)
        for (int other = 0; other < FDS_MAX; other++)
            if (other != fd && conns[other].is_open) {
                put(&conns[other], bytes, len);
                return true;
            }
    return fault == DROPS_BYTES;
}

/* Sends what the connection has. Returns false if it failed. */
static bool send_out(int fd)
{
    struct conn *conn = &conns[fd];
    int flags = fault == SIGPIPE_KILLS ? 0 : MSG_NOSIGNAL;

    while (conn->sent < conn->len) {
        ssize_t sent = send(fd, conn->out + conn->sent,
                            conn->len - conn->sent, flags);

        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent > 0)
            conn->sent += (size_t)sent;
        if (conn->sent == conn->len ||
            !spoil_rest(fd, conn->out + conn->sent, conn->len - conn->sent)) {
            if (sent < 0)
                break;
            continue;
        }
        conn->sent = conn->len;
    }
    if (conn->sent == conn->len)
        conn->sent = conn->len = 0;
    return true;
}

/* Receives once, unless too much is unsent. Returns false if the connection is
 * over. */
static bool receive(int fd)
{
    static char bytes[65536];
    struct conn *conn = &conns[fd];
    ssize_t got;

    if (conn->has_ended ||
        (conn->len - conn->sent > OUT_MAX && fault != HOARDS))
        return true;
    got = recv(fd, bytes,
               is_http && fault != HOARDS ? REQUEST_LEN : sizeof bytes, 0);
    if (got > 0)
        take(conn, bytes, (size_t)got);
    if (got == 0)
        conn->has_ended = true;
    if (got == 0 && fault == LOSES_TAIL)
        conn->len = conn->sent = 0;
    return got >= 0 || errno == EAGAIN;
}

static void serve(int fd, uint32_t events)
{
    struct conn *conn = &conns[fd];
    bool is_full;

    if (!conn->is_open)
        return;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !receive(fd)) {
        fail_conn(fd);
        return;
    }
    if (!send_out(fd)) {
        fail_conn(fd);
        return;
    }
    if (conn->has_ended && conn->len == 0 && fault != KEEPS_HALF) {
        close_conn(fd);
        return;
    }
    is_full = conn->len - conn->sent > OUT_MAX && fault != HOARDS;
    watch(fd, (conn->len > 0 ? EPOLLOUT : 0) |
                  (is_full || conn->has_ended ? 0 : EPOLLIN),
          EPOLL_CTL_MOD);
}

/* Without a free fd, the listener is left alone until a connection ends. */
static void take_emfile(void)
{
    if (fault == SPINS)
        return;
    accepts_now = false;
    watch(listener, 0, EPOLL_CTL_MOD);
}

static void accept_all(void)
{
    for (;;) {
        struct conn *conn;
        int fd;

        if (fault == SMALL_TABLE && open_count == TABLE_LEN) {
            take_emfile();
            return;
        }
        fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0 && errno != EAGAIN)
            take_emfile();
        if (fd < 0 || fd >= FDS_MAX)
            return;
        conn = &conns[fd];
        conn->is_open = true;
        conn->has_ended = false;
        open_count++;
        if (fault == STALE)
            put(conn, conn->last, conn->last_len);
        if (fault == LEAKS_MEMORY)
            memset(malloc(LEAK_LEN), 1, LEAK_LEN);
        watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
    }
}

static void stop(void)
{
    if (fault == CUTS)
        exit(0);
    if (fault == IGNORES_TERM)
        return;
    if (fault != DROPS_BACKLOG)
        accept_all();
    is_stopping = true;
    close(listener);
    listener = -1;
}

static int listen_at(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fault != NO_REUSE)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, len) < 0 ||
        listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        perror("faulty-server");
        exit(1);
    }
    printf("listening on tcp://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* Serves until SIGTERM, and then until no connection is open, or DRAIN_MS have
 * passed without an event. */
static void run(int signals)
{
    static struct epoll_event events[64];
    struct signalfd_siginfo signal;

    while (!is_stopping || open_count > 0) {
        int count = epoll_wait(epoll, events, 64, is_stopping ? DRAIN_MS : -1);

        if (count < 0 && errno == EINTR && fault == EINTR_KILLS) {
            perror("faulty-server: epoll_wait");
            exit(1);
        }
        if (count == 0)
            return;
        if (read(signals, &signal, sizeof signal) > 0)
            stop(); /* before clients of the same moment are accepted */
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;

            if (fd == listener)
                accept_all();
            else if (fd != signals)
                serve(fd, events[i].events);
        }
    }
}

static const char help[] =
    "[--port N] [--http] [--fault NAME]\n"
    "An echo server, or with --http a web server, with one fault.\n";

static const struct command_option options[] = {
    {.name = "port", .number = &port, .max = 65535},
    {.name = "http", .flag = &is_http},
    {.name = "fault", .word = &fault, .words = faults},
    {0},
};

int main(int argc, char **argv)
{
    struct command command = {
        .name = "faulty-server",
        .help = help,
        .options = options,
    };
    int code = command_read(&command, argc, argv), signals;
    sigset_t set;

    if (code != COMMAND_GO_ON)
        return code;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    listener = listen_at();
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    watch(signals, EPOLLIN, EPOLL_CTL_ADD);
    run(signals);
    return 0;
}
