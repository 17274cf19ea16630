/* claims_links.c: claims about the order of operations.
 * Introduced in phase 6. Needs: claim.h.
 *
 * Each check links a nop to an operation. The result of the nop shows whether
 * the kernel ran it (0) or cancelled it (-ECANCELED):
 *
 *      operation --LINK--> nop         0           the link is not broken
 *                                      -ECANCELED  the link is broken
 *
 * A link is broken if the kernel counts the result of the operation as a
 * failure. The two are not the same: a short read counts, a failed fsync does
 * not. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "claim.h"

enum { FIRST = 1, NEXT = 2, LAST = 3 };

/* Links sqe, which is prepared, to a nop. Returns the nop's result. */
static int result_behind(struct io_uring *ring, struct io_uring_sqe *sqe,
                         unsigned link)
{
    int results[8];

    sqe->flags |= (__u8)link;
    io_uring_sqe_set_data64(sqe, FIRST);
    claim_sqe(ring, NEXT);
    claim_take(ring, 2, results, NULL);
    return results[NEXT];
}

/* The kernel cancels the rest of the chain, and each SQE of it has its CQE. */
static const char *failed_write_breaks_a_link(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_write(sqe, -1, "x", 1, 0);
    return claim_number("the nop behind a failed write", -ECANCELED,
                        result_behind(&ring, sqe, IOSQE_IO_LINK));
}

/* A rename behind the fsync would publish a file whose data may be lost. */
static const char *failed_fsync_breaks_a_link(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    int fds[2];

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_fsync(sqe, fds[0], 0);
    return claim_number("the nop behind a failed fsync", -ECANCELED,
                        result_behind(&ring, sqe, IOSQE_IO_LINK));
}

/* The same holds for unlink, mkdir, statx, and others: lab-link-failure.c. */
static const char *failed_rename_breaks_a_link(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_renameat(sqe, AT_FDCWD, "/proc/none", AT_FDCWD,
                           "/proc/none", 0);
    return claim_number("the nop behind a failed rename", -ECANCELED,
                        result_behind(&ring, sqe, IOSQE_IO_LINK));
}

/* Returns the result of a nop behind a read of 16 bytes of a file of 5. The
 * read returns 5, which is a success, but it is less than was requested. */
static int result_behind_a_short_read(unsigned link)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    char text[16];

    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_read(sqe, claim_file("hello"), text, sizeof text, 0);
    return result_behind(&ring, sqe, link);
}

/* The end of nearly every file is a short read. */
static const char *short_read_breaks_a_link(void)
{
    return claim_number("the nop behind a short read", -ECANCELED,
                        result_behind_a_short_read(IOSQE_IO_LINK));
}

/* A write behind the read would write bytes that were not read. */
static const char *hard_link_goes_on(void)
{
    return claim_number("the nop behind a short read", 0,
                        result_behind_a_short_read(IOSQE_IO_HARDLINK));
}

/* A receive may be short at any time, so it is not an error. */
static const char *short_receive_breaks_no_link(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    char text[16];
    int fds[2];

    claim_ring(&ring, 4, 0);
    claim_sockets(fds);
    if (send(fds[1], "hello", 5, 0) != 5)
        claim_absent("a socket is full");
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_recv(sqe, fds[0], text, sizeof text, 0);
    return claim_number("the nop behind a short receive", 0,
                        result_behind(&ring, sqe, IOSQE_IO_LINK));
}

/* A read of an empty pipe waits; the nop behind it was submitted later. */
static const char *chain_ends_with_the_submit(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    int fds[2];
    char byte;

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_read(sqe, fds[0], &byte, 1, 0);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_submit(&ring);
    claim_sqe(&ring, NEXT);
    return claim_number("the nop of the next submit", 0, claim_run(&ring));
}

/* A program that takes the first CQE for that of the operation is wrong. */
static const char *cqes_come_in_the_chains_order(void)
{
    struct __kernel_timespec time = {.tv_nsec = 1000000};
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    int fds[2], results[8], order;
    char byte;

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_read(sqe, fds[0], &byte, 1, 0);
    io_uring_sqe_set_data64(sqe, FIRST);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = claim_sqe(&ring, NEXT);
    io_uring_prep_link_timeout(sqe, &time, 0);
    io_uring_sqe_set_data64(sqe, NEXT);
    claim_take(&ring, 2, results, &order);
    return claim_true(order == 12, "the CQE of an expired linked timeout comes "
                                   "before that of its operation");
}

/* Returns the result of a nop behind a timeout of 1 ms. That is how a program
 * would pause between two operations. */
static int result_behind_a_timeout(unsigned flags)
{
    struct __kernel_timespec time = {.tv_nsec = 1000000};
    struct io_uring_sqe *sqe;
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_timeout(sqe, &time, 0, flags);
    return result_behind(&ring, sqe, IOSQE_IO_LINK);
}

/* ETIME is an error for the kernel, even if the timeout is a pause. */
static const char *timeout_breaks_its_chain(void)
{
    return claim_number("the nop behind a timeout", -ECANCELED,
                        result_behind_a_timeout(0));
}

/* The result is still -ETIME. */
static const char *etime_success_does_not(void)
{
    return claim_number("the nop behind a timeout", 0,
                        result_behind_a_timeout(IORING_TIMEOUT_ETIME_SUCCESS));
}

/* One read without data holds up the whole ring. */
static const char *drain_waits_for_all(void)
{
    struct io_uring ring;
    int fds[2], results[8], order;
    struct io_uring_sqe *sqe;
    char byte;

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    sqe = claim_sqe(&ring, FIRST);
    io_uring_prep_read(sqe, fds[0], &byte, 1, 0);
    io_uring_sqe_set_data64(sqe, FIRST);
    claim_sqe(&ring, NEXT)->flags |= IOSQE_IO_DRAIN;
    claim_sqe(&ring, LAST);
    io_uring_submit(&ring);
    if (write(fds[1], "x", 1) != 1)
        claim_absent("a pipe is full");
    claim_take(&ring, 3, results, &order);
    return claim_number("the order of completions", 123, order);
}

const struct claim claims_links[] = {
    {"io_uring_enter(2)", "a failed write breaks a link",
     failed_write_breaks_a_link},
    {"io_uring_linked_requests(7)", "a failed fsync breaks a link",
     failed_fsync_breaks_a_link},
    {"io_uring_linked_requests(7)", "a failed rename breaks a link",
     failed_rename_breaks_a_link},
    {"io_uring_enter(2)", "a short read breaks a link",
     short_read_breaks_a_link},
    {"io_uring_enter(2)", "a short read does not break a hard link",
     hard_link_goes_on},
    {"io_uring_prep_recv(3)", "without MSG_WAITALL a short receive does not "
                              "break a link",
     short_receive_breaks_no_link},
    {"io_uring_enter(2)", "a chain ends with its submit",
     chain_ends_with_the_submit},
    {"io_uring_linked_requests(7)", "the CQEs of a chain come in its order",
     cqes_come_in_the_chains_order},
    {"io_uring_prep_timeout(3)", "a timeout breaks its chain",
     timeout_breaks_its_chain},
    {"io_uring_prep_timeout(3)", "with ETIME_SUCCESS a timeout does not break "
                                 "its chain",
     etime_success_does_not},
    {"io_uring_enter(2)", "IO_DRAIN waits for all earlier operations",
     drain_waits_for_all},
    {NULL, NULL, NULL},
};
