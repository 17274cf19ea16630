/* await_opcodes.c: each function of await.h submits one SQE, of the operation
 * that its name says. A function that made a system call instead would return
 * the same results. */
#include "await.h"

#include <poll.h>

#include "probe.h"
#include "uring_compat.h"
#include "with_loop.h"

static unsigned sqe_count;
static struct io_uring_sqe last;

static void note_sqe(const struct ring *ring, const struct io_uring_sqe *sqe,
                     const struct io_uring_cqe *cqe)
{
    (void)ring, (void)cqe;
    if (sqe == NULL)
        return;
    sqe_count++;
    last = *sqe;
}

/* Makes the call, and checks that it submits one SQE, of this operation. */
#define CHECK_SUBMITS(operation, call)                      \
    do {                                                    \
        sqe_count = 0;                                      \
        (void)(call);                                       \
        ck_assert_msg(sqe_count == 1, "%s: %u SQEs", #call, \
                      sqe_count);                           \
        ck_assert_msg(last.opcode == (operation),           \
                      "%s: operation %u, not %d", #call,    \
                      last.opcode, (int)(operation));       \
    } while (0)

TASK_TEST(each_call_on_a_file_submits_its_operation)
{
    struct open_how how = {.flags = O_RDONLY};
    char byte = 0;
    struct iovec part = {&byte, 1};
    struct statx info;

    CHECK_SUBMITS(IORING_OP_OPENAT,
                  await_openat(AT_FDCWD, "/no/such/name", O_RDONLY, 0));
    CHECK_SUBMITS(IORING_OP_OPENAT2,
                  await_openat2(AT_FDCWD, "/no/such/name", &how));
    CHECK_SUBMITS(IORING_OP_CLOSE, await_close(-1));
    CHECK_SUBMITS(IORING_OP_READ, await_read(-1, &byte, 1, 0));
    CHECK_SUBMITS(IORING_OP_WRITE, await_write(-1, &byte, 1, 0));
    CHECK_SUBMITS(IORING_OP_READV, await_readv(-1, &part, 1, 0));
    CHECK_SUBMITS(IORING_OP_WRITEV, await_writev(-1, &part, 1, 0));
    CHECK_SUBMITS(IORING_OP_FSYNC, await_fsync(-1, 0));
    CHECK_SUBMITS(IORING_OP_STATX,
                  await_statx(AT_FDCWD, "/", 0, STATX_SIZE, &info));
    CHECK_SUBMITS(IORING_OP_RENAMEAT,
                  await_renameat(AT_FDCWD, "/no/1", AT_FDCWD, "/no/2"));
    CHECK_SUBMITS(IORING_OP_UNLINKAT, await_unlinkat(AT_FDCWD, "/no/1", 0));
    CHECK_SUBMITS(IORING_OP_SPLICE, await_splice(-1, -1, -1, -1, 1));
    return 0;
}

TASK_TEST(each_call_on_a_socket_submits_its_operation)
{
    struct sockaddr address = {.sa_family = AF_UNIX};
    struct msghdr message = {0};
    char byte = 0;

    CHECK_SUBMITS(IORING_OP_ACCEPT, await_accept(-1, NULL, NULL));
    CHECK_SUBMITS(IORING_OP_CONNECT,
                  await_connect(-1, &address, sizeof address));
    CHECK_SUBMITS(IORING_OP_RECV, await_recv(-1, &byte, 1, 0));
    CHECK_SUBMITS(IORING_OP_SEND, await_send(-1, &byte, 1, 0));
    CHECK_SUBMITS(IORING_OP_SENDMSG, await_sendmsg(-1, &message, 0));
    CHECK_SUBMITS(IORING_OP_RECVMSG, await_recvmsg(-1, &message, 0));
    CHECK_SUBMITS(IORING_OP_SHUTDOWN, await_shutdown(-1, SHUT_WR));
    return 0;
}

TASK_TEST(each_call_that_only_waits_submits_its_operation)
{
    uint32_t word = 1;
    siginfo_t info;

    CHECK_SUBMITS(IORING_OP_POLL_ADD, await_poll(-1, POLLIN));
    CHECK_SUBMITS(IORING_OP_TIMEOUT, await_timeout_ns(1));
    CHECK_SUBMITS(IORING_OP_NOP, await_nop());
    CHECK_SUBMITS(UR_OP_FUTEX_WAIT, await_futex_wait(&word, 0));
    CHECK_SUBMITS(UR_OP_FUTEX_WAKE, await_futex_wake(&word, 1));
    CHECK_SUBMITS(UR_OP_WAITID, await_waitid(P_ALL, 0, &info, WEXITED));
    return 0;
}

static const struct iovec *submitted_parts(void)
{
    return (const struct iovec *)(uintptr_t)last.addr;
}

/* The vector of READV and WRITEV is the caller's: no call copies it. */
TASK_TEST(a_vector_is_submitted_without_a_copy)
{
    char byte = 0;
    struct iovec parts[2] = {{&byte, 1}, {&byte, 1}};

    CHECK_SUBMITS(IORING_OP_WRITEV, await_writev(-1, parts, 2, 7));
    ck_assert_ptr_eq(submitted_parts(), parts);
    ck_assert_uint_eq(last.len, 2);
    ck_assert_uint_eq(last.off, 7);
    return 0;
}

int main(void)
{
    ring_hook = note_sqe; /* before the first ring */
    suite_begin("await_opcodes");
    suite_add(each_call_on_a_file_submits_its_operation);
    suite_add(each_call_on_a_socket_submits_its_operation);
    suite_add_unless(probe_missing_op(UR_OP_FUTEX_WAIT),
                     each_call_that_only_waits_submits_its_operation);
    suite_add(a_vector_is_submitted_without_a_copy);
    return suite_end();
}
