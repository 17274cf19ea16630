/* readiness: compares select, poll, epoll, and a ring.
 *
 * Four of many descriptors become readable. The program finds and reads them in
 * four ways, and prints the system calls and the time per descriptor. Each line
 * of the table has more idle descriptors than the line above, to show which
 * ways become slower. docs/why.md explains the result.
 *
 * This lab uses only liburing. The descriptors are eventfds, because each pipe
 * would need two descriptors, and select accepts no descriptor above 1023. */
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "err.h"

#define COUNT_MAX 1000 /* the usual limit is 1024 open files per process */
#define READY 4        /* descriptors that become readable in each round */
#define ROUNDS 301     /* per way; the median is printed */

struct lab {
    int fds[COUNT_MAX]; /* eventfds, in ascending order */
    int count; /* eventfds created so far */
    unsigned long calls; /* system calls that find and read descriptors */
    fd_set set; /* select's list of all fds */
    struct pollfd polled[COUNT_MAX]; /* poll's list of all fds */
    int epoll_fd; /* epoll's list is in the kernel */
    struct io_uring ring;
    uint64_t numbers[COUNT_MAX]; /* the buffers of the ring's reads */
};

enum way { SELECT, POLL, EPOLL, RING, WAYS };

static const char *const names[] = {"select", "poll", "epoll", "ring"};

/* Returns result. If it is -errno, prints a message and ends the program. */
static int must(const char *call, int result)
{
    if (result >= 0)
        return result;
    (void)!fflush(stdout); /* print the finished lines first */
    fprintf(stderr, "\nreadiness: cannot %s: %s (%s); the lab needs io_uring "
                    "and 1024 open files\n",
            call, err_words(result), err_name(result));
    exit(2);
}

/* Returns result, the value that a system call returned. Returns 0 after EINTR,
 * and ends the program after any other error. */
static int waited(const char *call, int result)
{
    if (result < 0 && errno == EINTR)
        return 0;
    return must(call, result < 0 ? -errno : result);
}

static void take(struct lab *lab, int fd)
{
    uint64_t number; /* the read also sets the counter to 0 */

    lab->calls++;
    if (read(fd, &number, sizeof number) < 0)
        must("read", -errno);
}

/* Finds and reads descriptors with select. The kernel overwrites the set, so
 * each call needs a copy. */
static int select_find(struct lab *lab)
{
    fd_set readable = lab->set; /* the kernel copies 128 bytes in and out */
    int last = lab->fds[lab->count - 1]; /* the greatest */
    int found = waited("select", select(last + 1, &readable, NULL, NULL, NULL));

    lab->calls++;
    for (int i = 0; i < lab->count && found > 0; i++)
        if (FD_ISSET(lab->fds[i], &readable))
            take(lab, lab->fds[i]);
    return found;
}

/* Finds and reads descriptors with poll. The list can be reused, but the kernel
 * and the program still walk all of it. */
static int poll_find(struct lab *lab)
{
    int found = waited("poll", poll(lab->polled, (nfds_t)lab->count, -1));

    lab->calls++;
    for (int i = 0; i < lab->count && found > 0; i++)
        if (lab->polled[i].revents != 0)
            take(lab, lab->fds[i]);
    return found;
}

/* Finds and reads descriptors with epoll. The kernel keeps the list, and
 * returns only the readable descriptors. */
static int epoll_find(struct lab *lab)
{
    struct epoll_event events[READY]; /* room for one round */
    int found = waited("epoll_wait",
                       epoll_wait(lab->epoll_fd, events, READY, -1));

    lab->calls++;
    for (int i = 0; i < found; i++)
        take(lab, events[i].data.fd);
    return found;
}

/* Queues a read of the descriptor. The SQ has room for all descriptors. */
static void ring_read(struct lab *lab, int i)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&lab->ring);

    io_uring_prep_read(sqe, lab->fds[i], &lab->numbers[i],
                       sizeof lab->numbers[i], 0);
    sqe->user_data = (uint64_t)i; /* comes back in the CQE */
}

/* Waits for READY reads. The CQEs contain their results. The next reads are
 * submitted together with the next wait, so they do not need an extra system
 * call. */
