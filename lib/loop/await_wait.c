/* await_wait.c: operations that only wait, as calls; see await.h.
 * Introduced in phase 3. Needs: await.h, uring_compat.h.
 *
 * What it teaches: a thread waits in one system call, and every event of a
 * program can end that wait: the time, a word of memory that another thread
 * changes, the end of a process. Before, each of these needed its own thread,
 * signal or descriptor. */
#include "await.h"

#include <errno.h>

#include "uring_compat.h"

/* linux/futex.h has these from 6.7 on: a word of 32 bits that is private to
 * this process; a wait for any bit. */
#define FUTEX_WORD_PRIVATE (2 | 128)
#define FUTEX_ANY_BIT UINT64_C(0xffffffff)

/* The kernel completes a timeout with -ETIME, which also means that the task's
 * deadline passed. So this reads the result of the operation itself. */
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
