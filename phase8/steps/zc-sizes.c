/* zc-sizes.c: from which size on a zero-copy send is cheaper than a copy.
 * Introduced in phase 8. Needs: command.h, err.h, probe.h, ring.h, sys.h,
 * uring_compat.h.
 *
 * What it teaches: a copy costs time per byte. A zero-copy send costs a fixed
 * time: the pages have to be found and held, and there is a second CQE. So
 * there is a size from which zero copy is cheaper, and it depends on the way to
 * the network. With a registered buffer, the pages are held already.
 *
 * Without --to, sends over TCP to a thread of this process, which reads and
 * drops. This is loopback, and there the kernel copies in any case. With --to,
 * sends UDP datagrams to that address. On a network device that drops them, the
 * figures are the cost of sending alone: bench.sh makes such a device.
 *
 * The figures are CPU time of the sending thread, which is inside the kernel
 * most of the time. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "command.h"
#include "err.h"
#include "probe.h"
#include "ring.h"
#include "sys.h"
#include "uring_compat.h"

#define BATCH 8 /* sends in flight */
#define LEN_MAX (256u * 1024)
#define UDP_LEN_MAX 65507u
#define ROUNDS_MAX 99

enum way { COPY, ZERO_COPY, ZERO_COPY_FIXED, WAYS };

static unsigned rounds = 9, batches = 100;
static const char *to;
static struct ring ring;
static char *buffer; /* owned: LEN_MAX bytes */
static unsigned copied; /* zero-copy sends that the kernel has copied */

static void must(int rc, const char *what)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "zc-sizes: cannot %s: %s (%s)\n", what, err_words(rc),
            err_name(rc));
    exit(COMMAND_FAILED);
}

static void *drain(void *arg)
{
    static char bytes[LEN_MAX];

    while (sys_read(*(int *)arg, bytes, sizeof bytes) > 0)
        ;
    return NULL;
}

/* Returns a TCP socket whose peer is read by a thread. */
static int connect_loopback(void)
{
    static int peer;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct sockaddr *name = (struct sockaddr *)&address;
    socklen_t len = sizeof address;
    int listener = sys_socket(AF_INET, SOCK_STREAM, 0), fd;
    pthread_t thread;

    must(sys_bind(listener, name, len), "bind");
    must(sys_listen(listener, 1), "listen");
    must(getsockname(listener, name, &len), "read the port");
    fd = sys_socket(AF_INET, SOCK_STREAM, 0);
    must(connect(fd, name, len), "connect");
    peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    must(sys_thread_start(&thread, drain, &peer), "start a thread");
    return fd;
}

static int connect_udp(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(9)}; /* discard */
    int fd = sys_socket(AF_INET, SOCK_DGRAM, 0);

    must(inet_pton(AF_INET, to, &address.sin_addr) == 1 ? 0 : -EINVAL,
         "use the address of --to");
    must(connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno
                                                                      : 0,
         "connect");
    return fd;
}

static void prepare(int fd, unsigned len, enum way way)
{
    struct io_uring_sqe *sqe = ring_sqe(&ring, 1);

    if (way == COPY) {
        io_uring_prep_send(sqe, fd, buffer, len, MSG_WAITALL);
        return;
    }
    io_uring_prep_send_zc(sqe, fd, buffer, len, MSG_WAITALL,
                          UR_SEND_ZC_REPORT_USAGE);
    if (way == ZERO_COPY_FIXED)
        sqe->ioprio |= IORING_RECVSEND_FIXED_BUF;
}

/* Sends a batch, and waits for all its CQEs: one per send, and one more if it
 * has F_MORE. */
static void run_batch(int fd, unsigned len, enum way way)
{
    struct io_uring_cqe cqe;
    unsigned left = BATCH;

    for (int i = 0; i < BATCH; i++)
        prepare(fd, len, way);
    while (left > 0) {
        must(ring_enter(&ring, 1, RING_FOREVER), "send");
        while (ring_next(&ring, &cqe)) {
            if (cqe.flags & IORING_CQE_F_NOTIF)
                copied += ((unsigned)cqe.res & UR_NOTIF_USAGE_ZC_COPIED) != 0;
            else
                must(cqe.res, "send");
            left -= !(cqe.flags & IORING_CQE_F_MORE);
        }
    }
}

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Prints a row: the medians of rounds in which the three ways alternate. */
static void print_row(int fd, unsigned len)
{
    static uint64_t ns[WAYS][ROUNDS_MAX];

    copied = 0;
    for (unsigned round = 0; round <= rounds; round++) {
        for (int way = 0; way < WAYS; way++) {
            uint64_t began = cpu_ns();

            for (unsigned i = 0; i < batches; i++)
                run_batch(fd, len, (enum way)way);
            if (round > 0) /* the first one warms up */
                ns[way][round - 1] = (cpu_ns() - began) / batches / BATCH;
        }
    }
    for (int way = 0; way < WAYS; way++)
        qsort(ns[way], rounds, sizeof **ns, compare);
    printf("| %u | %.2f | %.2f | %.2f | %.0f %% |\n", len,
           (double)ns[COPY][rounds / 2] / 1e3,
           (double)ns[ZERO_COPY][rounds / 2] / 1e3,
           (double)ns[ZERO_COPY_FIXED][rounds / 2] / 1e3,
           copied * 50.0 / (rounds + 1) / batches / BATCH);
}

int main(int argc, char **argv)
{
    const struct command_option options[] = {
        {.name = "to", .text = &to},
        {.name = "rounds", .number = &rounds, .min = 1, .max = ROUNDS_MAX},
        {.name = "batches", .number = &batches, .min = 1, .max = 1000000},
        {0},
    };
    struct command command = {
        .name = "zc-sizes",
        .help = "[--to ADDRESS] [--rounds N] [--batches N]\n"
                "Measures sends with and without a copy.\n\n"
                "  --to ADDRESS  UDP to this IPv4 address (TCP on loopback)\n"
                "  --rounds N    (9)\n"
                "  --batches N   of 8 sends, per size, way, and round (100)\n"
                "  --help, --version\n",
        .options = options,
    };
    int code = command_read(&command, argc, argv), fd;
    struct iovec whole = {.iov_len = LEN_MAX};

    if (code != COMMAND_GO_ON)
        return code;
    if (probe_missing_op(IORING_OP_SEND_ZC) != NULL)
        return command_misuse(&command, "%s",
                              probe_missing_op(IORING_OP_SEND_ZC));
    code = ring_init(&ring, &(struct ring_options){0});
    if (code < 0)
        return command_no_ring("zc-sizes", code);
    must(sys_map(&whole.iov_base, LEN_MAX), "get memory");
    buffer = whole.iov_base;
    for (unsigned i = 0; i < LEN_MAX; i++)
        buffer[i] = (char)i;
    must(io_uring_register_buffers(&ring.uring, &whole, 1), "register memory");
    fd = to != NULL ? connect_udp() : connect_loopback();
    puts("| bytes | copy, µs | zero copy, µs | with a registered buffer, µs | "
         "copied nevertheless |\n|---|---|---|---|---|");
    for (unsigned len = 512; len <= LEN_MAX; len *= 2)
        if (to == NULL || len < UDP_LEN_MAX)
            print_row(fd, len);
    return command_finish(&command, COMMAND_DONE);
}
