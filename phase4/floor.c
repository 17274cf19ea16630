/* floor: measures the lowest cost of a wait for a ring. The thread sleeps in
 * io_uring_enter, or in epoll_wait as the thread of a host loop does. This lab
 * uses only liburing.
 *
 * This thread sends a byte to another thread and reads the answer through the
 * ring. The other thread answers after a delay, so that this thread is asleep
 * by then. The lab compares six ways to wait, from a loop that waits in
 * io_uring_enter to a host that watches an eventfd. No library can avoid the
 * differences between these ways; bench.sh shows the overhead that our library
 * adds. */
#include <errno.h>
#include <liburing.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "err.h"

#define ROUNDS 9 /* per way; the median is printed */
#define ECHOES 10000 /* per measurement: 0.2 s */
#define ANSWER_NS 10000 /* longer than it takes to fall asleep */
#define DEFERRED                                            \
    (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | \
     IORING_SETUP_TASKRUN_FLAG)

enum sleep_in {
    ENTER,           /* io_uring_enter, for the ring alone */
    ENTER_FOR_BOTH,  /* io_uring_enter, with a poll of the epoll set */
    RING_FD,         /* epoll_wait, with the ring in the set */
    EVENTFD,         /* epoll_wait, with the ring's eventfd in the set */
    EVENTFD_BY_EDGE, /* with EPOLLET: the eventfd is not read */
};

static const struct way {
    const char *name;
    enum sleep_in sleep_in;
    unsigned flags; /* of the ring */
    bool is_quiet;  /* no signals while this thread is awake */
} ways[] = {
    {"the submit is the wait", ENTER, DEFERRED, false},
    {"the same, watching an epoll set", ENTER_FOR_BOTH, DEFERRED, false},
    {"submit; epoll: the ring's fd, plain", RING_FD, 0, false},
    {"submit; epoll: eventfd; read it; enter", EVENTFD, DEFERRED, false},
    {"the same, quiet while it looks", EVENTFD, DEFERRED, true},
    {"the same, by edge: not read", EVENTFD_BY_EDGE, DEFERRED, true},
};
#define WAYS (sizeof ways / sizeof *ways) /* lines of the table */

struct lab {
    struct io_uring ring;
    const struct way *way;
    int epoll_fd, event_fd;
    int question[2], answer[2]; /* pipes to the other thread, and back */
    char byte; /* owned by the kernel during the read */
};

