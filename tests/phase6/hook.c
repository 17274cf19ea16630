/* hook.c: ring_hook sees each SQE once, before the kernel does, and each CQE
 * once. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deny.h"
#include "ring.h"
#include "suite.h"

#define SEEN_MAX 256

/* The entries that the hook has seen in this thread. */
static _Thread_local struct {
    const struct ring *ring;
    uint64_t sqes[SEEN_MAX], cqes[SEEN_MAX]; /* their user_data, in order */
    unsigned sqe_count, cqe_count;
    unsigned last_opcode;
} seen;

static void hook_note(const struct ring *of, const struct io_uring_sqe *sqe,
                      const struct io_uring_cqe *cqe)
{
    check((sqe == NULL) != (cqe == NULL));
    seen.ring = of;
    if (sqe != NULL) {
        seen.last_opcode = sqe->opcode;
        seen.sqes[seen.sqe_count++] = sqe->user_data;
    } else {
        seen.cqes[seen.cqe_count++] = cqe->user_data;
    }
}

static void start(struct ring *ring, unsigned sq_entries, unsigned cq_entries)
{
    struct ring_options options = {.sq_entries = sq_entries,
                                   .cq_entries = cq_entries};

    ring_hook = hook_note;
    check_ring(ring_init(ring, &options));
}

static void reap(struct ring *ring, unsigned count)
{
    struct io_uring_cqe cqes[3];

    while (count > 0) {
        unsigned taken = ring_take(ring, cqes, count < 3 ? count : 3);

        count -= taken;
        if (taken == 0)
            check_res(ring_enter(ring, 1, UINT64_C(10000000000)), 0);
    }
}

/* The hook saw as much as the ring has counted. */
static void check_seen(const struct ring *ring)
{
    check(seen.ring == ring);
    ck_assert_uint_eq(seen.sqe_count, ring->counters.sqes);
    ck_assert_uint_eq(seen.cqe_count, ring->counters.cqes);
}

TEST(a_tiny_ring_shows_every_sqe_and_every_cqe_once)
{
    struct ring ring;

    start(&ring, 2, 4);
    for (uint64_t i = 0; i < 100; i++) {
        io_uring_prep_nop(ring_sqe(&ring, i));
        if (i % 3 == 2)
            reap(&ring, 3);
    }
    reap(&ring, 1);
    check_seen(&ring);
    for (uint64_t i = 0; i < 100; i++) {
        ck_assert_uint_eq(seen.sqes[i], i);
        ck_assert_uint_eq(seen.cqes[i], i); /* NOPs complete in order */
    }
    ring_finish(&ring);
}

TEST(an_sqe_is_shown_when_it_is_submitted_and_not_before)
{
    struct ring ring;
    struct io_uring_sqe *sqe;

    start(&ring, 8, 8);
    sqe = ring_sqe(&ring, 7);
    ck_assert_uint_eq(seen.sqe_count, 0);
    io_uring_prep_poll_add(sqe, -1, POLLIN); /* an error, which is a CQE */
    check_res(ring_enter(&ring, 0, 0), 0);
    ck_assert_uint_eq(seen.sqe_count, 1);
    ck_assert_uint_eq(seen.last_opcode, IORING_OP_POLL_ADD);
    ck_assert_uint_eq(seen.cqe_count, 0);
    reap(&ring, 1);
    check_seen(&ring);
    ring_finish(&ring);
}

TEST(a_full_cq_delays_cqes_and_hides_none)
{
    struct ring ring;

    start(&ring, 4, 4);
    for (uint64_t i = 0; i < 40; i++)
        io_uring_prep_nop(ring_sqe(&ring, i));
    reap(&ring, 40);
    ck_assert_uint_ge(ring.counters.overflows, 1);
    ck_assert_uint_eq(seen.cqe_count, 40);
    check_seen(&ring);
    ring_finish(&ring);
}

TEST(every_cqe_of_a_multishot_operation_is_shown)
{
    struct ring ring;
    uint64_t value = 1;
    int fd = eventfd(0, EFD_CLOEXEC);

    start(&ring, 4, 8);
    io_uring_prep_poll_multishot(ring_sqe(&ring, 5), fd, POLLIN);
    check_res(ring_enter(&ring, 0, 0), 0);
    for (unsigned i = 1; i <= 3; i++) {
        check_res(write(fd, &value, sizeof value), sizeof value);
        reap(&ring, 1);
        check_res(read(fd, &value, sizeof value), sizeof value);
        ck_assert_uint_eq(seen.cqe_count, i);
    }
    ck_assert_uint_eq(seen.sqe_count, 1);
    check_seen(&ring);
    ring_finish(&ring);
    close(fd);
}

TEST(an_sqe_that_the_kernel_refuses_at_first_is_shown_once)
{
    const struct deny deny = {.enter = EAGAIN};
    struct ring ring;

    start(&ring, 4, 8);
    io_uring_prep_nop(ring_sqe(&ring, 1));
    check_res(deny_install(&deny), 0);
    for (int i = 0; i < 3; i++)
        check_res(ring_enter(&ring, 0, 0), 0);
    ck_assert_uint_eq(ring.counters.refusals, 3);
    ck_assert_uint_eq(seen.sqe_count, 1);
}

/* Returns the signal that ended the child, or 0. */
static int wait_for_child(void)
{
    int status;

    check(wait(&status) > 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static struct ring inherited;

TEST(a_child_that_uses_its_parents_ring_is_stopped_before_the_hook)
{
    start(&inherited, 4, 8);
    io_uring_prep_nop(ring_sqe(&inherited, 1));
    if (fork() == 0) {
        check(freopen("/dev/null", "w", stderr) != NULL);
        ring_enter(&inherited, 0, 0); /* aborts */
        _exit(0);
    }
    check(wait_for_child() == SIGABRT);
    ck_assert_uint_eq(seen.sqe_count, 0);
    ring_finish(&inherited);
}

static void *use_own_ring(void *arg)
{
    struct ring ring;

    start(&ring, 2, 4);
    for (uint64_t i = 0; i < 50; i++) {
        io_uring_prep_nop(ring_sqe(&ring, i));
        reap(&ring, 1);
    }
    check_seen(&ring);
    ring_finish(&ring);
    return arg;
}

TEST(the_hook_runs_in_the_thread_of_the_ring)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        check_res(-pthread_create(&threads[i], NULL, use_own_ring, NULL), 0);
    for (int i = 0; i < 4; i++)
        check_res(-pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(seen.sqe_count, 0); /* of this thread */
}

int main(void)
{
    suite_begin("hook");
    suite_add(a_tiny_ring_shows_every_sqe_and_every_cqe_once);
    suite_add(an_sqe_is_shown_when_it_is_submitted_and_not_before);
    suite_add(a_full_cq_delays_cqes_and_hides_none);
    suite_add(every_cqe_of_a_multishot_operation_is_shown);
    suite_add(an_sqe_that_the_kernel_refuses_at_first_is_shown_once);
    suite_add(a_child_that_uses_its_parents_ring_is_stopped_before_the_hook);
    suite_add(the_hook_runs_in_the_thread_of_the_ring);
    return suite_end();
}
