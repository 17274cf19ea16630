/* lab-taskrun.c: when the kernel posts a completion, and what it interrupts.
 * Introduced in phase 6. Needs: lab.h, sys.h, threads.h.
 *
 * What it teaches: when data arrives, the kernel queues task work for the
 * thread that submitted the read. Only this thread copies the data and posts
 * the CQE. The flags of the ring decide when it does that:
 *
 *      (none)         immediately: the kernel interrupts the thread's CPU
 *      COOP_TASKRUN   when the thread next enters the kernel for any reason,
 *                     for example the timer's interrupt
 *      DEFER_TASKRUN  when the thread calls io_uring_enter with GETEVENTS
 *
 * With the first two, the kernel also wakes the thread if it sleeps in another
 * system call. Then some calls, such as epoll_wait, return -EINTR, although no
 * signal arrived. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "threads.h"

#define DEADLINE_NS UINT64_C(10000000000)

/* The second thread writes when go is set, or when thread `sleeper` sleeps. */
struct writer {
    atomic_bool go;
    int sleeper, fd;
};

static void *write_byte(void *arg)
{
    struct writer *w = arg;

    if (w->sleeper != 0)
        threads_wait_asleep(w->sleeper);
    else
        while (!atomic_load(&w->go))
            sys_pause_ns(100000);
    (void)!write(w->fd, "x", 1);
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
    int fd = epoll_create1(EPOLL_CLOEXEC);
    int rc = epoll_wait(fd, &event, 1, timeout_ms) < 0 ? -errno : 0;

    close(fd);
    return rc;
}

/* Starts a read, and lets the second thread complete it while this thread
 * computes or sleeps. */
static void try(struct io_uring *ring, bool sleeps)
{
    const bool is_deferred = (ring->flags & IORING_SETUP_DEFER_TASKRUN) != 0;
    struct writer w = {.sleeper = sleeps ? sys_thread_id() : 0};
    pthread_t thread;
    int fds[2];
    char c;

    lab_pipe(fds);
    w.fd = fds[1];
    io_uring_prep_read(io_uring_get_sqe(ring), fds[0], &c, 1, 0);
    io_uring_submit(ring);
    if (sys_thread_start(&thread, write_byte, &w) < 0)
        return;
    atomic_store(&w.go, true);
    if (sleeps)
        lab_result("epoll_wait", is_deferred ? 0 : -EINTR,
                   sleep_in_epoll(is_deferred ? 100 : 10000));
    else
        compute(ring);
    lab_truth(sleeps ? "a CQE afterwards" : "a CQE while the thread computes",
              !is_deferred, io_uring_cq_ready(ring) > 0);
    (void)sys_thread_join(thread);
    io_uring_get_events(ring);
    lab_result("CQEs after an enter", 1, (int)io_uring_cq_ready(ring));
    io_uring_cq_advance(ring, 1);
    close(fds[0]);
    close(fds[1]);
}

static void try_both(const char *name, unsigned flags)
{
    struct io_uring_params params = {.flags = flags};
    struct io_uring ring;

    if (lab_setup(&ring, 4, &params) < 0) {
        lab_absent(name, "the kernel does not know it");
        return;
    }
    lab_print(name);
    try(&ring, false);
    try(&ring, true);
    /* We do not close the ring. The kernel would release it a moment later, and
     * this would interrupt the epoll_wait of the next ring, too. */
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-taskrun",
                           "When does the kernel post a completion?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    try_both("a plain ring", 0);
    try_both("COOP_TASKRUN", IORING_SETUP_COOP_TASKRUN);
    try_both("DEFER_TASKRUN, with SINGLE_ISSUER and TASKRUN_FLAG",
             IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER |
                 IORING_SETUP_TASKRUN_FLAG);
    return lab_end();
}
