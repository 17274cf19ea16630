/* crowd_http.c: http-crowd, which crowds a server with slow clients, and
 * measures how a fast one fares among them.
 *
 * phase10/torture.sh runs it against serve. It prints the latency of a client
 * that asks for a small file once per millisecond:
 *
 *     alone      before the crowd
 *     arriving   while HEADS + READERS + IDLE connections are made
 *     beside     when all are there
 *
 * HEADS send one byte of a head per second. READERS ask for a large file, and
 * take 512 bytes per second of it. IDLE ask for the small file once, and must
 * get it again at the end. BUSY ask for it without a pause.
 *
 * With --judge it fails unless the p99 of "beside" is at most twice that of
 * "alone", and the p99 of "arriving" at most 50 ms. All processes share the
 * machine, so other load on it can make these two fail.
 *
 * The crowd is one process, the fast client is another one. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define SAMPLES_MAX 1000000u
#define BUF_LEN 65536u
#define RATIO_MAX 2.0      /* p99 beside the crowd to p99 alone */
#define ARRIVING_MS_MAX 50.0

enum phase { ALONE, ARRIVING, BESIDE, PHASES };
static const char *const phase_names[PHASES] = {"alone", "arriving", "beside"};

/* Shared with the fast client. */
static struct shared {
    atomic_uint phase, is_over, failures;
    unsigned counts[PHASES];
    float ms[PHASES][SAMPLES_MAX];
} *shared;

static unsigned port, heads = 5000, readers = 2000, idle, busy, seconds = 5;
static const char *small = "/small", *large = "/large";
static bool judges;
static char buf[BUF_LEN];

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    if (atomic_fetch_add(&shared->failures, 1) < 10)
        fprintf(stderr, "http-crowd: %s: %s\n", what, strerror(errno));
}

static int connect_client(int receive_len)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct timeval limit = {.tv_sec = 60};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)port);
    if (receive_len > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_len,
                         sizeof receive_len);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        fail("connect");
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static void ask(int fd, const char *path)
{
    int len = snprintf(buf, sizeof buf, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
                       path);

    if (fd >= 0 && send(fd, buf, (size_t)len, MSG_NOSIGNAL) != len)
        fail("send");
}

/* Takes the answer with the small file. Returns false, after a message, if it
 * does not come. */
static bool take(int fd)
{
    size_t have = 0, len = 0;

    while (len == 0 || have < len) {
        ssize_t got = recv(fd, buf + have, sizeof buf - 1 - have, 0);
        char *body, *field;

        if (got <= 0) {
            fail("an answer is missing");
            return false;
        }
        have += (size_t)got;
        buf[have] = '\0';
        body = strstr(buf, "\r\n\r\n");
        field = strstr(buf, "Content-Length: ");
        if (body != NULL && field != NULL)
            len = (size_t)(body + 4 - buf) + strtoul(field + 16, NULL, 10);
    }
    if (strncmp(buf, "HTTP/1.1 200", 12) != 0)
        fail(strtok(buf, "\r"));
    return true;
}

/* The fast client: a new connection for every tenth request. */
static void measure(void)
{
    unsigned asked = 0;
    int fd = -1;

    while (!atomic_load(&shared->is_over)) {
        enum phase phase = (enum phase)atomic_load(&shared->phase);
        double start = now_s();

        if (asked++ % 10 == 0) {
            close(fd);
            fd = connect_client(0);
        }
        ask(fd, small);
        if (!take(fd))
            asked = 0;
        if (shared->counts[phase] < SAMPLES_MAX)
            shared->ms[phase][shared->counts[phase]++] =
                (float)((now_s() - start) * 1e3);
        poll(NULL, 0, 1);
    }
}

static void keep_busy(void)
{
    int fd = connect_client(0);

    while (!atomic_load(&shared->is_over)) {
        ask(fd, small);
        if (!take(fd))
            return;
    }
}

static int compare(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;

    return (left > right) - (left < right);
}

static void print_latencies(void)
{
    for (unsigned i = 0; i < PHASES; i++) {
        unsigned count = shared->counts[i];
        float *ms = shared->ms[i];

        qsort(ms, count, sizeof *ms, compare);
        if (count > 0)
            printf("%-8s %6u requests: p50 %.2f ms, p99 %.2f ms, "
                   "longest %.2f ms\n", phase_names[i], count,
                   (double)ms[count / 2], (double)ms[count * 99ul / 100],
                   (double)ms[count - 1]);
    }
    if (shared->failures > 0)
        printf("%u failures\n", shared->failures);
}

