/* ring.c: one ring: every SQE that is submitted completes, even if a queue is
 * full, or an operation is late or interrupted. */
#include "ring.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "small_rings.h"
#include "sys.h"
#include "uring_compat.h"

static void start_plain(void)
{
    struct ring_options options = {.plain = true};

    check_ring(ring_init(&ring, &options));
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

/* Whatever was in that entry before. */
TEST(cqes_reaped_in_parts_come_in_order_and_only_once)
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

TEST(an_sqe_from_the_ring_is_cleared)
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

TEST(a_bad_sqe_does_not_stop_the_sqes_behind_it)
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

TEST(a_cq_overflow_is_counted_and_loses_no_completion)
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

/* It has happened, but only an enter shows it. */
TEST(a_deferred_completion_needs_an_enter)
{
    int ends[2];
    char byte = 0;

    start(0, 0);
    read_a_pipe(ends, &byte);
    check(is_empty());
    check(ring_needs_enter(&ring));
    ck_assert_int_eq(byte, 0);
    check_res(ring_enter(&ring, 0, 0), 0);
    check_res(next().result, 1);
    ck_assert_int_eq(byte, 'x');
    check(!ring_needs_enter(&ring));
    ring_finish(&ring);
}

TEST(on_a_plain_ring_a_completion_appears_by_itself)
{
    uint64_t until_ns = sys_now_ns() + 30000 * MS, enters;
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

TEST(an_enter_waits_for_the_requested_number_of_cqes)
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

/* With and without something to submit. */
TEST(a_wait_for_cqes_ends_at_its_timeout)
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

/* Even under SA_RESTART. */
TEST(a_wait_for_cqes_succeeds_when_a_signal_interrupts_it)
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

TEST(a_nop_completes_with_an_injected_result)
{
    start(0, 0);
    ur_prep_nop_result(ring_sqe(&ring, 1), -EIO);
    ur_prep_nop_result(ring_sqe(&ring, 2), 12345);
    check_res(next().result, -EIO);
    check_res(next().result, 12345);
    ring_finish(&ring);
}

static const char *why_not_deferred(void)
{
    struct io_uring uring;

    if (io_uring_queue_init(2, &uring,
                            IORING_SETUP_SINGLE_ISSUER |
                                IORING_SETUP_DEFER_TASKRUN) < 0)
        return "no DEFER_TASKRUN (Linux 6.1)";
    io_uring_queue_exit(&uring);
    return NULL;
}

/* Asks without ur_prep_nop_result, which is what the test judges. */
static const char *why_nothing_made_up(void)
{
    struct io_uring_cqe cqe = {0};
    struct io_uring_sqe *sqe;

    if (ring_init(&ring, &(struct ring_options){0}) < 0)
        return "there is no ring";
    sqe = ring_sqe(&ring, 1);
    io_uring_prep_nop(sqe);
    sqe->len = (uint32_t)-EIO;
    sqe->rw_flags = 1; /* IORING_NOP_INJECT_RESULT */
    (void)ring_enter(&ring, 1, RING_FOREVER);
    (void)ring_next(&ring, &cqe);
    ring_finish(&ring);
    return cqe.res == -EIO ? NULL : "NOP takes no result here (Linux 6.10)";
}

int main(void)
{
    suite_begin("ring");
    suite_add(an_sqe_comes_back_as_a_cqe_with_its_handle);
    suite_add(an_sqe_is_never_refused_though_the_ring_has_two_entries);
    suite_add(cqes_reaped_in_parts_come_in_order_and_only_once);
    suite_add(an_sqe_from_the_ring_is_cleared);
    suite_add(a_chain_that_was_reserved_is_not_cut_by_a_full_queue);
    suite_add(a_chain_that_was_not_reserved_may_be_cut);
    suite_add(a_bad_sqe_does_not_stop_the_sqes_behind_it);
    suite_add(a_cq_overflow_is_counted_and_loses_no_completion);
    suite_add_unless(why_not_deferred(), a_deferred_completion_needs_an_enter);
    suite_add(on_a_plain_ring_a_completion_appears_by_itself);
    suite_add(an_enter_waits_for_the_requested_number_of_cqes);
    suite_add(a_wait_for_cqes_ends_at_its_timeout);
    suite_add(a_wait_for_cqes_succeeds_when_a_signal_interrupts_it);
    suite_add_unless(why_nothing_made_up(),
                     a_nop_completes_with_an_injected_result);
    return suite_end();
}
