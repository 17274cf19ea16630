/* chaos.c: http-chaos, which changes files while clients of every kind ask for
 * them, and checks each answer.
 *
 * phase10/torture.sh runs it against serve. One process changes files; the
 * others are clients, one connection at a time, with blocking sockets. There
 * are three kinds of files, COUNT of each:
 *
 *     kept    replaced by rename(2): each answer must be 200, and every byte of
 *             it from one version
 *     cut     truncated and written again in place: an answer may be cut short
 *             by a reset or an end, but not otherwise wrong
 *     gone    removed and made again: 200 or 404
 *
 * A file begins with its version, from which its length and its bytes follow.
 * The root belongs to this program: it makes the files before it starts. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define COUNT 8u           /* files of each kind */
#define LEN_MAX 2000000u   /* bytes of a file */
#define VERSION_LEN 11u    /* "0000000001\n" */
#define HEAD_MAX 1536u
#define DEADLINE_S 60      /* a client waits so long for bytes */
#define PIPELINED 16u

enum kind { KEPT, CUT, GONE, KINDS };
static const char *const kind_names[KINDS] = {"kept", "cut", "gone"};

/* Shared by all processes. */
static struct counts {
    atomic_ulong answers, cut, gone, errors_5xx, failures, changes;
} *counts;

static unsigned port, seconds = 10, clients = 12, seed = 1;
static const char *root;
static uint64_t random_state;
static double end_s;
static char content[LEN_MAX], body[LEN_MAX];

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Returns a number below limit (xorshift64). */
static unsigned random_below(unsigned limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % limit;
}

/* Prints what was wrong, and counts it. */
__attribute__((format(printf, 1, 2))) static void report(const char *format,
                                                         ...)
{
    va_list list;
    char line[512];
    int len;

    va_start(list, format);
    len = vsnprintf(line, sizeof line - 1, format, list);
    va_end(list);
    line[len] = '\n';
    if (atomic_fetch_add(&counts->failures, 1) < 20 &&
        write(2, line, (size_t)len + 1) < 0)
        exit(COMMAND_FAILED);
}

/* Files. */

static size_t len_of(unsigned version)
{
    unsigned spread = version % 8 == 0 ? LEN_MAX - 1000 : 20000;

    return VERSION_LEN + version * 2654435761u % spread;
}

static char byte_at(unsigned version, size_t offset)
{
    return (char)(version * 31 + offset * 7 + (offset >> 8));
}

static size_t make_content(unsigned version)
{
    size_t len = len_of(version);

    for (size_t i = VERSION_LEN; i < len; i++)
        content[i] = byte_at(version, i);
    snprintf(content, VERSION_LEN, "%010u", version);
    content[VERSION_LEN - 1] = '\n';
    return len;
}

static void write_file(const char *name, int flags, unsigned version)
{
    size_t len = make_content(version), done = 0;
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

    while (fd >= 0 && done < len) {
        ssize_t wrote = write(fd, content + done, len - done);

        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    if (fd < 0 || done < len || close(fd) < 0) {
        perror(name);
        exit(COMMAND_FAILED);
    }
}

static void change_file(enum kind kind, unsigned number, unsigned version)
{
    char name[64];

    snprintf(name, sizeof name, "%s%u", kind_names[kind], number);
    if (kind == CUT) {
        if (version % 2 == 0 && truncate(name, (off_t)random_below(20000)) < 0)
            perror(name);
        write_file(name, O_TRUNC, version);
        return;
    }
    if (kind == GONE && version % 2 == 0) {
        (void)unlink(name);
        return;
    }
    write_file("new", O_TRUNC, version);
    if (rename("new", name) < 0)
        perror(name);
}

static void change_files(void)
{
    for (unsigned version = 1; now_s() < end_s; version++) {
        change_file((enum kind)random_below(KINDS), random_below(COUNT),
                    version);
        atomic_fetch_add(&counts->changes, 1);
        poll(NULL, 0, (int)random_below(4));
    }
}

/* Clients. */

static int connect_client(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct timeval limit = {.tv_sec = DEADLINE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)port);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        report("connect: %s", strerror(errno));
        exit(COMMAND_FAILED);
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return fd;
}

/* A file that a client asks for. */
struct target {
    enum kind kind;
    unsigned number;
};

