/* window.c: a window repeats an operation that had no effect, up to a limit. */
#include "window.h"

#include <errno.h>

#include "suite.h"

/* Returns how many times in a row the operation runs again. */
static unsigned retries_of(struct entry *e, int opcode, int result)
{
    unsigned count = 0;

    while (count < 1000 && window_retries(e, opcode, result))
        count++;
    return count;
}

TEST(an_operation_without_effect_runs_again_but_not_for_ever)
{
    const int results[] = {-ECANCELED, -EAGAIN, -EINTR};

    for (unsigned i = 0; i < sizeof results / sizeof *results; i++) {
        struct entry e = {0};

        ck_assert_uint_eq(retries_of(&e, IORING_OP_READ, results[i]), 99);
    }
}
END_TEST

TEST(bytes_restore_the_retry_budget)
{
    struct entry e = {0};

    for (int i = 0; i < 1000; i++) {
        check(window_retries(&e, IORING_OP_WRITE, -EAGAIN));
        check(!window_retries(&e, IORING_OP_WRITE, 1));
    }
    check(!window_retries(&e, IORING_OP_READ, 0));
}
END_TEST

TEST(a_failed_operation_does_not_run_again)
{
    struct entry e = {0};

    check(!window_retries(&e, IORING_OP_READ, -EIO));
    check(!window_retries(&e, IORING_OP_READ, -ENOMEM));
    check(!window_retries(&e, IORING_OP_WRITE, -ENOSPC));
}
END_TEST

int main(void)
{
    suite_begin("window");
    suite_add(an_operation_without_effect_runs_again_but_not_for_ever);
    suite_add(bytes_restore_the_retry_budget);
    suite_add(a_failed_operation_does_not_run_again);
    return suite_end();
}
