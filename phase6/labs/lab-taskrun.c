/* lab-taskrun.c: when the kernel posts a completion, and what it interrupts.
 * Introduced in phase 6. Needs: lab.h, sys.h.
 *
 * What it teaches: when data arrives, the kernel queues task work for the
 * thread that submitted the read. Only this thread copies the data and posts
 * the CQE. The flags of the ring decide when it does that:
 *
 *      (none)         at once: the kernel interrupts the thread's CPU
 *      COOP_TASKRUN   when the thread next enters the kernel for any reason,
 *                     for example the timer's interrupt
 *      DEFER_TASKRUN  when the thread calls io_uring_enter with GETEVENTS
 *
 * The first two also wake the thread from another system call that sleeps. Some
 * calls, such as epoll_wait, return -EINTR then, although no signal arrived. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"

#define DEADLINE_NS UINT64_C(10000000000)

enum { KINDS = 3 };

struct kind {
    const char *name;
    unsigned flags;
    bool is_deferred;
};

/* What the second thread needs. It begins when go is set, or when the thread
 * `sleeper` sleeps in a system call. */
struct writer {
    atomic_bool go;
    int sleeper, fd, ring_fd;
    int submit_result;
};

/* Returns true if the kernel's state of the thread is S, an interruptible
 * sleep. */
static bool is_asleep(int tid)
{
    char path[64], text[128], *end;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    if (sys_read_text(path, text, sizeof text) < 0)
        return false;
    end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' && end[2] == 'S';
}

/* The second thread. Writes a byte, so that the read of the first thread can
 * complete. Then tries to submit to the ring of the first thread. */
static void *write_byte(void *arg)
{
    struct writer *w = arg;
    uint64_t deadline_ns = sys_now_ns() + DEADLINE_NS;

    while (!atomic_load(&w->go) && !is_asleep(w->sleeper) &&
           sys_now_ns() < deadline_ns)
        sys_pause_ns(100000);
    if (write(w->fd, "x", 1) == 1)
        w->submit_result = io_uring_enter((unsigned)w->ring_fd, 1, 0, 0, NULL);
    return NULL;
}

/* Waits without a system call for the CQE, or for the flag that tells a ring
 * with DEFER_TASKRUN to enter the kernel. */
static void compute(struct io_uring *ring)
{
    uint64_t deadline_ns = sys_now_ns() + DEADLINE_NS;

    while (io_uring_cq_ready(ring) == 0 &&
           !(*(volatile unsigned *)ring->sq.kflags & IORING_SQ_TASKRUN) &&
           sys_now_ns() < deadline_ns)
        ;
}

/* Waits in epoll_wait for events that never come. */
static int sleep_in_epoll(int timeout_ms)
{
    struct epoll_event event;
    int fd = epoll_create1(0);
    int rc = epoll_wait(fd, &event, 1, timeout_ms);

    rc = rc < 0 ? -errno : rc;
    close(fd);
    return rc;
}

/* Starts a read, and lets the second thread complete it while this thread
 * computes or sleeps. */
static void try(struct io_uring *ring, const struct kind *kind, bool computes)
{
    struct writer w = {.sleeper = sys_thread_id(), .ring_fd = ring->ring_fd};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    pthread_t thread;
    int fds[2];
    char c;

    lab_pipe(fds);
    w.fd = fds[1];
    io_uring_prep_read(sqe, fds[0], &c, 1, 0);
    io_uring_submit(ring);
    if (sys_thread_start(&thread, write_byte, &w) < 0)
        return;
    if (computes) {
        atomic_store(&w.go, true);
        compute(ring);
    } else {
        lab_result("epoll_wait", kind->is_deferred ? 0 : -EINTR,
                   sleep_in_epoll(kind->is_deferred ? 100 : 10000));
    }
    lab_truth(computes ? "a CQE while the thread computes"
                       : "a CQE after epoll_wait",
              !kind->is_deferred, io_uring_cq_ready(ring) > 0);
    (void)sys_thread_join(thread);
    if (!computes)
        lab_result("a submit in another thread",
                   kind->is_deferred ? -EEXIST : 0, w.submit_result);
    io_uring_get_events(ring);
    lab_result("CQEs after io_uring_get_events", 1,
               (int)io_uring_cq_ready(ring));
    io_uring_cq_advance(ring, 1);
    close(fds[0]);
    close(fds[1]);
}

int main(int argc, char **argv)
{
    static const struct kind kinds[KINDS] = {
        {"a plain ring", 0, false},
        {"COOP_TASKRUN", IORING_SETUP_COOP_TASKRUN, false},
        {"DEFER_TASKRUN, with SINGLE_ISSUER and TASKRUN_FLAG",
         IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER |
             IORING_SETUP_TASKRUN_FLAG,
         true},
    };
    struct io_uring rings[KINDS + 1] = {0};
    int code = lab_options(argc, argv, "lab-taskrun",
                           "When does the kernel post a completion?");

    if (code != -1)
        return code;
    if (lab_ring(&rings[KINDS], 4, 0, 0) < 0)
        return LAB_USAGE;
    for (int i = 0; i < KINDS; i++) {
        struct io_uring_params params = {.flags = kinds[i].flags};

        if (lab_setup(&rings[i], 4, &params) < 0) {
            lab_absent(kinds[i].name, "the kernel does not know it");
            continue;
        }
        lab_print(kinds[i].name);
        try(&rings[i], &kinds[i], true);
        try(&rings[i], &kinds[i], false);
    }
    /* Not earlier: the kernel closes a ring later, and interrupts the thread
     * for that, too. */
    for (int i = 0; i <= KINDS; i++)
        if (rings[i].ring_fd > 0)
            io_uring_queue_exit(&rings[i]);
    return lab_end();
}
