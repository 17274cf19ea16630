/* loop_end.c: how a loop ends: with operations, tasks or completions that are
 * left, when nothing can happen any more, or before it begins. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "await.h"
#include "forked.h"
#include "noted.h"

static struct op noted_op;

static int three_nops(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        check_res(await_nop(), 0);
    return 0;
}

static int poll_it(void *arg)
{
    return await_poll(*(int *)arg, POLLIN);
}

TEST(a_completion_without_a_waiter_is_counted_and_dropped)
{
    loop_start();
    noted_op.complete = note_completion;
    io_uring_prep_nop(loop_sqe(&noted_op));
    for (int i = 0; i < 2; i++)
        io_uring_prep_nop(ring_sqe(&loop.ring, noted_op.handle + 1));
    io_uring_prep_nop(ring_sqe(&loop.ring, HANDLE_NONE));
    while (loop_in_flight(&loop) > 0 || ring_needs_enter(&loop.ring))
        check_res(loop_step(&loop, false), 0);
    ck_assert_uint_eq(loop.stale_cqes, 2);
    ck_assert_str_eq(order, "c");
    loop_finish(&loop);
}

static int start_and_leave(void *arg)
{
    struct op *op = arg;

    op->complete = note_completion;
    io_uring_prep_nop(loop_sqe(op));
    return 5;
}

TEST(loop_run_returns_after_its_last_operation_has_ended)
{
    struct op op = {0};

    check_res(run(start_and_leave, &op), 5);
    ck_assert_str_eq(order, "c");
    check(!op_is_in_flight(&op));
}

/* Runs fn with stderr in text. Returns what loop_run does. */
static int run_with_stderr(task_fn *fn, void *arg, char *text, size_t len)
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO), rc;
    size_t got;

    check(file != NULL && saved >= 0);
    dup2(fileno(file), STDERR_FILENO);
    rc = loop_run(&loop, fn, arg);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    got = fread(text, 1, len - 1, file);
    text[got] = '\0';
    fclose(file);
    return rc;
}

static struct task left[3];

static int leave_some_alive(void *arg)
{
    static const char *const names[] = {"one", "two", "three"};

    for (int i = 0; i < 3; i++)
        check_res(task_spawn(&left[i], names[i], poll_it, arg), 0);
    return 0;
}

TEST(loop_run_reports_and_cancels_tasks_left_alive)
{
    char text[1024];
    int ends[2];

    check_res(pipe(ends), 0);
    loop_start();
    check_res(run_with_stderr(leave_some_alive, &ends[0], text, sizeof text),
              -EBUSY);
    check(strstr(text, "'one'") != NULL);
    check(strstr(text, "'two'") != NULL);
    check(strstr(text, "'three'") != NULL);
    check(strstr(text, "'main'") == NULL);
    for (int i = 0; i < 3; i++)
        check_res(left[i].result, -ECANCELED);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

static int spawn_another_when_cancelled(void *arg)
{
    check_res(await_poll(*(int *)arg, POLLIN), -ECANCELED);
    return task_spawn(&left[1], "late", poll_it, arg);
}

static int leave_one_that_spawns(void *arg)
{
    return task_spawn(&left[0], "spawner", spawn_another_when_cancelled, arg);
}

TEST(a_task_that_starts_while_the_loop_ends_is_cancelled)
{
    char text[1024];
    int ends[2];

    check_res(pipe(ends), 0);
    loop_start();
    check_res(run_with_stderr(leave_one_that_spawns, &ends[0], text,
                              sizeof text), -EBUSY);
    check_res(left[1].result, -ECANCELED);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

static int wait_for_nothing(void *arg)
{
    struct future never = {0};

    (void)arg;
    return future_wait(&never);
}

/* The tasks stay parked until this process ends. */
TEST(a_wait_that_cannot_end_is_reported_as_a_deadlock)
{
    char text[1024];

    loop_start();
    check_res(run_with_stderr(wait_for_nothing, NULL, text, sizeof text),
              -EDEADLK);
    check(strstr(text, "'main'") != NULL);
}

/* Half of a loop is not left behind. */
TEST(a_failed_loop_init_leaks_nothing)
{
    struct loop_options options = {.tasks_max = 1u << 20,
                                   .stack_len = (size_t)1 << 28};
    int fd = dup(0);

    close(fd);
    check_res(loop_init(&loop, &options), -ENOMEM);
    ck_assert_int_eq(dup(0), fd);
    close(fd);
    loop_finish(&loop);
    check_res(run(three_nops, NULL), 0);
}

static void finish_in_flight(void)
{
    struct op op = {.complete = note_completion};

    loop_start();
    io_uring_prep_nop(loop_sqe(&op));
    loop_finish(&loop);
}

static void start_one_twice(void)
{
    struct op op = {.complete = note_completion};

    loop_start();
    io_uring_prep_nop(loop_sqe(&op));
    io_uring_prep_nop(loop_sqe(&op));
}

static int step_again(void *arg)
{
    return loop_step(arg, false);
}

static void step_inside_a_task(void)
{
    loop_start();
    loop_run(&loop, step_again, &loop);
}

TEST(misuse_of_a_loop_is_asserted)
{
    check(forked_aborts(finish_in_flight));
    check(forked_aborts(start_one_twice));
    check(forked_aborts(step_inside_a_task));
}

int main(void)
{
    suite_begin("loop_end");
    suite_add(a_completion_without_a_waiter_is_counted_and_dropped);
    suite_add(loop_run_returns_after_its_last_operation_has_ended);
    suite_add(loop_run_reports_and_cancels_tasks_left_alive);
    suite_add(a_task_that_starts_while_the_loop_ends_is_cancelled);
    suite_add(a_wait_that_cannot_end_is_reported_as_a_deadlock);
    suite_add(a_failed_loop_init_leaks_nothing);
    suite_add(misuse_of_a_loop_is_asserted);
    return suite_end();
}
