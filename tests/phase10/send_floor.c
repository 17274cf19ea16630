/* send_floor.c: send-floor, which measures what an answer costs the kernel.
 *
 * It has no parser, no cache and no loop, only the system calls: this thread
 * sends an answer on each of many connections, and a thread on another
 * processor receives them. It does so in each of three ways, in turn. For each
 * way it prints the processor time of both threads per answer. No server that
 * makes the same call needs less time on this machine.
 *
 *     send of memory        the kernel copies the bytes, as for serve
 *     sendfile of a file    the kernel passes pages of the page cache, as for
 *                           nginx. A file that is cut then shows zeros in
 *                           answers that are on the way
 *     sendfile of a memfd   the kernel passes pages of a private copy, as a
 *                           server could that keeps the promise of serve */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define CONNS_MAX 1000u
#define ROUNDS_MAX 100000u
#define SIZE_MAX_ALLOWED (64u << 20)
#define RECEIVE_LEN 262144u
#define SEND_BUF_LEN 524288 /* that of serve */

static const char *const ways[] = {
    "send of memory", "sendfile of a file", "sendfile of a memfd"};
#define WAYS (sizeof ways / sizeof *ways)

static unsigned size = 131072, conns = 64, rounds = 101;
static unsigned send_cpu, receive_cpu = 1;
static const char *folder = "/var/tmp";
static char *memory;
static int files[WAYS]; /* what each way sends; not used by the first */
static int senders[CONNS_MAX], receivers[CONNS_MAX];
static pthread_barrier_t barrier;
static double send_us[WAYS][ROUNDS_MAX], receive_us[WAYS][ROUNDS_MAX];

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "send-floor: %s: %s\n", what, strerror(errno));
    exit(COMMAND_FAILED);
}

/* Returns the processor time of this thread. */
static double cpu_us(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

static void stay_on(unsigned cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    errno = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    if (errno != 0)
        fail("this processor does not exist");
}

/* Returns the way that is measured as number i. Every second round has the
 * opposite order. */
static unsigned way_of(unsigned round, unsigned i)
{
    return round % 2 == 0 ? i : (unsigned)WAYS - 1 - i;
}

static void receive_answer(int fd)
{
    static char bytes[RECEIVE_LEN];
    size_t left = size;

    while (left > 0) {
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);

        if (got <= 0)
            fail("recv");
        left -= (size_t)got;
    }
}

/* The other thread. It receives in the order in which this thread sends, so
 * neither waits for the other forever. */
static void *floor_receive_all(void *arg)
{
    stay_on(receive_cpu);
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned i = 0; i < WAYS; i++) {
            double before;

            pthread_barrier_wait(&barrier);
            before = cpu_us();
            for (unsigned c = 0; c < conns; c++)
                receive_answer(receivers[c]);
            receive_us[way_of(round, i)][round] = (cpu_us() - before) / conns;
            pthread_barrier_wait(&barrier);
        }
    return arg;
}

static void send_answer(int fd, unsigned way)
{
    size_t sent = 0;

    while (sent < size) {
        off_t offset = (off_t)sent;
        ssize_t n = way == 0 ? send(fd, memory + sent, size - sent, 0)
                             : sendfile(fd, files[way], &offset, size - sent);

        if (n <= 0)
            fail(ways[way]);
        sent += (size_t)n;
    }
}

static void send_all(void)
{
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned i = 0; i < WAYS; i++) {
            unsigned way = way_of(round, i);
            double before;

            pthread_barrier_wait(&barrier);
            before = cpu_us();
            for (unsigned c = 0; c < conns; c++)
                send_answer(senders[c], way);
            send_us[way][round] = (cpu_us() - before) / conns;
            pthread_barrier_wait(&barrier);
        }
}

static void connect_all(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1, send_buf_len = SEND_BUF_LEN;

    if (bind(listener, (struct sockaddr *)&address, len) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) < 0 ||
        listen(listener, 1) < 0)
        fail("listen");
    setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &send_buf_len,
               sizeof send_buf_len);
    for (unsigned i = 0; i < conns; i++) {
        receivers[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(receivers[i], (struct sockaddr *)&address, len) < 0)
            fail("connect");
        senders[i] = accept(listener, NULL, NULL);
        if (senders[i] < 0)
            fail("accept");
        setsockopt(senders[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
}

/* Makes the three sources: size bytes in memory, in a file, and in a memfd. */
static void make_sources(void)
{
    char name[256];

    snprintf(name, sizeof name, "%s/send-floor.XXXXXX", folder);
    memory = malloc(size);
    files[1] = mkstemp(name);
    files[2] = memfd_create("send-floor", MFD_CLOEXEC);
    if (memory == NULL || files[1] < 0 || unlink(name) < 0 || files[2] < 0)
        fail(name);
    for (unsigned i = 0; i < size; i++)
        memory[i] = (char)rand();
    for (unsigned way = 1; way < WAYS; way++)
        if (write(files[way], memory, size) != (ssize_t)size)
            fail("write");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_times(const char *what, double *times)
{
    qsort(times, rounds, sizeof *times, compare);
    printf("  %s %.2f us (%.2f..%.2f)", what, times[rounds / 2],
           times[rounds / 10], times[rounds - 1 - rounds / 10]);
}

static const char help[] =
    "[options]\n"
    "Prints the processor time of sending an answer, and of receiving it: the\n"
    "median of the rounds, and in parentheses the middle 80 % of them.\n\n"
    "  --size N         bytes of an answer (131072)\n"
    "  --conns N        connections; each gets an answer per round (64)\n"
    "  --rounds N       rounds (101)\n"
    "  --folder DIR     where the file is (/var/tmp)\n"
    "  --send-cpu N     the processor of the thread that sends (0)\n"
    "  --receive-cpu N  the processor of the thread that receives (1)\n"
    "  --help, --version\n";

int main(int argc, char **argv)
{
    const struct command_option options[] = {
        {.name = "size", .number = &size, .min = 1, .max = SIZE_MAX_ALLOWED},
        {.name = "conns", .number = &conns, .min = 1, .max = CONNS_MAX},
        {.name = "rounds", .number = &rounds, .min = 1, .max = ROUNDS_MAX},
        {.name = "folder", .text = &folder},
        {.name = "send-cpu", .number = &send_cpu, .max = CPU_SETSIZE - 1},
        {.name = "receive-cpu", .number = &receive_cpu,
         .max = CPU_SETSIZE - 1},
        {0},
    };
    struct command command = {
        .name = "send-floor", .help = help, .options = options,
    };
    int code = command_read(&command, argc, argv);
    pthread_t receiver;

    if (code != COMMAND_GO_ON)
        return code;
    make_sources();
    connect_all();
    pthread_barrier_init(&barrier, NULL, 2);
    errno = pthread_create(&receiver, NULL, floor_receive_all, NULL);
    if (errno != 0)
        fail("pthread_create");
    stay_on(send_cpu);
    send_all();
    pthread_join(receiver, NULL);
    for (unsigned way = 0; way < WAYS; way++) {
        printf("%-20s", ways[way]);
        print_times("send", send_us[way]);
        print_times("receive", receive_us[way]);
        printf("\n");
    }
    return command_finish(&command, COMMAND_DONE);
}
