/* no_worker.c: an operation that the kernel cancels because it cannot create an
 * io-wq worker does not look like an operation that we cancelled. */
#include <errno.h>

#include "awaiting.h"
#include "err.h"
#include "no_threads.h"

/* A statx always needs a worker. */
TASK_TEST(an_operation_that_needs_a_worker_fails_with_its_own_error)
{
    struct statx is;

    forbid_threads();
    for (int i = 0; i < 3; i++)
        check_res(await_statx(AT_FDCWD, "/", 0, STATX_TYPE, &is),
                  -ERR_NO_WORKER);
    ck_assert_uint_eq(loop.no_worker_count, 3);
    check_res(await_nop(), 0); /* the task was not cancelled */
    return 0;
}

TASK_TEST(a_cancel_of_ours_is_a_cancel_even_without_workers)
{
    struct statx is;
    char byte;

    forbid_threads();
    task_cancel(task_current());
    check_res(await_statx(AT_FDCWD, "/", 0, STATX_TYPE, &is), -ECANCELED);
    make_sockets();
    deadline_set_ns(1 * MS);
    check_res(await_recv(ends[0], &byte, 1, 0), -ETIME);
    deadline_clear();
    ck_assert_uint_eq(loop.no_worker_count, 0);
    close_ends();
    return 0;
}

static int await_and_hang(void *arg)
{
    char byte;

    (void)arg;
    return await_recv(ends[0], &byte, 1, 0);
}

TASK_TEST(a_task_that_was_cancelled_in_an_operation_reports_a_cancel)
{
    make_sockets();
    spawn(0, await_and_hang);
    task_yield();
    task_cancel(&helpers[0]);
    check_res(task_join(&helpers[0]), -ECANCELED);
    ck_assert_uint_eq(loop.no_worker_count, 0);
    close_ends();
    return 0;
}

int main(void)
{
    const char *why_not = why_threads_are_allowed();

    suite_begin("no_worker");
    suite_add_unless(why_not,
                     an_operation_that_needs_a_worker_fails_with_its_own_error);
    suite_add_unless(why_not,
                     a_cancel_of_ours_is_a_cancel_even_without_workers);
    suite_add(a_task_that_was_cancelled_in_an_operation_reports_a_cancel);
    return suite_end();
}
