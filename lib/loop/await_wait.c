/* await_wait.c: operations that only wait, as function calls; see await.h.
 * Introduced in phase 3. Needs: await.h, operation.h, uring_compat.h.
 *
 * What it teaches: a thread can wait for all kinds of events in one system
 * call: a timeout, a futex wake by another thread, or the exit of a process.
 * Without io_uring, each of these needs its own thread, signal or
 * descriptor. */
#include "await.h"

#include <errno.h>

#include "operation.h"
#include "uring_compat.h"

/* The value of FUTEX2_SIZE_U32 | FUTEX2_PRIVATE, which linux/futex.h lacks
 * before Linux 6.7, and the value of FUTEX_BITSET_MATCH_ANY. */
#define FUTEX_WORD_PRIVATE (2 | 128)
#define FUTEX_ANY_BIT UINT64_C(0xffffffff)

/* A timeout that expires completes with -ETIME, but await_result also returns
 * -ETIME if the task's deadline passes. So check the future's own result. */
int await_timeout_ns(uint64_t delay_ns)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);
    struct __kernel_timespec delay = {
        .tv_sec = (long long)(delay_ns / 1000000000),
        .tv_nsec = (long long)(delay_ns % 1000000000),
    };
    int rc;

    io_uring_prep_timeout(sqe, &delay, 0, 0);
    rc = await_result(&await);
    return await.future.is_done && await.future.result == -ETIME ? 0 : rc;
}

static void prep_futex(struct io_uring_sqe *sqe, enum ur_op op,
                       const uint32_t *word, uint64_t value)
{
    io_uring_prep_rw(op, sqe, FUTEX_WORD_PRIVATE, word, 0, value);
    sqe->addr3 = FUTEX_ANY_BIT;
}

int await_futex_wait(const uint32_t *word, uint32_t value)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    prep_futex(sqe, UR_OP_FUTEX_WAIT, word, value);
    return await_result(&await);
}

int await_futex_wake(const uint32_t *word, uint32_t count)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    prep_futex(sqe, UR_OP_FUTEX_WAKE, word, count);
    return await_result(&await);
}

int await_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    ur_prep_waitid(sqe, type, id, info, options);
    return await_result_of(&await, info, info != NULL ? sizeof *info : 0);
}
