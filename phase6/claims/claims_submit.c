/* claims_submit.c: claims about io_uring_enter: submitting and waiting.
 * Introduced in phase 6. Needs: claim.h.
 *
 * Most of these claims hold. A program that breaks one of them works in a test
 * and fails under load: when the SQ is short, when the CQ is full, or when an
 * operation fails. */
#include <errno.h>
#include <unistd.h>

#include "claim.h"

enum { BAD_OPCODE = 255 };

/* It may be less than the program has queued, if memory is short. */
static const char *submit_returns_the_count(void)
{
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    for (unsigned data = 1; data <= 3; data++)
        claim_sqe(&ring, data);
    return claim_number("io_uring_submit of 3", 3, io_uring_submit(&ring));
}

/* io_uring_submit reports only what is wrong with the ring. */
static const char *errors_are_in_the_cqe(void)
{
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    io_uring_prep_read(claim_sqe(&ring, 1), -1, NULL, 1, 0);
    return claim_number("a read of descriptor -1", -EBADF, claim_run(&ring));
}

/* Submits a bad SQE before a nop, and returns how many the kernel took. */
static int submit_bad(unsigned flags)
{
    struct io_uring ring;

    claim_ring(&ring, 4, flags);
    claim_sqe(&ring, 1)->opcode = BAD_OPCODE;
    claim_sqe(&ring, 2);
    return io_uring_submit(&ring);
}

/* The SQEs after it stay in the queue until the next submit. */
static const char *bad_sqe_stops_the_submit(void)
{
    return claim_number("SQEs that were taken", 1, submit_bad(0));
}

/* lib sets SUBMIT_ALL, because the other SQEs belong to other tasks. */
static const char *submit_all_goes_on(void)
{
    return claim_number("SQEs that were taken", 2,
                        submit_bad(IORING_SETUP_SUBMIT_ALL));
}

/* The same holds for an iovec, a path and a message header, but not for a
 * buffer, which must stay valid until the CQE. */
static const char *timespec_may_change(void)
{
    struct __kernel_timespec time = {.tv_nsec = 1000000};
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    io_uring_prep_timeout(claim_sqe(&ring, 1), &time, 0, 0);
    io_uring_submit(&ring);
    time.tv_sec = 3600;
    return claim_number("a timeout of 1 ms", -ETIME, claim_run(&ring));
}

/* A program that only looks at the CQ would wait forever. */
static const char *deferred_work_needs_an_enter(void)
{
    struct io_uring ring;
    int fds[2];
    char byte;

    claim_ring(&ring, 4, IORING_SETUP_SINGLE_ISSUER |
                             IORING_SETUP_DEFER_TASKRUN);
    claim_pipe(fds);
    io_uring_prep_read(claim_sqe(&ring, 1), fds[0], &byte, 1, 0);
    io_uring_submit(&ring);
    if (write(fds[1], "x", 1) != 1)
        claim_absent("a pipe is full");
    (void)getppid(); /* a system call that is not an enter */
    if (io_uring_cq_ready(&ring) != 0)
        return "the completion is there before an enter";
    return claim_number("the read", 1, claim_run(&ring));
}

/* Makes four completions for a CQ of two. */
static void overflow(struct io_uring *ring)
{
    claim_ring(ring, 1, 0);
    for (unsigned i = 0; i < 4; i++) {
        claim_sqe(ring, i);
        io_uring_submit(ring);
    }
}

/* The kernel keeps the rest in memory, and copies it into the CQ later. */
static const char *overflow_loses_nothing(void)
{
    struct io_uring ring;
    int results[8], order;

    overflow(&ring);
    claim_take(&ring, 4, results, &order);
    return claim_number("the order of the completions 0 to 3", 123, order);
}

/* So a program cannot rely on the kernel to slow it down. */
static const char *overflow_refuses_submits(void)
{
    struct io_uring ring;

    overflow(&ring);
    claim_sqe(&ring, 4);
    return claim_number("a submit with GETEVENTS", -EBUSY,
                        io_uring_submit_and_get_events(&ring));
}

/* This ends only the wait. Operations in flight are not cancelled. */
static const char *wait_ends_at_its_timeout(void)
{
    struct __kernel_timespec time = {.tv_nsec = 1000000};
    struct io_uring_cqe *cqe;
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    return claim_number("a wait of 1 ms", -ETIME,
                        io_uring_wait_cqe_timeout(&ring, &cqe, &time));
}

/* A program that sets the flag must not count completions. */
static const char *skip_success_hides_a_success(void)
{
    struct io_uring ring;
    int results[8], order;

    claim_ring(&ring, 4, 0);
    claim_sqe(&ring, 1)->flags |= IOSQE_CQE_SKIP_SUCCESS;
    claim_sqe(&ring, 2);
    claim_take(&ring, 1, results, &order);
    return claim_number("the only completion", 2, order);
}

/* The nop behind the fsync completes last. If its CQE is the only one, then the
 * failure has none. */
static const char *skip_success_shows_a_failure(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    int fds[2], results[8], order;

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    sqe = claim_sqe(&ring, 1);
    io_uring_prep_fsync(sqe, fds[0], 0);
    io_uring_sqe_set_data64(sqe, 1);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS | IOSQE_IO_LINK;
    claim_sqe(&ring, 2);
    claim_take(&ring, 1, results, &order);
    return claim_true(order == 1, "a failed fsync posts no completion");
}

const struct claim claims_submit[] = {
    {"io_uring_enter(2)", "returns the number of SQEs that it took",
     submit_returns_the_count},
    {"io_uring_enter(2)", "an error of an operation is in its CQE",
     errors_are_in_the_cqe},
    {"io_uring_setup(2)", "a bad SQE ends the submit",
     bad_sqe_stops_the_submit},
    {"io_uring_setup(2)", "with SUBMIT_ALL, a bad SQE does not end the submit",
     submit_all_goes_on},
    {"io_uring_setup(2)", "with SUBMIT_STABLE, a timespec may change after the "
                          "submit",
     timespec_may_change},
    {"io_uring_setup(2)", "with DEFER_TASKRUN, a completion appears only in "
                          "an enter",
     deferred_work_needs_an_enter},
    {"io_uring_setup(2)", "with NODROP, a full CQ loses no completion",
     overflow_loses_nothing},
    {"io_uring_enter(2)", "returns EBUSY while completions have no room in "
                          "the CQ",
     overflow_refuses_submits},
    {"io_uring_enter(2)", "with EXT_ARG, a wait returns ETIME after its time",
     wait_ends_at_its_timeout},
    {"io_uring_enter(2)", "CQE_SKIP_SUCCESS posts no CQE for a success",
     skip_success_hides_a_success},
    {"io_uring_enter(2)", "CQE_SKIP_SUCCESS posts a CQE for a failure",
     skip_success_shows_a_failure},
    {NULL, NULL, NULL},
};
