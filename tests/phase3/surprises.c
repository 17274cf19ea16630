/* surprises.c: unexpected behaviour of the kernel with time-outs and cancels.
 * Operations without tasks: what comes back is looked at as it comes. */
#include <errno.h>
#include <unistd.h>

#include "loop.h"
#include "queue.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)
#define LONG_NS (60000 * MS)

/* An operation, what came of it, and as which. */
static struct shot {
    struct op op;
    int result;
    int place; /* 1 for the first that completed; 0: none yet */
} shots[3];

static int completed;
static int ends[2];
static char byte;

static void note(struct op *op, int result, uint32_t flags)
{
    struct shot *shot = container_of(op, struct shot, op);

    ck_assert_uint_eq(flags & IORING_CQE_F_MORE, 0);
    shot->result = result;
    shot->place = ++completed;
}

static struct io_uring_sqe *shoot(int i)
{
    shots[i] = (struct shot){.op.complete = note};
    return loop_sqe(&shots[i].op);
}

static struct __kernel_timespec timespec_of(uint64_t ns)
{
    return (struct __kernel_timespec){
        .tv_sec = (long long)(ns / 1000000000),
        .tv_nsec = (long long)(ns % 1000000000),
    };
}

static void setup(void)
{
    loop_start();
    completed = 0;
    ck_assert_int_eq(pipe(ends), 0);
}

/* Until so many have completed; the test's own limit ends what hangs. */
static void step_until(int count)
{
    while (completed < count)
        check_res(loop_step(&loop, true), 0);
}

static void teardown(void)
{
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

/* --- when an argument is read --------------------------------------------- */

TEST(the_kernel_reads_the_time_of_a_timeout_at_the_submit)
{
    struct __kernel_timespec time;

    setup();
    time = timespec_of(LONG_NS);
    io_uring_prep_timeout(shoot(0), &time, 0, 0);
    time = timespec_of(1 * MS); /* nobody has read the other */
    step_until(1);
    check_res(shots[0].result, -ETIME);
    teardown();
}

TEST(the_time_of_a_timeout_may_change_after_the_submit)
{
    struct __kernel_timespec time;

    setup();
    time = timespec_of(20 * MS);
    io_uring_prep_timeout(shoot(0), &time, 0, 0);
    check_res(loop_step(&loop, false), 0);
    ck_assert_int_eq(completed, 0);
    time = timespec_of(LONG_NS);
    step_until(1);
    check_res(shots[0].result, -ETIME);
    teardown();
}

/* --- a time that passes, in a chain --------------------------------------- */

static void shoot_a_chain(unsigned timeout_flags)
{
    struct __kernel_timespec time = timespec_of(1 * MS);
    struct io_uring_sqe *sqe = shoot(0);

    io_uring_prep_timeout(sqe, &time, 0, timeout_flags);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(shoot(1));
    step_until(2);
}

/* A timeout that did what it should has failed, for the chain. */
TEST(a_timeout_breaks_its_chain)
{
    setup();
    shoot_a_chain(0);
    check_res(shots[0].result, -ETIME);
    check_res(shots[1].result, -ECANCELED);
    teardown();
}

TEST(a_timeout_with_etime_success_does_not_break_its_chain)
{
    setup();
    shoot_a_chain(IORING_TIMEOUT_ETIME_SUCCESS);
    check_res(shots[0].result, -ETIME); /* it still says so */
    check_res(shots[1].result, 0);
    teardown();
}

/* The manual says: in the order of the chain. Linux 6.18 posts the time-out
 * first. So nothing may depend on either. */
TEST(a_linked_timeout_and_the_operation_it_ends_both_complete)
{
    struct __kernel_timespec time = timespec_of(1 * MS);
    struct io_uring_sqe *sqe;

    setup();
    sqe = shoot(0);
    io_uring_prep_read(sqe, ends[0], &byte, 1, UINT64_MAX);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_link_timeout(shoot(1), &time, 0);
    step_until(2);
    ck_assert_int_eq(completed, 2);
    check(shots[0].result == -ECANCELED || shots[0].result == -EINTR);
    check_res(shots[1].result, -ETIME);
    teardown();
}

TEST(a_linked_timeout_of_an_ended_operation_is_cancelled)
{
    struct __kernel_timespec time = timespec_of(LONG_NS);
    struct io_uring_sqe *sqe;

    setup();
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    sqe = shoot(0);
    io_uring_prep_read(sqe, ends[0], &byte, 1, UINT64_MAX);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_link_timeout(shoot(1), &time, 0);
    step_until(2);
    check_res(shots[0].result, 1);
    check_res(shots[1].result, -ECANCELED);
    teardown();
}

/* --- a cancel ------------------------------------------------------------- */

/* Two results, whose order the kernel does not guarantee. */
TEST(a_cancel_and_its_operation_both_complete)
{
    setup();
    io_uring_prep_read(shoot(0), ends[0], &byte, 1, UINT64_MAX);
    check_res(loop_step(&loop, false), 0);
    ck_assert_int_eq(completed, 0);
    io_uring_prep_cancel64(shoot(1), shots[0].op.handle, 0);
    step_until(2);
    check(shots[0].result == -ECANCELED || shots[0].result == -EINTR);
    check(shots[1].result == 0 || shots[1].result == -EALREADY);
    teardown();
}

TEST(a_cancel_of_an_ended_operation_finds_nothing)
{
    uint64_t handle;

    setup();
    io_uring_prep_nop(shoot(0));
    handle = shots[0].op.handle;
    step_until(1);
    io_uring_prep_cancel64(shoot(1), handle, 0);
    step_until(2);
    check_res(shots[1].result, -ENOENT);
    teardown();
}

/* The result is the read's, whatever the cancel says: bytes that came are not
 * dropped. */
TEST(an_operation_faster_than_its_cancel_has_its_result)
{
    setup();
    io_uring_prep_read(shoot(0), ends[0], &byte, 1, UINT64_MAX);
    check_res(loop_step(&loop, false), 0);
    ck_assert_int_eq((int)write(ends[1], "y", 1), 1);
    loop_cancel(&shots[0].op);
    step_until(1);
    if (shots[0].result == 1)
        ck_assert_int_eq(byte, 'y');
    else /* then the byte is still there for another */
        ck_assert_int_eq((int)read(ends[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    teardown();
}

int main(void)
{
    const char *too_small = why_ring_is_too_small();

    suite_begin("surprises");
    suite_add(the_kernel_reads_the_time_of_a_timeout_at_the_submit);
    suite_add(the_time_of_a_timeout_may_change_after_the_submit);
    suite_add_unless(too_small, a_timeout_breaks_its_chain);
    suite_add_unless(too_small,
                     a_timeout_with_etime_success_does_not_break_its_chain);
    suite_add_unless(too_small,
                     a_linked_timeout_and_the_operation_it_ends_both_complete);
    suite_add_unless(too_small,
                     a_linked_timeout_of_an_ended_operation_is_cancelled);
    suite_add(a_cancel_and_its_operation_both_complete);
    suite_add(a_cancel_of_an_ended_operation_finds_nothing);
    suite_add(an_operation_faster_than_its_cancel_has_its_result);
    return suite_end();
}
