/* ring.c: one ring, one owner: nothing that is asked for is lost, whatever the
 * sizes, the signals and the limits are. */
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "forked.h"
#include "suite.h"
#include "sys.h"
#include "uring_compat.h"

#define MS UINT64_C(1000000)

static struct ring ring;

static void start(unsigned sq_entries, unsigned cq_entries)
{
    struct ring_options options = {.sq_entries = sq_entries,
                                   .cq_entries = cq_entries};

    check_ring(ring_init(&ring, &options));
}

static void start_plain(void)
{
    struct ring_options options = {.plain = true};

    check_ring(ring_init(&ring, &options));
}

static void nop(uint64_t handle)
{
    io_uring_prep_nop(ring_sqe(&ring, handle));
}

struct completion {
    uint64_t handle;
    int result;
};

/* The next completion, for which the kernel is entered if need be. */
static struct completion next(void)
{
    struct io_uring_cqe cqe;

    while (!ring_next(&ring, &cqe))
        check_res(ring_enter(&ring, 1, 1000 * MS), 0);
    return (struct completion){cqe.user_data, cqe.res};
}

static bool is_empty(void)
{
    struct io_uring_cqe cqe;

    return !ring_next(&ring, &cqe);
}

TEST(an_sqe_comes_back_as_a_cqe_with_its_handle)
{
    start(0, 0);
    nop(UINT64_C(0xfedcba9876543210));
    check(is_empty());
    ck_assert_uint_eq(next().handle, UINT64_C(0xfedcba9876543210));
    check(is_empty());
    ck_assert_uint_eq(ring.counters.sqes, 1);
    ck_assert_uint_eq(ring.counters.cqes, 1);
    ck_assert_uint_eq(ring.counters.enters, 1);
    ring_finish(&ring);
}

/* --- the submission queue ------------------------------------------------- */

/* FAILURES B-01. */
TEST(an_sqe_is_never_refused_though_the_ring_has_two_entries)
{
    start(2, 1024);
    for (uint64_t i = 1; i <= 1000; i++)
        nop(i);
    for (uint64_t i = 1; i <= 1000; i++)
        ck_assert_uint_eq(next().handle, i);
    ck_assert_uint_eq(ring.counters.overflows, 0);
    ring_finish(&ring);
}

/* FAILURES B-14: whatever was in that entry before. */
TEST(cqes_are_taken_some_at_a_time_in_their_order_and_none_twice)
{
    struct io_uring_cqe cqes[3];

    start(8, 8);
    for (uint64_t round = 0; round < 40; round++) { /* round the ring */
        for (uint64_t i = 1; i <= 5; i++)
            nop(round + i);
        check_res(ring_enter(&ring, 5, RING_FOREVER), 0);
        ck_assert_uint_eq(ring_take(&ring, cqes, 0), 0);
        ck_assert_uint_eq(ring_take(&ring, cqes, 3), 3);
        for (uint64_t i = 0; i < 3; i++)
            ck_assert_uint_eq(cqes[i].user_data, round + 1 + i);
        ck_assert_uint_eq(ring_take(&ring, cqes, 3), 2);
        for (uint64_t i = 0; i < 2; i++)
            ck_assert_uint_eq(cqes[i].user_data, round + 4 + i);
        ck_assert_uint_eq(ring_take(&ring, cqes, 3), 0);
    }
    ck_assert_uint_eq(ring.counters.cqes, 200);
}

TEST(an_sqe_is_cleared)
{
    const struct io_uring_sqe zero = {0};
    struct io_uring_sqe *sqe;

    start(2, 8);
    for (int i = 0; i < 6; i++) {
        sqe = ring_sqe(&ring, 0);
        check(memcmp(sqe, &zero, sizeof zero) == 0);
        memset(sqe, 0xff, sizeof *sqe);
        io_uring_prep_nop(sqe);
        sqe->flags = 0;
        sqe->user_data = 7;
        sqe->personality = 0;
        ck_assert_uint_eq(next().handle, 7);
    }
    ring_finish(&ring);
}

/* A link whose first part fails cancels the second: if a submit comes between
 * the two, the second runs on its own. Returns what the second says, after
 * `before` other operations. */