static int ring_find(struct lab *lab)
{
    int rc = io_uring_submit_and_wait(&lab->ring, READY);
    struct io_uring_cqe *cqe;
    unsigned head, found = 0;

    lab->calls++;
    must("submit and wait", rc == -EINTR ? 0 : rc);
    io_uring_for_each_cqe(&lab->ring, head, cqe) {
        must("read", cqe->res); /* the kernel has already read it */
        ring_read(lab, (int)cqe->user_data);
        found++;
    }
    io_uring_cq_advance(&lab->ring, found);
    return (int)found;
}

static long long now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int readiness_compare(const void *left, const void *right)
{
    long long a = *(const long long *)left, b = *(const long long *)right;

    return a < b ? -1 : a > b;
}

/* Sets up one way to watch all descriptors. */
static void begin(struct lab *lab, enum way way)
{
    struct epoll_event event = {.events = EPOLLIN};
    int rc = way != RING ? 0
                         : io_uring_queue_init(COUNT_MAX, &lab->ring,
                                               IORING_SETUP_SINGLE_ISSUER |
                                                   IORING_SETUP_DEFER_TASKRUN);

    if (rc == -EINVAL) /* before Linux 6.1 */
        rc = io_uring_queue_init(COUNT_MAX, &lab->ring, 0);
    must("set up a ring", rc);
    lab->epoll_fd = waited("make an epoll set", epoll_create1(EPOLL_CLOEXEC));
    FD_ZERO(&lab->set);
    for (int i = 0; i < lab->count; i++) {
        event.data.fd = lab->fds[i];
        if (way == SELECT && lab->fds[i] >= FD_SETSIZE)
            must("put a descriptor in a set", -EBADF);
        if (way == SELECT)
            FD_SET(lab->fds[i], &lab->set);
        else if (way == EPOLL)
            waited("watch", epoll_ctl(lab->epoll_fd, EPOLL_CTL_ADD,
                                      lab->fds[i], &event));
        else if (way == RING)
            ring_read(lab, i);
        lab->polled[i] = (struct pollfd){lab->fds[i], POLLIN, 0};
    }
    if (way == RING) /* the reads wait in the kernel */
        must("submit", io_uring_submit(&lab->ring));
}

/* Makes READY descriptors readable in each round. These descriptors are far
 * apart, and different from those of the previous round. Measures only the time
 * to find and read them. The time to make them readable does not count, because
 * in practice another program does that. */
static void measure(struct lab *lab, enum way way)
{
    const uint64_t one = 1; /* added to the counter of an eventfd */
    static long long ns[ROUNDS];

    begin(lab, way);
    lab->calls = 0; /* set-up does not count */
    for (int round = 0; round < ROUNDS; round++) {
        long long begin_ns;

        for (int i = 0; i < READY; i++)
            if (write(lab->fds[(round + i * lab->count / READY) % lab->count],
                      &one, sizeof one) < 0)
                must("write", -errno);
        begin_ns = now_ns();
        for (int found = 0; found < READY;) /* usually one call */
            found += way == SELECT  ? select_find(lab)
                     : way == POLL  ? poll_find(lab)
                     : way == EPOLL ? epoll_find(lab)
                                    : ring_find(lab);
        ns[round] = now_ns() - begin_ns;
    }
    close(lab->epoll_fd);
    if (way == RING)
        io_uring_queue_exit(&lab->ring);
    qsort(ns, ROUNDS, sizeof *ns, readiness_compare);
    printf("  %5.2f %6lld", (double)lab->calls / (ROUNDS * READY),
           ns[ROUNDS / 2] / READY);
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "readiness",
        .help = "[--help] [--version]\n"
                "Prints the system calls and the time to find and read a\n"
                "readable descriptor among many others.\n"
                "exit: 0 measured, 2 usage or environment\n",
    };
    static const int counts[] = {16, 64, 250, COUNT_MAX};
    static struct lab lab; /* 20 KiB */
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    printf("%11s", "");
    for (int way = 0; way < WAYS; way++)
        printf("%14s", names[way]);
    printf("\ndescriptors");
    for (int way = 0; way < WAYS; way++)
        printf("  %5s %6s", "calls", "ns");
    for (size_t line = 0; line < sizeof counts / sizeof *counts; line++) {
        for (; lab.count < counts[line]; lab.count++)
            lab.fds[lab.count] =
                waited("make an eventfd", eventfd(0, EFD_CLOEXEC));
        printf("\n%11d", lab.count);
        for (int way = 0; way < WAYS; way++)
            measure(&lab, (enum way)way);
    }
    printf("\n");
    return command_finish(&command, 0);
}
