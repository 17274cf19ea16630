/* http_load.c: http-load, which asks for a file as fast as it is answered.
 *
 * phase10/bench.sh measures servers with it. It differs from wrk in three
 * points. It can send several requests before it waits for the answers
 * (--depth). It can ask for one file of many (--files). And it takes less
 * processor time per answer, so that it is the bottleneck less often; it prints
 * its own time, so that the reader sees when it is.
 *
 * It reads each answer into memory, as a client does. It checks each status and
 * counts each body, but it does not compare the bytes: that is for the tests. A
 * part of a long body counts as a part of an answer.
 *
 * It uses epoll and blocking sends, and nothing of lib but the command line: it
 * must not share a fault with the server that it measures. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define CONNS_MAX 20000u
#define DEPTH_MAX 64u
#define BUF_LEN 262144u
#define HEAD_MAX 4096u
#define REQUEST_MAX 512u
#define EVENTS 64

struct client {
    int fd;
    unsigned unanswered;
    bool is_last;       /* the server ends the connection after this answer */
    uint64_t body_left; /* bytes of the present answer's body */
    size_t head_len;    /* bytes of a head that has not ended yet */
    char head[HEAD_MAX];
};

static const char *path = "/";
static unsigned port, conns = 64, depth = 1, files, seconds = 1;
static struct client *clients;
static int poll_fd;
static char buf[BUF_LEN];
static uint64_t answers, not_ok, renewals;
static uint64_t body_bytes, body_len; /* of all bodies; of the latest */

static volatile sig_atomic_t is_stopped; /* by SIGTERM: as if time were over */

static void on_sigterm(int number)
{
    (void)number;
    is_stopped = 1;
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "http-load: %s: %s\n", what, strerror(errno));
    exit(COMMAND_FAILED);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_s(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Returns the number of the next file: each file as often as the others, in an
 * order that is not that of their names. */
static unsigned next_file(void)
{
    static unsigned at;

    at = (at + 38317) % files; /* a prime: visits all files */
    return at;
}

/* Sends depth requests with one call. */
static void ask(struct client *client)
{
    static char text[DEPTH_MAX * REQUEST_MAX];
    size_t len = 0;

    for (unsigned i = 0; i < depth; i++) {
        char name[16] = "";

        if (files > 0)
            snprintf(name, sizeof name, "%05u", next_file());
        len += (size_t)snprintf(text + len, REQUEST_MAX,
                                "GET %s%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                                path, name);
    }
    if (send(client->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
        fail("send");
    client->unanswered = depth;
}

static void connect_client(struct client *client)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    int one = 1;

    client->is_last = false;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 ||
        connect(client->fd, (struct sockaddr *)&to, sizeof to) < 0)
        fail("connect");
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0)
        fail("epoll_ctl");
}

static void note_head(struct client *client)
{
    const char *length;

    client->head[client->head_len] = '\0';
    client->head_len = 0;
    not_ok += strncmp(client->head, "HTTP/1.1 200 ", 13) != 0;
    client->is_last =
        strcasestr(client->head, "\r\nConnection: close\r\n") != NULL;
    length = strcasestr(client->head, "\r\nContent-Length:");
    if (length == NULL) {
        errno = EBADMSG;
        fail("an answer without Content-Length");
    }
    client->body_left = body_len = strtoull(length + 17, NULL, 10);
}

/* Takes the bytes up to the end of the present head. Returns their number. */
static size_t take_head(struct client *client, const char *at, size_t len)
{
    size_t room = HEAD_MAX - 1 - client->head_len;
    size_t before = client->head_len;
    size_t from = before < 3 ? 0 : before - 3;
    char *end;

    len = len < room ? len : room;
    memcpy(client->head + before, at, len);
    end = memmem(client->head + from, before + len - from, "\r\n\r\n", 4);
    if (end != NULL) {
        client->head_len = (size_t)(end + 4 - client->head);
        len = client->head_len - before;
        note_head(client);
        return len;
    }
    client->head_len += len;
    if (client->head_len == HEAD_MAX - 1) {
        errno = EMSGSIZE;
        fail("a head");
    }
    return len;
}

static void take(struct client *client, const char *at, size_t len)
{
    while (len > 0) {
        bool is_in_head = client->body_left == 0;
        size_t taken = len;

        if (is_in_head) {
            taken = take_head(client, at, len);
        } else {
            if (taken > client->body_left)
                taken = (size_t)client->body_left;
            client->body_left -= taken;
            body_bytes += taken;
        }
        at += taken;
        len -= taken;
        if (client->body_left == 0 && client->head_len == 0) {
            answers++;
            client->unanswered--;
        }
    }
}

/* Connects and asks again, if the answers said that the server would end the
 * connection: serve does after --max-requests. The requests behind the last
 * answer are lost (RFC 9112, section 9.6). */
static void renew(struct client *client, ssize_t got)
{
    bool is_in_answer = client->body_left > 0 || client->head_len > 0;

    if (got == 0)
        errno = ECONNRESET;
    if (!client->is_last || is_in_answer)
        fail("the server ended a connection");
    close(client->fd);
    renewals++;
    connect_client(client);
    ask(client);
}

static void run(double until)
{
    struct epoll_event events[EVENTS];

    while (!is_stopped && now_s() < until) {
        int count = epoll_wait(poll_fd, events, EVENTS, 1000);

        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            ssize_t got = recv(client->fd, buf, sizeof buf, 0);

            if (got > 0)
                take(client, buf, (size_t)got);
            else
                renew(client, got);
            if (client->unanswered == 0 && !client->is_last)
                ask(client);
        }
    }
}