static long long time_ns(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Runs as the other thread. Ends when its pipe is closed. Spins instead of
 * sleeping, because a sleep would last longer than 10 us, and vary. */
static void *floor_answer_all(void *arg)
{
    const struct lab *lab = arg;
    char byte;

    while (read(lab->question[0], &byte, 1) == 1) {
        long long until_ns = time_ns(CLOCK_MONOTONIC) + ANSWER_NS;

        while (time_ns(CLOCK_MONOTONIC) < until_ns)
            continue;
        (void)!write(lab->answer[1], &byte, 1);
    }
    return NULL;
}

/* If the way is quiet, turns the ring's signals to its eventfd on before this
 * thread sleeps. A completion that arrived while they were off did not send a
 * signal, so this function checks for completions again. The full fence keeps
 * the CPU from checking before the signals are on. Returns true if the thread
 * may sleep. */
static bool may_sleep(struct lab *lab)
{
    unsigned flags;

    if (!lab->way->is_quiet)
        return true;
    (void)io_uring_cq_eventfd_toggle(&lab->ring, true);
    atomic_thread_fence(memory_order_seq_cst);
    flags = IO_URING_READ_ONCE(*lab->ring.sq.kflags);
    return (flags & IORING_SQ_TASKRUN) == 0;
}

/* Sleeps in epoll_wait until there is a completion. On a deferred ring the
 * kernel posts the completion only when this thread enters the kernel. If the
 * ring's signals are still on, the kernel then signals the eventfd again, and
 * the next epoll_wait returns immediately, without a completion. */
static void sleep_in_epoll(struct lab *lab)
{
    struct epoll_event event;
    uint64_t count;

    while (io_uring_cq_ready(&lab->ring) == 0) {
        if (may_sleep(lab))
            (void)epoll_wait(lab->epoll_fd, &event, 1, -1);
        if (lab->way->is_quiet)
            (void)io_uring_cq_eventfd_toggle(&lab->ring, false);
        if (lab->way->sleep_in == EVENTFD)
            (void)!read(lab->event_fd, &count, sizeof count);
        if (lab->way->flags & IORING_SETUP_DEFER_TASKRUN)
            (void)io_uring_get_events(&lab->ring);
    }
}

/* Sends a byte and waits for the answer. The byte is always sent with write(2),
 * so that only the wait differs. Returns 0 or -errno. */
static int echo(struct lab *lab)
{
    enum sleep_in how = lab->way->sleep_in;
    int rc;

    (void)!write(lab->question[1], "x", 1);
    io_uring_prep_read(io_uring_get_sqe(&lab->ring), lab->answer[0],
                       &lab->byte, 1, (uint64_t)-1);
    if (how == ENTER || how == ENTER_FOR_BOTH) {
        do /* the poll of ENTER_FOR_BOTH never completes here */
            rc = io_uring_submit_and_wait(&lab->ring, 1);
        while (rc == -EINTR || (rc >= 0 && io_uring_cq_ready(&lab->ring) == 0));
    } else {
        rc = io_uring_submit(&lab->ring);
        if (rc >= 0)
            sleep_in_epoll(lab);
    }
    io_uring_cq_advance(&lab->ring, io_uring_cq_ready(&lab->ring));
    return rc < 0 ? rc : 0;
}

/* Creates the ring and the epoll set, and connects them as the way requires.
 * Returns 0 or -errno. */
static int lab_init(struct lab *lab)
{
    struct epoll_event event = {.events = EPOLLIN};
    enum sleep_in how = lab->way->sleep_in;
    int rc = io_uring_queue_init(8, &lab->ring, lab->way->flags);

    if (rc < 0)
        return rc;
    (void)io_uring_register_ring_fd(&lab->ring); /* as lib does */
    lab->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    lab->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    /* After a failure the program ends, which closes the descriptors. */
    if (lab->epoll_fd < 0 || lab->event_fd < 0)
        return -errno;
    if (how == ENTER_FOR_BOTH)
        io_uring_prep_poll_add(io_uring_get_sqe(&lab->ring), lab->epoll_fd,
                               EPOLLIN);
    if (how == EVENTFD || how == EVENTFD_BY_EDGE)
        rc = io_uring_register_eventfd(&lab->ring, lab->event_fd);
    if (how == EVENTFD_BY_EDGE)
        event.events |= EPOLLET;
    if (how == EVENTFD || how == EVENTFD_BY_EDGE)
        (void)epoll_ctl(lab->epoll_fd, EPOLL_CTL_ADD, lab->event_fd, &event);
    if (how == RING_FD)
        (void)epoll_ctl(lab->epoll_fd, EPOLL_CTL_ADD, lab->ring.ring_fd,
                        &event);
    return rc;
}

/* Returns the nanoseconds of this thread's CPU time per echo, or -errno. The
 * elapsed time would include the delay of the other thread. */
static long long measure(const struct way *way)
{
    struct lab lab = {.way = way};
    long long begin_ns, end_ns;
    pthread_t thread;
    int rc = lab_init(&lab);

    if (rc < 0)
        return rc;
    if (pipe(lab.question) < 0 || pipe(lab.answer) < 0)
        return -errno;
    rc = pthread_create(&thread, NULL, floor_answer_all, &lab);
    if (rc != 0)
        return -rc;
    begin_ns = time_ns(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < ECHOES && rc == 0; i++)
        rc = echo(&lab);
    end_ns = time_ns(CLOCK_THREAD_CPUTIME_ID);
    close(lab.question[1]); /* ends the other thread */
    pthread_join(thread, NULL);
    close(lab.question[0]);
    close(lab.answer[0]);
    close(lab.answer[1]);
    io_uring_queue_exit(&lab.ring);
    close(lab.epoll_fd);
    close(lab.event_fd);
    return rc < 0 ? rc : (end_ns - begin_ns) / ECHOES;
}

static int floor_compare(const void *left, const void *right)
{
    long long a = *(const long long *)left, b = *(const long long *)right;

    return a < b ? -1 : a > b;
}

/* Measures the ways alternately, so that other load on the machine slows all of
 * them. */
static int measure_all(void)
{
    static long long ns[WAYS][ROUNDS];

    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < WAYS; i++) {
            ns[i][round] = measure(&ways[i]);
            if (ns[i][round] < 0) {
                fprintf(stderr, "floor: cannot measure '%s': %s (%s)\n",
                        ways[i].name, err_words((int)ns[i][round]),
                        err_name((int)ns[i][round]));
                return 2;
            }
        }
    /* The column "more" is the difference from the first line, in which the
     * submit is the wait. */
    printf("%-40s  ns for each  more\n", "where this thread sleeps");
    for (size_t i = 0; i < WAYS; i++) {
        qsort(ns[i], ROUNDS, sizeof **ns, floor_compare);
        printf("%-40s  %11lld  %4lld\n", ways[i].name, ns[i][ROUNDS / 2],
               ns[i][ROUNDS / 2] - ns[0][ROUNDS / 2]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "floor",
        .help =
            "[--help] [--version]\n"
            "Prints the cost of an operation that completes while its thread\n"
            "sleeps, for each way to sleep. Best run on one CPU:\n"
            "taskset -c 0.\n"
            "exit: 0 measured, 2 usage or environment\n",
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    return command_finish(&command, measure_all());
}
