/* claims_articles.c: what articles and tutorials say.
 * Introduced in phase 6. Needs: claim.h.
 *
 * Most of these sentences were right for the kernel for which they were
 * written, or are right for another interface, such as epoll or POSIX AIO. A
 * reader of an old article cannot see that. So before you copy a rule from an
 * article, write its check. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "claim.h"

enum { LEN = 1 << 20, PART = 4096 };

/* Returns the result of a read by a polling thread of an ordinary user, of a
 * descriptor that is not registered. */
static int read_with_sqpoll(void)
{
    struct io_uring ring;
    char text[5];
    int fd = claim_file("hello");

    claim_drop_root();
    claim_ring(&ring, 4, IORING_SETUP_SQPOLL);
    io_uring_prep_read(claim_sqe(&ring, 1), fd, text, sizeof text, 0);
    return claim_run(&ring);
}

/* That was so before Linux 5.11, and 5.13 dropped CAP_SYS_NICE. */
static const char *sqpoll_needs_root(void)
{
    int rc;

    claim_drop_root();
    rc = claim_try(4, IORING_SETUP_SQPOLL);
    return claim_true(rc == -EPERM, rc == 0 ? "an ordinary user makes the ring"
                                            : "another error than EPERM");
}

/* That was so before Linux 5.11: feature SQPOLL_NONFIXED. */
static const char *sqpoll_needs_registered_files(void)
{
    return claim_number("a read of an ordinary descriptor", -EBADF,
                        read_with_sqpoll());
}

/* Use user_data to find the operation of a completion. */
static const char *completions_come_in_order(void)
{
    struct io_uring ring;
    int fds[2], results[8], order;
    char byte;

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    io_uring_prep_read(claim_sqe(&ring, 1), fds[0], &byte, 1, 0);
    claim_sqe(&ring, 2);
    io_uring_submit(&ring);
    if (write(fds[1], "x", 1) != 1)
        claim_absent("a pipe is full");
    claim_take(&ring, 2, results, &order);
    return claim_true(order == 12, "a later operation may complete first");
}

/* If the data is in the page cache, the submit copies it. */
static const char *regular_files_never_wait(void)
{
    struct io_uring ring;
    int fd = claim_file("hello");
    char text[5];

    claim_ring(&ring, 4, 0);
    io_uring_prep_read(claim_sqe(&ring, 1), fd, text, sizeof text, 0);
    io_uring_submit(&ring);
    return claim_number("completions of a cached read after the submit", 0,
                        (int)io_uring_cq_ready(&ring));
}

/* A read that would block needs no thread. The kernel polls the pipe, and runs
 * the read when it has data. Only operations on files that cannot be polled
 * occupy a worker while they wait. */
static const char *waiting_read_needs_a_thread(void)
{
    unsigned limits[2] = {1, 1};
    struct io_uring ring;
    int fds[4], results[8], order;
    char bytes[2];

    claim_ring(&ring, 4, 0);
    if (io_uring_register_iowq_max_workers(&ring, limits) < 0)
        claim_absent("the kernel cannot limit its workers (5.15)");
    claim_pipe(fds);
    claim_pipe(fds + 2);
    io_uring_prep_read(claim_sqe(&ring, 1), fds[0], &bytes[0], 1, 0);
    io_uring_prep_read(claim_sqe(&ring, 2), fds[2], &bytes[1], 1, 0);
    io_uring_submit(&ring);
    if (write(fds[3], "x", 1) != 1)
        claim_absent("a pipe is full");
    claim_take(&ring, 1, results, &order);
    return claim_true(order != 2, "two reads wait at the same time, although "
                                  "there may be one worker");
}

/* Sends 1 MiB of a and 1 MiB of b, and reads all of it. Have one send in flight
 * per socket, or link the sends. */
static const char *sends_in_flight_keep_their_order(void)
{
    static char text[2][LEN], got[PART];
    struct io_uring ring;
    bool has_b = false;
    int fds[2];

    claim_ring(&ring, 4, 0);
    claim_sockets(fds);
    for (int i = 0; i < 2; i++) {
        memset(text[i], 'a' + i, LEN);
        io_uring_prep_send(claim_sqe(&ring, (unsigned)i), fds[0], text[i], LEN,
                           MSG_WAITALL);
    }
    io_uring_submit(&ring);
    for (ssize_t len, all = 0; all < 2 * LEN; all += len) {
        len = recv(fds[1], got, sizeof got, 0);
        if (len <= 0)
            return "the connection has ended";
        if (has_b && memchr(got, 'a', (size_t)len) != NULL)
            return "a part of the first send is behind a part of the second";
        has_b = has_b || memchr(got, 'b', (size_t)len) != NULL;
    }
    return NULL;
}

const struct claim claims_articles[] = {
    {"articles", "SQPOLL needs root", sqpoll_needs_root},
    {"articles", "SQPOLL needs registered files",
     sqpoll_needs_registered_files},
    {"articles", "completions come in the order of the requests",
     completions_come_in_order},
    {"articles", "a read of a cached file completes later, never in the submit",
     regular_files_never_wait},
    {"articles", "each operation that waits occupies a thread of the kernel",
     waiting_read_needs_a_thread},
    {"articles", "two sends in flight on one socket keep their order",
     sends_in_flight_keep_their_order},
    {NULL, NULL, NULL},
};
