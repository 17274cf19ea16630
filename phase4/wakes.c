/* wakes: does a completion wake a sleeping thread? This lab uses only liburing.
 *
 * This thread submits a read, and sleeps on the ring's eventfd or on the ring's
 * own descriptor. Then another thread writes. The program prints whether this
 * thread wakes up, and how many completions it finds. Each line shows two
 * tries, because the second result can differ from the first.
 *
 * lib/bridge/bridge.c depends on the results. The manual pages do not document
 * all of the results. */
#include <liburing.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "err.h"

/* The kernel's own delays are about 10 ms. If this thread still sleeps after
 * 250 ms, the write did not wake it. */
#define SLEEP_MS 250
#define PAUSE_NS 5000000 /* delay of the write; this thread sleeps by then */

enum watcher { EVENTFD_EPOLL, RING_POLL, RING_EPOLL, WATCHERS };
enum source { PIPE, EVENTFD, SOURCES };

static const char *const watcher_names[] = {
    "eventfd by epoll", "ring by poll", "ring by epoll"};
static const char *const source_names[] = {"pipe", "eventfd"};

struct lab {
    struct io_uring ring;
    enum watcher watcher;
    int signal_fd; /* the ring's eventfd */
    int epoll_fd;
    int from, to; /* ends of the pipe, or the eventfd twice */
    atomic_bool is_written;
};

static void *wakes_write_later(void *arg)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    const uint64_t one = 1;
    struct lab *lab = arg;

    nanosleep(&pause, NULL);
    (void)!write(lab->to, &one, sizeof one);
    atomic_store(&lab->is_written, true);
    return NULL;
}

/* Sleeps until the watched descriptor is readable. Returns the result of
 * epoll_wait(2) or poll(2). Repeats the sleep in two cases. When the kernel
 * destroys the ring of the previous line, it may interrupt this thread although
 * there is no completion. On a busy machine, the other thread may write only
 * after the sleep has timed out. */
static int sleep_on_it(const struct lab *lab)
{
    struct pollfd ready = {.fd = lab->ring.ring_fd, .events = POLLIN};
    struct epoll_event event;
    bool was_written;
    int rc;

    do {
        was_written = atomic_load(&lab->is_written);
        rc = lab->watcher == RING_POLL
                 ? poll(&ready, 1, SLEEP_MS)
                 : epoll_wait(lab->epoll_fd, &event, 1, SLEEP_MS);
    } while ((rc < 0 && io_uring_cq_ready(&lab->ring) == 0) ||
             (rc == 0 && !was_written));
    return rc;
}

/* Submits one read, and sleeps until the other thread writes. Prints how the
 * sleep ended, and how many completions this thread found, before and after it
 * entered the kernel. */
static void try_once(struct lab *lab)
{
    static uint64_t number; /* the buffer of the reads */
    uint64_t count; /* the eventfd's count, which is only a hint */
    unsigned at_once, after;
    pthread_t thread;
    int rc;

    io_uring_prep_read(io_uring_get_sqe(&lab->ring), lab->from, &number,
                       sizeof number, (uint64_t)-1);
    (void)io_uring_submit(&lab->ring);
    atomic_store(&lab->is_written, false);
    if (pthread_create(&thread, NULL, wakes_write_later, lab) != 0)
        return;
    rc = sleep_on_it(lab);
    at_once = io_uring_cq_ready(&lab->ring);
    pthread_join(thread, NULL);
    (void)io_uring_get_events(&lab->ring);
    after = io_uring_cq_ready(&lab->ring);
    io_uring_cq_advance(&lab->ring, after);
    (void)!read(lab->signal_fd, &count, sizeof count); /* clears the signal */
    printf("  %-12s %u then %u", rc > 0 ? "woken," : rc < 0 ? "interrupted,"
                                                            : "NOT WOKEN,",
           at_once, after);
}

/* Creates a ring, a way to watch it, and the source of its reads. An eventfd
 * serves as both ends. Returns 0 or -errno. */
static int lab_init(struct lab *lab, unsigned flags, enum source source)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fds[2], rc = io_uring_queue_init(8, &lab->ring, flags);

    if (rc < 0)
        return rc;
    lab->signal_fd = eventfd(0, EFD_NONBLOCK);
    lab->epoll_fd = epoll_create1(0);
    lab->from = lab->to = eventfd(0, 0);
    if (source == PIPE && pipe(fds) == 0) {
        close(lab->from);
        lab->from = fds[0];
        lab->to = fds[1];
    }
    if (lab->watcher == EVENTFD_EPOLL)
        rc = io_uring_register_eventfd(&lab->ring, lab->signal_fd);
    (void)epoll_ctl(lab->epoll_fd, EPOLL_CTL_ADD,
                    lab->watcher == EVENTFD_EPOLL ? lab->signal_fd
                                                  : lab->ring.ring_fd,
                    &event);
    return rc;
}

/* Runs the lab with these set-up flags, this watcher and this source, and
 * prints its line. Returns 0, or -errno if the kernel does not support such a
 * ring. */
static int show(const char *name, unsigned flags, enum watcher watcher,
                enum source source)
{
    struct lab lab = {.watcher = watcher};
    int rc = lab_init(&lab, flags, source);

    if (rc < 0) {
        fprintf(stderr, "wakes: cannot make a ring (%s): %s (%s)\n", name,
                err_words(rc), err_name(rc));
        return rc;
    }
    printf("%-9s %-17s %-8s", name, watcher_names[watcher],
           source_names[source]);
    try_once(&lab);
    try_once(&lab); /* shows whether a signal was lost */
    printf("\n");
    io_uring_queue_exit(&lab.ring);
    close(lab.signal_fd);
    close(lab.epoll_fd);
    close(lab.from);
    if (lab.to != lab.from)
        close(lab.to);
    return 0;
}

/* Prints the table. Plain rings come first, because every kernel with io_uring
 * supports them. */
static int show_all(void)
{
    static const struct {
        const char *name;
        unsigned flags;
    } rings[] = {
        {"plain", 0},
        {"deferred", IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN},
    };
    int rc = 0;

    printf("ring      watched           reads     first time, CQEs       "
           "second time, CQEs\n");
    for (int i = 0; i < 2 * SOURCES * WATCHERS && rc == 0; i++)
        rc = show(rings[i / (SOURCES * WATCHERS)].name,
                  rings[i / (SOURCES * WATCHERS)].flags,
                  (enum watcher)(i % WATCHERS),
                  (enum source)(i / WATCHERS % SOURCES));
    return rc;
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "wakes",
        .help =
            "[--help] [--version]\n"
            "Shows whether a completion wakes a sleeping thread on this\n"
            "kernel, and how many completions the thread finds before and\n"
            "after it enters the kernel.\n"
            "exit: 0 shown, 2 usage or environment\n",
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    return command_finish(&command, show_all() < 0 ? 2 : 0);
}
