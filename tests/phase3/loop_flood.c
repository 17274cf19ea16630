/* loop_flood.c: a loop with too much of something, tasks, timers, callbacks or
 * completions, for a ring with too few entries: nothing starves and nothing is
 * lost. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "await.h"
#include "noted.h"

static bool stop;

static int yield_until_stop(void *arg)
{
    (void)arg;
    while (!stop)
        task_yield();
    return 0;
}

static int ping_through_a_flood(void *arg)
{
    struct task flood = {0};
    uint64_t switches;

    (void)arg;
    stop = false;
    check_res(task_spawn(&flood, "flood", yield_until_stop, NULL), 0);
    switches = loop.sched.switches;
    for (int i = 0; i < 100; i++)
        check_res(await_nop(), 0);
    switches = loop.sched.switches - switches;
    stop = true;
    check_res(task_join(&flood), 0);
    return (int)switches;
}

/* Each ping waits for one budget of the flood, not for its end. */
TEST(a_task_that_never_waits_does_not_starve_one_that_waits)
{
    int switches = run(ping_through_a_flood, NULL);

    ck_assert_int_ge(switches, 100);
    ck_assert_int_le(switches, 102 * (int)LOOP_TASK_BUDGET);
}

static void fire_again(struct timer *timer)
{
    check_res(timer_arm(&loop.sched.timers, timer, 0), 0);
}

TASK_TEST(timers_that_are_always_due_do_not_starve_a_task)
{
    struct timer timers[32] = {{0}};

    for (int i = 0; i < 32; i++) {
        timers[i].fire = fire_again;
        check_res(timer_arm(&loop.sched.timers, &timers[i], 0), 0);
    }
    for (int i = 0; i < 100; i++)
        check_res(await_nop(), 0);
    for (int i = 0; i < 32; i++)
        timer_disarm(&loop.sched.timers, &timers[i]);
    return 0;
}

static uintptr_t lowest, highest;
static long chain_left;

static void start_again(struct op *op, int result, uint32_t flags)
{
    volatile char here = 0;
    uintptr_t local = (uintptr_t)&here;

    (void)flags;
    check_res(result, 0);
    lowest = local < lowest ? local : lowest;
    highest = local > highest ? local : highest;
    if (!stop && --chain_left > 0)
        io_uring_prep_nop(loop_sqe(op));
}

static int start_chain(void *arg)
{
    struct op *op = arg;

    op->complete = start_again;
    lowest = UINTPTR_MAX;
    highest = 0;
    stop = false;
    io_uring_prep_nop(loop_sqe(op));
    return 0;
}

TEST(a_hundred_thousand_completions_in_a_chain_do_not_grow_the_stack)
{
    struct op op = {0};

    chain_left = 100000;
    check_res(run(start_chain, &op), 0);
    ck_assert_int_eq((int)chain_left, 0);
    ck_assert_uint_eq(lowest, highest);
}

static int ping_through_callbacks(void *arg)
{
    struct op *ops = arg;

    for (int i = 0; i < 8; i++)
        start_chain(&ops[i]);
    for (int i = 0; i < 100; i++)
        check_res(await_sleep_ns(0), 0);
    stop = true;
    return 0;
}

/* With two entries in the SQ a callback that starts an operation enters the
 * kernel from inside the walk over the CQEs, which never ends by itself. */
TEST(callbacks_that_restart_their_operation_starve_no_task)
{
    struct loop_options options = {.ring = {.sq_entries = 2, .cq_entries = 8}};
    struct op ops[8] = {{0}};

    chain_left = 1000000;
    check_ring(loop_init(&loop, &options));
    check_res(loop_run(&loop, ping_through_callbacks, ops), 0);
    ck_assert_int_gt((int)chain_left, 900000);
    loop_finish(&loop);
}

static int poll_it(void *arg)
{
    return await_poll(*(int *)arg, POLLIN);
}

/* With DEFER_TASKRUN the kernel posts at most 20 completions per enter. */
TASK_TEST(a_hundred_completions_that_are_ready_at_once_all_arrive)
{
    static struct task tasks[100];
    int ends[2];

    check_res(pipe(ends), 0);
    for (int i = 0; i < 100; i++)
        check_res(task_spawn(&tasks[i], "poll", poll_it, &ends[0]), 0);
    while (loop_in_flight(&loop) < 100)
        check_res(await_nop(), 0);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    for (int i = 0; i < 100; i++)
        check_res(task_join(&tasks[i]), POLLIN);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static int twenty_nops(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++)
        check_res(await_nop(), 0);
    ck_assert_uint_le(loop_in_flight(&loop), 2);
    return 20;
}

static int fifty_tasks_of_twenty(void *arg)
{
    static struct task tasks[50];
    int sum = 0;

    (void)arg;
    for (int i = 0; i < 50; i++)
        check_res(task_spawn(&tasks[i], "nops", twenty_nops, NULL), 0);
    for (int i = 0; i < 50; i++)
        sum += task_join(&tasks[i]);
    return sum;
}

static void start_tiny(void)
{
    struct loop_options options = {.ring = {.sq_entries = 2, .cq_entries = 2}};

    check_ring(loop_init(&loop, &options));
    ck_assert_uint_eq(loop.ring.cq_entries, 2);
}

TEST(a_ring_with_two_entries_serves_fifty_tasks)
{
    start_tiny();
    check_res(loop_run(&loop, fifty_tasks_of_twenty, NULL), 1000);
    ck_assert_uint_eq(loop.ring.counters.overflows, 0);
    loop_finish(&loop);
}

static int cancel_both_pollers(void *arg)
{
    struct task tasks[2];

    memset(tasks, 0, sizeof tasks);
    for (int i = 0; i < 2; i++)
        check_res(task_spawn(&tasks[i], "poll", poll_it, arg), 0);
    task_yield();
    check(!loop_has_slot());
    for (int i = 0; i < 2; i++)
        task_cancel(&tasks[i]);
    for (int i = 0; i < 2; i++)
        check_res(task_join(&tasks[i]), -ECANCELED);
    return 0;
}

/* The answers to the cancels are two more than there are entries: the CQ may
 * overflow, and nothing may be lost by it. */
TEST(cancelling_an_operation_needs_no_free_slot)
{
    int ends[2];

    check_res(pipe(ends), 0);
    start_tiny();
    check_res(loop_run(&loop, cancel_both_pollers, &ends[0]), 0);
    ck_assert_uint_eq(loop.stale_cqes, 0);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const char *too_small = why_ring_is_too_small();

    suite_begin("loop_flood");
    suite_add(a_task_that_never_waits_does_not_starve_one_that_waits);
    suite_add(timers_that_are_always_due_do_not_starve_a_task);
    suite_add(a_hundred_thousand_completions_in_a_chain_do_not_grow_the_stack);
    suite_add(callbacks_that_restart_their_operation_starve_no_task);
    suite_add_unless(too_small,
                     a_hundred_completions_that_are_ready_at_once_all_arrive);
    suite_add(a_ring_with_two_entries_serves_fifty_tasks);
    suite_add(cancelling_an_operation_needs_no_free_slot);
    return suite_end();
}