static int second_of_a_chain(unsigned before, bool reserve)
{
    int results[3] = {0};
    struct io_uring_sqe *sqe;

    for (unsigned i = 0; i < before; i++)
        nop(0);
    if (reserve)
        ring_reserve(&ring, 2);
    sqe = ring_sqe(&ring, 1);
    io_uring_prep_read(sqe, -1, NULL, 0, 0);
    sqe->flags |= IOSQE_IO_LINK;
    nop(2);
    for (unsigned i = 0; i < before + 2; i++) {
        struct completion got = next();

        results[got.handle] = got.result;
    }
    check_res(results[1], -EBADF);
    return results[2];
}

/* FAILURES B-18. */
TEST(a_chain_that_was_reserved_is_not_cut_by_a_full_queue)
{
    start(4, 64);
    for (unsigned before = 0; before <= 8; before++)
        check_res(second_of_a_chain(before, true), -ECANCELED);
    ring_finish(&ring);
}

TEST(a_chain_that_was_not_reserved_may_be_cut)
{
    start(4, 64);
    check_res(second_of_a_chain(3, false), 0);
    ring_finish(&ring);
}

/* FAILURES B-09. */
TEST(a_bad_sqe_does_not_hold_back_those_behind_it)
{
    start(8, 0);
    nop(1);
    ring_sqe(&ring, 2)->opcode = 250;
    nop(3);
    check_res(ring_enter(&ring, 3, 1000 * MS), 0);
    ck_assert_uint_eq(ring.counters.enters, 1);
    check_res(next().result, 0);
    check_res(next().result, -EINVAL);
    ck_assert_uint_eq(next().handle, 3);
    ck_assert_uint_eq(ring.counters.enters, 1);
    ring_finish(&ring);
}

/* --- the completion queue ------------------------------------------------- */

/* FAILURES B-02, PITFALLS 35. */
TEST(an_overflowed_cq_is_counted_and_loses_nothing)
{
    uint64_t seen = 0;

    start(4, 4);
    ck_assert_uint_eq(ring.cq_entries, 4);
    for (unsigned i = 0; i < 40; i++)
        nop(i);
    check_res(ring_enter(&ring, 0, 0), 0);
    check(ring_needs_enter(&ring));
    for (unsigned i = 0; i < 40; i++)
        seen |= UINT64_C(1) << next().handle;
    ck_assert_uint_eq(seen, (UINT64_C(1) << 40) - 1);
    ck_assert_uint_ge(ring.counters.overflows, 1);
    check(is_empty() && !ring_needs_enter(&ring));
    ring_finish(&ring);
}

static void read_a_pipe(int ends[2], char *byte)
{
    check_res(pipe(ends), 0);
    io_uring_prep_read(ring_sqe(&ring, 9), ends[0], byte, 1, -1);
    check_res(ring_enter(&ring, 0, 0), 0);
    check(is_empty() && !ring_needs_enter(&ring));
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
}

/* FAILURES B-11, PITFALLS 27: it has happened, but only an enter shows it. */
TEST(a_deferred_completion_asks_for_an_enter)
{
    int ends[2];
    char byte = 0;

    start(0, 0);
    read_a_pipe(ends, &byte);
    if (ring.flags & IORING_SETUP_DEFER_TASKRUN) {
        check(is_empty());
        check(ring_needs_enter(&ring));
        check_res(ring_enter(&ring, 0, 0), 0);
    }
    check_res(next().result, 1);
    ck_assert_int_eq(byte, 'x');
    check(!ring_needs_enter(&ring));
    ring_finish(&ring);
}

TEST(on_a_plain_ring_a_completion_appears_by_itself)
{
    uint64_t until_ns = sys_now_ns() + 1000 * MS, enters;
    int ends[2];
    char byte = 0;

    start_plain();
    ck_assert_uint_eq(ring.flags & IORING_SETUP_DEFER_TASKRUN, 0);
    read_a_pipe(ends, &byte);
    enters = ring.counters.enters;
    while (is_empty() && sys_now_ns() < until_ns)
        continue;
    ck_assert_int_eq(byte, 'x');
    ck_assert_uint_eq(ring.counters.enters, enters);
    ring_finish(&ring);
}

/* --- waiting -------------------------------------------------------------- */

TEST(an_enter_waits_for_as_many_as_it_is_told)
{
    start(0, 0);
    for (uint64_t i = 0; i < 5; i++)
        nop(i);
    check_res(ring_enter(&ring, 5, RING_FOREVER), 0);
    for (uint64_t i = 0; i < 5; i++)
        ck_assert_uint_eq(next().handle, i);
    ck_assert_uint_eq(ring.counters.enters, 1);
    ring_finish(&ring);
}

