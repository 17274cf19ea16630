/* operation.h: starts an operation, and later waits for its result.
 * Introduced in phase 3. Needs: future.h, loop.h.
 *
 * await.h has the operations that lib needs. To add one, write a function like
 * this:
 *
 *     struct await await;
 *     struct io_uring_sqe *sqe = await_start(&await);
 *     io_uring_prep_nop(sqe);
 *     return await_result(&await);
 *
 * Between await_start and await_result, the task may start other operations and
 * make other calls that suspend. Do not move await before await_result has
 * returned. Call await_result once for each await_start. */
#ifndef ONE_RING_OPERATION_H
#define ONE_RING_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "future.h"
#include "loop.h"

struct await {
    struct op op;
    struct future future;
    struct task_wait wait;
    bool is_cancelled;        /* cancel_await was called */
    bool is_held;             /* the SQE is in `held`, not submitted */
    struct io_uring_sqe held; /* the SQE while is_held */
};

/* Returns an SQE to fill. May suspend until a slot is free. If an interruption
 * is pending, the operation does not start yet, and await_result returns the
 * interruption. But if another call returns the interruption first,
 * await_result starts the operation and waits for it. */
struct io_uring_sqe *await_start(struct await *await);

/* Requests that the operation end early or, if its SQE is held, never start.
 * Call await_result afterwards as usual: it returns -ECANCELED, or the
 * operation's own result if that came first. */
void cancel_await(struct await *await);

/* Returns the result of an await whose SQE is held. Only await_result calls
 * this. */
int await_result_when_held(struct await *await);

/* Converts result, the error of a completed operation, to the error that the
 * caller of await_result gets.
 *
 * Returns -ECANCELED, -ETIME  an interruption of the task caused the error
 *         -ERR_NO_WORKER      the kernel cancelled the operation, and this
 *                             program did not request it
 *         result              any other error; -EINTR for -ERESTARTSYS */
int failure_of_await(const struct await *await, int result);

/* Suspends until the operation completes. Returns its result. */
static inline int await_result(struct await *await)
{
    int result;

    if (await->is_held)
        return await_result_when_held(await);
    result = future_wait_until_done(&await->future, &await->wait);
    return result >= 0 ? result : failure_of_await(await, result);
}

/* Works like await_result. Poisons buf for ASan while the kernel owns it. */
int await_result_of(struct await *await, const void *buf, size_t len);

/* Works like await_result, but cannot be interrupted. */
int await_result_uninterrupted(struct await *await);

#endif