static struct target choose(void)
{
    return (struct target){(enum kind)random_below(KINDS),
                           random_below(COUNT)};
}

static int ask(int fd, struct target target)
{
    char request[128];
    int len = snprintf(request, sizeof request,
                       "GET /%s%u HTTP/1.1\r\nHost: a\r\n\r\n",
                       kind_names[target.kind], target.number);

    return send(fd, request, (size_t)len, MSG_NOSIGNAL) == len ? 0 : -1;
}

/* Receives. A client that is stopped and continued gets EINTR, because its
 * socket has a deadline. */
static ssize_t receive(int fd, void *bytes, size_t len)
{
    ssize_t got;

    do
        got = recv(fd, bytes, len, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Reads a head into head, byte by byte beyond what is sure to belong to it.
 * Returns its length, or -1 at an end or an error. */
static int read_head(int fd, char head[HEAD_MAX])
{
    size_t len = 0;

    while (len < HEAD_MAX - 1) {
        if (receive(fd, head + len, 1) != 1)
            return -1;
        len++;
        head[len] = '\0';
        if (len >= 4 && memcmp(head + len - 4, "\r\n\r\n", 4) == 0)
            return (int)len;
    }
    return -1;
}

/* Reads the body; pauses now and then if slow. Returns how many bytes came. */
static size_t read_body(int fd, size_t len, bool slow)
{
    size_t have = 0;

    while (have < len) {
        size_t want = slow && len - have > 9000 ? 9000 : len - have;
        ssize_t got = receive(fd, body + have, want);

        if (got <= 0)
            break;
        have += (size_t)got;
        if (slow)
            poll(NULL, 0, (int)random_below(20));
    }
    return have;
}

static void check_body(struct target target, size_t len, size_t have)
{
    unsigned version;

    if (have < len) {
        atomic_fetch_add(&counts->cut, 1);
        if (target.kind != CUT)
            report("%s%u: cut after %zu of %zu bytes",
                   kind_names[target.kind], target.number, have, len);
        return;
    }
    if (target.kind == CUT)
        return; /* its bytes may be from several versions */
    version = (unsigned)strtoul(body, NULL, 10);
    if (len != len_of(version))
        report("%s%u: %zu bytes, but version %u has %zu",
               kind_names[target.kind], target.number, len, version,
               len_of(version));
    for (size_t i = VERSION_LEN; i < len; i++)
        if (body[i] != byte_at(version, i)) {
            report("%s%u: byte %zu is not of version %u",
                   kind_names[target.kind], target.number, i, version);
            return;
        }
}

/* Takes one answer and checks it. Returns false if the connection is over. */
static bool take(int fd, struct target target, bool slow)
{
    char head[HEAD_MAX];
    const char *name = kind_names[target.kind], *field;
    size_t len, have;
    int status;

    if (read_head(fd, head) < 0) {
        report("%s%u: no answer: %s", name, target.number, strerror(errno));
        return false;
    }
    status = atoi(head + 9);
    field = strstr(head, "Content-Length: ");
    len = field != NULL ? strtoul(field + 16, NULL, 10) : 0;
    if (len > LEN_MAX) {
        report("%s%u: %zu bytes", name, target.number, len);
        return false;
    }
    have = read_body(fd, len, slow);
    atomic_fetch_add(&counts->answers, 1);
    if (status == 200)
        check_body(target, len, have);
    else if (status == 404 && target.kind == GONE)
        atomic_fetch_add(&counts->gone, 1);
    else if (status >= 500 && target.kind != KEPT)
        atomic_fetch_add(&counts->errors_5xx, 1);
    else
        report("%s%u: status %d", name, target.number, status);
    return have == len && strstr(head, "Connection: close") == NULL;
}

static void ask_in_turn(int fd)
{
    struct target target = choose();
    bool slow = random_below(4) == 0;

    for (unsigned i = 0; i < 20; i++) {
        if (ask(fd, target) < 0 || !take(fd, target, slow))
            return;
        target = choose();
    }
}

static void ask_at_once(int fd)
{
    struct target targets[PIPELINED];

    for (unsigned i = 0; i < PIPELINED; i++) {
        targets[i] = choose();
        if (ask(fd, targets[i]) < 0)
            return;
    }
    for (unsigned i = 0; i < PIPELINED; i++)
        if (!take(fd, targets[i], false))
            return;
}

static void ask_and_shut(int fd)
{
    struct target target = choose();

    if (ask(fd, target) == 0 && shutdown(fd, SHUT_WR) == 0)
        (void)take(fd, target, random_below(2) == 0);
}

/* Reads a part of an answer at most, and goes away. */
static void ask_and_leave(int fd)
{
    struct linger reset = {.l_onoff = random_below(2) == 0};

    for (unsigned i = 0; i < 1 + random_below(4); i++)
        (void)ask(fd, choose());
    if (random_below(2) == 0)
        (void)receive(fd, body, random_below(100000) + 1);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static void send_half(int fd)
{
    static const char request[] = "GET /kept1 HTTP/1.1\r\nHost: a\r\nX: y\r";

    (void)send(fd, request, random_below(sizeof request), MSG_NOSIGNAL);
    poll(NULL, 0, (int)random_below(50));
}

static void send_nonsense(int fd)
{
    char head[HEAD_MAX];

    for (unsigned i = 0; i < 200; i++)
        body[i] = (char)random_below(256);
    memcpy(body + 200, "\r\n\r\n", 4);
    (void)send(fd, body, 204, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    if (read_head(fd, head) > 0 && atoi(head + 9) / 100 != 4)
        report("nonsense is answered with %.12s", head);
}

static void run_client(void)
{
    static void (*const ways[])(int fd) = {
        ask_in_turn, ask_in_turn, ask_at_once, ask_at_once,
        ask_and_shut, ask_and_leave, send_half, send_nonsense,
    };

    while (now_s() < end_s) {
        int fd = connect_client();

        ways[random_below(sizeof ways / sizeof *ways)](fd);
        close(fd);
    }
}

/* Starts a process, whose random numbers differ from those of the others. */
static pid_t start(unsigned number)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    random_state = (seed + number) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    if (number == 0)
        change_files();
    else
        run_client();
    exit(COMMAND_DONE);
}

/* Stops clients for a while, as a suspended laptop does. */
static void stop_clients(const pid_t *pids)
{
    while (now_s() < end_s) {
        pid_t pid = pids[1 + random_below(clients)];

        kill(pid, SIGSTOP);
        poll(NULL, 0, (int)random_below(300));
        kill(pid, SIGCONT);
        poll(NULL, 0, (int)random_below(300));
    }
}

static const char help[] =
    "--port N --root DIR [options]\n"
    "Changes the files of DIR, the root of the server at 127.0.0.1, while\n"
    "good and bad clients request them.\n\n"
    "  --clients N    processes (12)\n"
    "  --seed N       the start of their random choices (1)\n"
    "  --seconds N    how long they run (10)\n"
    "  --help, --version\n";

static const struct command_option options[] = {
    {.name = "port", .number = &port, .min = 1, .max = 65535},
    {.name = "root", .text = &root},
    {.name = "seconds", .number = &seconds, .min = 1, .max = 86400},
    {.name = "clients", .number = &clients, .min = 1, .max = 256},
    {.name = "seed", .number = &seed, .max = 1u << 30},
    {0},
};

int main(int argc, char **argv)
{
    struct command command = {
        .name = "http-chaos", .help = help, .options = options};
    int code = command_read(&command, argc, argv), status;
    pid_t pids[257];

    if (code != COMMAND_GO_ON)
        return code;
    if (port == 0 || root == NULL || chdir(root) < 0)
        return command_misuse(&command, "it needs --port, and --root DIR");
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED)
        return COMMAND_FAILED;
    for (unsigned i = 0; i < KINDS * COUNT; i++)
        change_file((enum kind)(i % KINDS), i / KINDS, 1);
    end_s = now_s() + seconds;
    random_state = seed + 1000;
    for (unsigned i = 0; i <= clients; i++)
        pids[i] = start(i);
    stop_clients(pids);
    while (wait(&status) > 0)
        if (status != 0)
            report("a client ended with status %d", status);
    printf("%lu answers, %lu of files that were gone, %lu cut, %lu with 5xx "
           "for files that change; %lu changes; %lu failures\n",
           counts->answers, counts->gone, counts->cut, counts->errors_5xx,
           counts->changes, counts->failures);
    return command_finish(&command, counts->failures > 0 ? COMMAND_FAILED
                                                         : COMMAND_DONE);
}