/* FAILURES B-10: with and without something to submit. */
TEST(a_wait_ends_when_its_time_is_over)
{
    int ends[2];
    char byte;

    start(0, 0);
    check_res(pipe(ends), 0);
    io_uring_prep_read(ring_sqe(&ring, 9), ends[0], &byte, 1, -1);
    for (int i = 0; i < 2; i++) {
        uint64_t began_ns = sys_now_ns();

        check_res(ring_enter(&ring, 1, 5 * MS), 0);
        ck_assert_uint_ge(sys_now_ns() - began_ns, 5 * MS);
        check(is_empty());
    }
    close(ends[1]); /* which ends the read */
    check_res(next().result, 0);
    ring_finish(&ring);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

/* FAILURES B-07: even under SA_RESTART. */
TEST(a_wait_that_a_signal_interrupts_is_no_error)
{
    struct sigaction action = {.sa_handler = count_signal,
                               .sa_flags = SA_RESTART};
    struct itimerval when = {.it_value.tv_usec = 5000};

    start(0, 0);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &when, NULL);
    check_res(ring_enter(&ring, 1, RING_FOREVER), 0);
    ck_assert_int_eq(signals, 1);
    check(is_empty());
    ring_finish(&ring);
}

TEST(a_result_can_be_made_up)
{
    start(0, 0);
    ur_prep_nop_result(ring_sqe(&ring, 1), -EIO);
    ur_prep_nop_result(ring_sqe(&ring, 2), 12345);
    check_res(next().result, -EIO);
    check_res(next().result, 12345);
    ring_finish(&ring);
}

/* --- set-up --------------------------------------------------------------- */

/* FAILURES A-05. */
TEST(sizes_are_rounded_and_clamped)
{
    start(0, 0);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 256);
    ck_assert_uint_eq(ring.cq_entries, 1024);
    ring_finish(&ring);
    start(3, 0);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 4);
    ck_assert_uint_eq(ring.cq_entries, 16);
    ring_finish(&ring);
    start(64, 2);
    ck_assert_uint_eq(ring.cq_entries, 64);
    ring_finish(&ring);
    start(1000000, 1000000);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 32768);
    ck_assert_uint_eq(ring.cq_entries, 65536);
    ring_finish(&ring);
}

TEST(a_zeroed_ring_can_be_finished_and_a_finished_one_made_again)
{
    ring_finish(&ring);
    for (int i = 0; i < 100; i++) {
        start(2, 2);
        ring_finish(&ring);
        ring_finish(&ring);
    }
}

/* FAILURES A-10. */
TEST(the_rings_descriptor_is_not_inherited_by_a_program)
{
    start(0, 0);
    ck_assert_int_eq(fcntl(ring.uring.ring_fd, F_GETFD), FD_CLOEXEC);
    ring_finish(&ring);
}

/* FAILURES A-04. */
TEST(without_descriptors_there_is_no_ring_and_nothing_is_left)
{
    struct ring_options options = {0};
    int free_fd = dup(0);
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)free_fd;
    close(free_fd);
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    check_res(ring_init(&ring, &options), -EMFILE);
    ring_finish(&ring);
    limit.rlim_cur++;
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    start(0, 0);
    ck_assert_int_eq(ring.uring.ring_fd, free_fd);
    ring_finish(&ring);
}

/* The limit on locked memory does not hold for root; it is counted per user, so
 * the user is one that nobody else is. */
static void limit_locked_memory(rlim_t len)
{
    struct rlimit limit = {len, len};

    check_res(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
    check_res(setgroups(0, NULL), 0);
    check_res(setresuid(54322, 54322, 54322), 0);
}

/* FAILURES A-03. */
TEST(a_ring_that_may_not_be_locked_is_tried_once_more_and_smaller)
{
    limit_locked_memory(256 << 10);
    start(4096, 0);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 1024);
    ck_assert_uint_eq(ring.cq_entries, 4096);
    nop(1);
    ck_assert_uint_eq(next().handle, 1);
    ring_finish(&ring);
}

TEST(with_no_locked_memory_at_all_the_answer_is_enomem)
{
    struct ring_options options = {0};
    int free_fd = dup(0);

    close(free_fd);
    limit_locked_memory(0);
    check_res(ring_init(&ring, &options), -ENOMEM);
    ck_assert_int_eq(dup(0), free_fd);
    close(free_fd);
    ring_finish(&ring);
}

