/* lab-issuer.c: which thread may submit.
 * Introduced in phase 6. Needs: lab.h, sys.h.
 *
 * What it teaches: any thread may submit to a plain ring, if the threads take
 * turns. With SINGLE_ISSUER only the thread that made the ring may submit, and
 * the kernel needs fewer locks. If the ring also has R_DISABLED, only the
 * thread that enabled it may submit:
 *
 *      thread 1            thread 2
 *      io_uring_setup                        R_DISABLED | SINGLE_ISSUER
 *                          ENABLE_RINGS      from now on only thread 2
 *      submit: -EEXIST     submit: ok
 *
 * So a program can make all rings in its main thread, and hand each of them to
 * the thread that will use it. */
#include <errno.h>
#include <pthread.h>

#include "lab.h"
#include "sys.h"

/* The arguments and results of the second thread. */
struct second {
    struct io_uring *ring;
    bool enables;
    int enabled, submitted;
};

/* Submits a nop, and waits for it. Returns 1, or -errno. */
static int submit(struct io_uring *ring)
{
    int rc;

    if (io_uring_sq_ready(ring) == 0)
        io_uring_prep_nop(io_uring_get_sqe(ring));
    rc = io_uring_submit_and_wait(ring, 1);
    io_uring_cq_advance(ring, io_uring_cq_ready(ring));
    return rc;
}

static void *act(void *arg)
{
    struct second *second = arg;

    if (second->enables)
        second->enabled = io_uring_register((unsigned)second->ring->ring_fd,
                                            IORING_REGISTER_ENABLE_RINGS, NULL,
                                            0);
    second->submitted = submit(second->ring);
    return NULL;
}

/* Submits in the first thread (unless the ring is disabled), then in the
 * second, and then in the first again. */
static void try(const char *name, unsigned flags, int in_first, int in_second)
{
    struct io_uring_params params = {.flags = flags};
    bool is_disabled = (flags & IORING_SETUP_R_DISABLED) != 0;
    struct io_uring ring;
    struct second second = {.ring = &ring, .enables = is_disabled};
    pthread_t thread;

    if (lab_setup(&ring, 4, &params) < 0) {
        lab_absent(name, "the kernel does not know it");
        return;
    }
    lab_print(name);
    if (!is_disabled)
        lab_result("a submit in the first thread", 1, submit(&ring));
    if (sys_thread_start(&thread, act, &second) < 0)
        return;
    (void)sys_thread_join(thread);
    if (is_disabled)
        lab_result("enabling it in the second thread", 0, second.enabled);
    lab_result("a submit in the second thread", in_second, second.submitted);
    lab_result("a submit in the first thread", in_first, submit(&ring));
    io_uring_queue_exit(&ring);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-issuer",
                           "Which thread may submit to a ring?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    io_uring_queue_exit(&ring);
    try("a plain ring", 0, 1, 1);
    try("SINGLE_ISSUER", IORING_SETUP_SINGLE_ISSUER, 1, -EEXIST);
    try("SINGLE_ISSUER and R_DISABLED",
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_R_DISABLED, -EEXIST, 1);
    return lab_end();
}