static const char help[] =
    "--port N [options]\n"
    "Requests a file from the HTTP server at 127.0.0.1, again and again.\n\n"
    "  --path PATH    the file (/)\n"
    "  --files N      request PATH00000, PATH00001 ... in turn (1 to 100000)\n"
    "  --conns N      connections (64)\n"
    "  --depth N      requests that a connection sends at once (1)\n"
    "  --seconds N    how long to do so; SIGTERM ends it earlier (1)\n"
    "  --help, --version\n";

int main(int argc, char **argv)
{
    const struct command_option options[] = {
        {.name = "port", .number = &port, .min = 1, .max = 65535},
        {.name = "path", .text = &path},
        {.name = "files", .number = &files, .min = 1, .max = 100000},
        {.name = "conns", .number = &conns, .min = 1, .max = CONNS_MAX},
        {.name = "depth", .number = &depth, .min = 1, .max = DEPTH_MAX},
        {.name = "seconds", .number = &seconds, .min = 1, .max = 3600},
        {0},
    };
    struct command command = {
        .name = "http-load", .help = help, .options = options,
    };
    int code = command_read(&command, argc, argv);
    double began, took, used, count;

    if (code != COMMAND_GO_ON)
        return code;
    clients = calloc(conns, sizeof *clients);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (clients == NULL || poll_fd < 0)
        fail("start");
    for (unsigned i = 0; i < conns; i++)
        connect_client(&clients[i]);
    for (unsigned i = 0; i < conns; i++)
        ask(&clients[i]);
    signal(SIGTERM, on_sigterm);
    used = cpu_s();
    began = now_s();
    run(began + seconds);
    took = now_s() - began;
    used = cpu_s() - used;
    count = body_len > 0 ? (double)body_bytes / (double)body_len
                         : (double)answers;
    printf("answers %.2f\nanswers_per_s %.1f\ncpu_percent %.1f\n"
           "not_ok %llu\nrenewals %llu\n",
           count, count / took, used / took * 100, (unsigned long long)not_ok,
           (unsigned long long)renewals);
    return command_finish(&command, not_ok == 0 ? code + 1 : COMMAND_FAILED);
}