/* --- one owner ------------------------------------------------------------ */

static void *use_it(void *arg)
{
    (void)arg;
    nop(1);
    return NULL;
}

static void use_it_in_a_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, use_it, NULL) == 0)
        pthread_join(thread, NULL);
}

/* FAILURES B-12. */
TEST(another_thread_that_uses_the_ring_is_stopped)
{
    start(0, 0);
    check(forked_aborts(use_it_in_a_thread));
    ring_finish(&ring);
}

static void use_it_here(void)
{
    nop(1);
    ring_enter(&ring, 0, 0);
}

static void finish_it(void)
{
    ring_finish(&ring);
}

/* What a fork copies is not the ring: a child that goes on with it would submit
 * what the parent had queued. FAILURES B-27, PITFALLS 37. */
TEST(a_child_that_uses_the_ring_is_stopped_and_the_parent_goes_on)
{
    start(0, 0);
    nop(5);
    check(forked_aborts(use_it_here));
    ck_assert_int_eq(forked_run(finish_it), 0);
    nop(6);
    ck_assert_uint_eq(next().handle, 5);
    ck_assert_uint_eq(next().handle, 6);
    check(is_empty());
    ring_finish(&ring);
}

static void reserve_too_many(void)
{
    start(4, 0);
    ring_reserve(&ring, 5);
}

TEST(reserving_more_than_there_is_is_asserted)
{
    check(forked_aborts(reserve_too_many));
}

static void abort_if_unlimited(void)
{
    struct ring_options options = {0};

    limit_locked_memory(0);
    if (ring_init(&ring, &options) == 0)
        abort();
}

static const char *why_not_limited(void)
{
    if (geteuid() != 0)
        return "only root can become another user";
    return forked_aborts(abort_if_unlimited)
               ? "this kernel does not count a ring as locked memory"
               : NULL;
}

static const char *why_nothing_made_up(void)
{
    struct io_uring_cqe cqe = {0};

    if (ring_init(&ring, &(struct ring_options){0}) < 0)
        return "there is no ring";
    ur_prep_nop_result(ring_sqe(&ring, 1), -EIO);
    (void)ring_enter(&ring, 1, RING_FOREVER);
    (void)ring_next(&ring, &cqe);
    ring_finish(&ring);
    return cqe.res == -EIO ? NULL : "NOP takes no result here (Linux 6.10)";
}

static void add_setup(void)
{
    suite_add(sizes_are_rounded_and_clamped);
    suite_add(a_zeroed_ring_can_be_finished_and_a_finished_one_made_again);
    suite_add(the_rings_descriptor_is_not_inherited_by_a_program);
    suite_add(without_descriptors_there_is_no_ring_and_nothing_is_left);
    suite_add_unless(
        why_not_limited(),
        a_ring_that_may_not_be_locked_is_tried_once_more_and_smaller);
    suite_add_unless(why_not_limited(),
                     with_no_locked_memory_at_all_the_answer_is_enomem);
}

int main(void)
{
    suite_begin("ring");
    suite_add(an_sqe_comes_back_as_a_cqe_with_its_handle);
    suite_add(an_sqe_is_never_refused_though_the_ring_has_two_entries);
    suite_add(cqes_are_taken_some_at_a_time_in_their_order_and_none_twice);
    suite_add(an_sqe_is_cleared);
    suite_add(a_chain_that_was_reserved_is_not_cut_by_a_full_queue);
    suite_add(a_chain_that_was_not_reserved_may_be_cut);
    suite_add(a_bad_sqe_does_not_hold_back_those_behind_it);
    suite_add(an_overflowed_cq_is_counted_and_loses_nothing);
    suite_add(a_deferred_completion_asks_for_an_enter);
    suite_add(on_a_plain_ring_a_completion_appears_by_itself);
    suite_add(an_enter_waits_for_as_many_as_it_is_told);
    suite_add(a_wait_ends_when_its_time_is_over);
    suite_add(a_wait_that_a_signal_interrupts_is_no_error);
    suite_add_unless(why_nothing_made_up(), a_result_can_be_made_up);
    add_setup();
    suite_add(another_thread_that_uses_the_ring_is_stopped);
    suite_add(a_child_that_uses_the_ring_is_stopped_and_the_parent_goes_on);
    suite_add(reserving_more_than_there_is_is_asserted);
    return suite_end();
}
