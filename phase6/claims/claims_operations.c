/* claims_operations.c: claims about single operations.
 * Introduced in phase 6. Needs: claim.h, uring_compat.h.
 *
 * These are claims about the result of one operation, and about what it leaves
 * behind: a position, a descriptor, a connection that stays open. If the
 * operation is newer than Linux 5.10, the check looks first whether the kernel
 * has it. A kernel without an operation answers -EINVAL, as it does to a wrong
 * argument, so without this look the verdict would be wrong. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "claim.h"
#include "uring_compat.h"

/* Two such reads in flight on one file race for the position. */
static const char *offset_of_minus_one(void)
{
    struct io_uring ring;
    int fd = claim_file("hello");
    char text[2];

    claim_ring(&ring, 4, 0);
    io_uring_prep_read(claim_sqe(&ring, 1), fd, text, sizeof text, UINT64_MAX);
    if (claim_run(&ring) != 2)
        return "the read is not 2 bytes long";
    return claim_number("the position", 2, (int)lseek(fd, 0, SEEK_CUR));
}

/* So many reads of one file can be in flight. */
static const char *offset_of_a_read(void)
{
    struct io_uring ring;
    int fd = claim_file("hello");
    char text[2];

    claim_ring(&ring, 4, 0);
    io_uring_prep_read(claim_sqe(&ring, 1), fd, text, sizeof text, 3);
    if (claim_run(&ring) != 2)
        return "the read is not 2 bytes long";
    return claim_number("the position", 0, (int)lseek(fd, 0, SEEK_CUR));
}

/* Runs a poll with these flags, which an event completes. Returns true if the
 * completion has F_MORE: then more completions of the same SQE will follow, and
 * its user_data must stay valid. */
static int has_more(unsigned flags)
{
    int more, event = eventfd(1, EFD_CLOEXEC);
    struct io_uring_cqe *cqe;
    struct io_uring_sqe *sqe;
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, 1);
    io_uring_prep_poll_add(sqe, event, POLLIN);
    sqe->len = flags;
    io_uring_submit(&ring);
    if (io_uring_wait_cqe(&ring, &cqe) < 0)
        claim_absent("the wait failed");
    more = (cqe->flags & IORING_CQE_F_MORE) != 0;
    io_uring_cqe_seen(&ring, cqe);
    return more;
}

/* A program polls again after each event. */
static const char *poll_completes_once(void)
{
    return claim_true(!has_more(0), "a poll has F_MORE");
}

/* Without F_MORE the multishot has ended, whatever the result is. */
static const char *multishot_poll_goes_on(void)
{
    return claim_true(has_more(IORING_POLL_ADD_MULTI), "no F_MORE");
}

/* Each child needs an operation. */
static const char *waitid_can_be_multishot(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    pid_t pid = fork();

    if (pid == 0)
        pause();
    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, 1);
    ur_prep_waitid(sqe, P_PID, (id_t)pid, NULL, WEXITED | WNOHANG);
    if (claim_run(&ring) == -EINVAL)
        claim_absent("the kernel has no waitid (6.7)");
    sqe = claim_sqe(&ring, 1);
    ur_prep_waitid(sqe, P_PID, (id_t)pid, NULL, WEXITED | WNOHANG);
    sqe->ioprio = 1; /* the bit that makes a receive multishot is here, too */
    kill(pid, SIGKILL);
    return claim_number("a waitid with a flag in ioprio", 0, claim_run(&ring));
}

/* The operation may have completed, and its CQE may be in the CQ already. */
static const char *cancel_finds_nothing(void)
{
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    io_uring_prep_cancel64(claim_sqe(&ring, 1), 99, 0);
    return claim_number("the cancel", -ENOENT, claim_run(&ring));
}

/* Cancels with these flags while two reads of a pipe are in flight, which have
 * the same user_data. Returns the result of the cancel, which may arrive before
 * or after those of the reads. */
static int cancel_two(unsigned flags)
{
    static char bytes[2];
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    int fds[2];

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    for (int i = 0; i < 2; i++) {
        sqe = claim_sqe(&ring, 1);
        io_uring_prep_read(sqe, fds[0], &bytes[i], 1, 0);
        io_uring_sqe_set_data64(sqe, 1);
    }
    sqe = claim_sqe(&ring, 2);
    io_uring_prep_cancel64(sqe, 1, (int)flags);
    io_uring_sqe_set_data64(sqe, 2);
    if (io_uring_submit(&ring) != 3)
        claim_absent("the submit failed");
    for (int i = 0; i < 3; i++) {
        struct io_uring_cqe *cqe;

        if (io_uring_wait_cqe(&ring, &cqe) < 0)
            claim_absent("the wait failed");
        if (cqe->user_data == 2)
            return cqe->res;
        io_uring_cqe_seen(&ring, cqe);
    }
    return -ENOMSG;
}

/* user_data should be unique among the operations in flight. */
static const char *cancel_stops_at_the_first(void)
{
    return claim_number("a cancel of two", 0, cancel_two(0));
}