/* Call it after print_latencies, which sorts. */
static double p99_ms(enum phase phase)
{
    unsigned count = shared->counts[phase];

    return count > 0 ? (double)shared->ms[phase][count * 99ul / 100] : 0;
}

/* Returns false if the fast client was slower than it may be. */
static bool judge(void)
{
    double ratio = p99_ms(BESIDE) / p99_ms(ALONE);
    double arriving_ms = p99_ms(ARRIVING);

    printf("p99 beside the crowd: %.2f times that alone (at most %.0f); while "
           "it arrives: %.1f ms (at most %.0f)\n", ratio, RATIO_MAX,
           arriving_ms, ARRIVING_MS_MAX);
    return ratio <= RATIO_MAX && arriving_ms <= ARRIVING_MS_MAX;
}

static pid_t start(void (*run)(void))
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    run();
    exit(COMMAND_DONE);
}

static void wait_s(unsigned length)
{
    poll(NULL, 0, (int)length * 1000);
}

/* Once per second, each head sends a byte and each reader takes some. Errors
 * are expected: the server may end a head or a reader. */
static void nudge(const int *fds)
{
    for (unsigned i = 0; i < heads; i++)
        (void)send(fds[i], "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    for (unsigned i = heads; i < heads + readers; i++)
        (void)recv(fds[i], buf, 512, MSG_DONTWAIT);
}

static void arrive(int *fds)
{
    for (unsigned i = 0; i < heads + readers + idle; i++) {
        fds[i] = connect_client(i >= heads && i < heads + readers ? 4096 : 0);
        if (i < heads)
            (void)send(fds[i], "GET / HTTP/1.1\r\nX: ", 19, MSG_NOSIGNAL);
        else
            ask(fds[i], i < heads + readers ? large : small);
        if (i >= heads + readers)
            (void)take(fds[i]);
    }
}

static void crowd(int *fds)
{
    wait_s(seconds);
    atomic_store(&shared->phase, ARRIVING);
    arrive(fds);
    atomic_store(&shared->phase, BESIDE);
    for (unsigned i = 0; i < seconds; i++) {
        wait_s(1);
        nudge(fds);
    }
    for (unsigned i = heads + readers; i < heads + readers + idle; i++) {
        ask(fds[i], small);
        (void)take(fds[i]);
    }
}

static const char help[] =
    "--port N [options]\n"
    "Crowds the server at 127.0.0.1 with slow clients, and measures the\n"
    "latency of a fast client.\n\n"
    "  --heads N      clients that send a head slowly (5000)\n"
    "  --readers N    clients that read a large file slowly (2000)\n"
    "  --idle N       clients that request a small file, and then wait (0)\n"
    "  --busy N       clients that request it without a pause (0)\n"
    "  --small PATH   the small file (/small)\n"
    "  --large PATH   the large file (/large)\n"
    "  --judge        fail if the fast client is too slow\n"
    "  --seconds N    how long to measure, alone and beside the crowd (5)\n"
    "  --help, --version\n";

static const struct command_option options[] = {
    {.name = "port", .number = &port, .min = 1, .max = 65535},
    {.name = "heads", .number = &heads, .max = 100000},
    {.name = "readers", .number = &readers, .max = 100000},
    {.name = "idle", .number = &idle, .max = 100000},
    {.name = "busy", .number = &busy, .max = 1000},
    {.name = "seconds", .number = &seconds, .min = 1, .max = 3600},
    {.name = "judge", .flag = &judges},
    {.name = "small", .text = &small},
    {.name = "large", .text = &large},
    {0},
};

/* Raises the limit of open files. Returns false if the crowd does not fit. */
static bool fits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return false;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max > heads + readers + idle + 20;
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "http-crowd", .help = help, .options = options};
    int code = command_read(&command, argc, argv), *fds;

    if (code != COMMAND_GO_ON)
        return code;
    if (port == 0)
        return command_misuse(&command, "it needs --port");
    if (!fits())
        return command_misuse(&command, "the process may not have so many "
                              "connections (ulimit -Hn)");
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fds = calloc(heads + readers + idle + 1, sizeof *fds);
    if (shared == MAP_FAILED || fds == NULL)
        return COMMAND_FAILED;
    (void)start(measure);
    for (unsigned i = 0; i < busy; i++)
        (void)start(keep_busy);
    crowd(fds);
    atomic_store(&shared->is_over, 1);
    while (wait(NULL) > 0)
        continue;
    print_latencies();
    if (!judge() && judges)
        code = COMMAND_FAILED;
    if (shared->failures > 0)
        code = COMMAND_FAILED;
    return command_finish(&command, code == COMMAND_GO_ON ? COMMAND_DONE
                                                          : code);
}