/* 0 would mean that none was found: with ALL that is not -ENOENT. */
static const char *cancel_all_counts(void)
{
    return claim_number("a cancel of two with ALL", 2,
                        cancel_two(IORING_ASYNC_CANCEL_ALL));
}

/* The receive has ended, although the data is still there. Repeat it when a
 * buffer is released, and not before. */
static const char *no_buffer_is_enobufs(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    int fds[2];

    claim_ring(&ring, 4, 0);
    claim_sockets(fds);
    if (send(fds[1], "x", 1, 0) != 1)
        claim_absent("a socket is full");
    sqe = claim_sqe(&ring, 1);
    io_uring_prep_recv(sqe, fds[0], NULL, 10, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = 7;
    return claim_number("a receive from an empty group", -ENOBUFS,
                        claim_run(&ring));
}

/* The receive keeps the connection open, and the peer gets no FIN. Cancel the
 * receive first. */
static const char *close_does_not_cancel(void)
{
    struct io_uring ring;
    int fds[2], results[8], order;
    char byte;

    claim_ring(&ring, 4, 0);
    claim_sockets(fds);
    io_uring_prep_recv(claim_sqe(&ring, 1), fds[0], &byte, 1, 0);
    io_uring_submit(&ring);
    close(fds[0]);
    if (send(fds[1], "x", 1, MSG_NOSIGNAL) != 1)
        return "the peer cannot send: close has ended the connection";
    claim_take(&ring, 1, results, &order);
    return claim_number("the receive", 1, results[1]);
}

/* No lock and no eventfd is needed between two threads with rings. */
static const char *message_arrives_in_the_other_ring(void)
{
    struct io_uring from, to;
    struct io_uring_cqe *cqe;

    claim_ring(&from, 4, 0);
    claim_ring(&to, 4, 0);
    io_uring_prep_msg_ring(claim_sqe(&from, 1), to.ring_fd, 42, 7, 0);
    if (claim_run(&from) == -EINVAL)
        claim_absent("the kernel has no MSG_RING (5.18)");
    if (io_uring_peek_cqe(&to, &cqe) < 0)
        return "the other ring has no completion";
    return claim_number("res in the other ring", 42, cqe->res);
}

/* With liburing 2.3 the program gets a descriptor, and uses it as an index. */
static const char *kernel_picks_an_index(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    if (io_uring_register_files_sparse(&ring, 4) < 0)
        claim_absent("the kernel has no empty tables of files (5.19)");
    sqe = claim_sqe(&ring, 1);
    io_uring_prep_openat_direct(sqe, AT_FDCWD, "/dev/null", O_RDONLY, 0,
                                IORING_FILE_INDEX_ALLOC);
    return claim_true(claim_run(&ring) == 0,
                      "liburing opens an ordinary descriptor (2.3 does so)");
}

/* A copy from file to file takes two splices, and a pipe between them. A pipe
 * holds 64 KiB, so a splice of a longer file is short. */
static const char *splice_needs_a_pipe(void)
{
    struct io_uring ring;
    int fd = claim_file("hello");

    claim_ring(&ring, 4, 0);
    io_uring_prep_splice(claim_sqe(&ring, 1), fd, 0, claim_file(""), 0, 5, 0);
    return claim_number("a splice between two files", -EINVAL,
                        claim_run(&ring));
}

const struct claim claims_operations[] = {
    {"io_uring_prep_read(3)", "offset -1 uses and moves the file's position",
     offset_of_minus_one},
    {"io_uring_prep_read(3)", "another offset does not move the position",
     offset_of_a_read},
    {"io_uring_prep_poll_add(3)", "a poll completes once", poll_completes_once},
    {"io_uring_prep_poll_add(3)", "a multishot poll sets F_MORE",
     multishot_poll_goes_on},
    {"io_uring_multishot(7)", "waitid can be multishot",
     waitid_can_be_multishot},
    {"io_uring_prep_cancel(3)", "a cancel that finds nothing returns ENOENT",
     cancel_finds_nothing},
    {"io_uring_prep_cancel(3)", "a cancel stops at the first match",
     cancel_stops_at_the_first},
    {"io_uring_prep_cancel(3)", "a cancel with ALL returns how many it found",
     cancel_all_counts},
    {"io_uring_enter(2)", "a receive without a free buffer returns ENOBUFS",
     no_buffer_is_enobufs},
    {"articles", "close(2) does not end a receive that is in flight",
     close_does_not_cancel},
    {"io_uring_prep_msg_ring(3)", "a message is a completion in the other ring",
     message_arrives_in_the_other_ring},
    {"io_uring_prep_openat_direct(3)", "FILE_INDEX_ALLOC returns an index",
     kernel_picks_an_index},
    {"io_uring_prep_splice(3)", "a splice needs a pipe",
     splice_needs_a_pipe},
    {NULL, NULL, NULL},
};
