/* loop_order.c: in which order the loop does things, as a table.
 *
 * The steps are those of loop.h: (1) ready tasks, (2) timers, (3) enter, (4)
 * completions. Each row starts some things, some of which start others when
 * they run; beside it stands the order that follows from the steps, with a bar
 * where an iteration ends. */
#include "loop.h"

#include <errno.h>

#include "await.h"
#include "with_loop.h"

#define ITERATIONS 4
#define ACTORS 4

enum kind {
    READY,     /* a task that is spawned */
    WOKEN,     /* a task that waits for a future, which is completed */
    CANCELLED, /* a task that waits for a future, and is cancelled */
    TIMER,     /* loop_call_later, no delay */
    NOP        /* an operation, complete as soon as it is submitted */
};

struct row {
    const char *what;
    struct {
        char name;
        enum kind kind;
        char by; /* who starts it; 0: the test, before the first iteration */
    } actors[ACTORS]; /* name 0 ends them */
    const char *order;
};

/* DOC: loop-order */
static const struct row table[] = {
    /* One of each, in any order of their beginnings. */
    {"(1) (2) (4)",
     {{'r', READY, 0}, {'t', TIMER, 0}, {'c', NOP, 0}}, "rtc|"},
    {"the same, started in reverse",
     {{'c', NOP, 0}, {'t', TIMER, 0}, {'r', READY, 0}}, "rtc|"},
    {"two of a kind, in the order of their beginnings",
     {{'r', READY, 0}, {'s', READY, 0}, {'t', TIMER, 0}, {'u', TIMER, 0}},
     "rstu|"},
    {"two completions, as the kernel posted them",
     {{'c', NOP, 0}, {'d', NOP, 0}}, "cd|"},

    /* A task that a task of step (1) spawns runs in this iteration. */
    {"a task spawns a task", {{'r', READY, 0}, {'s', READY, 'r'}}, "rs|"},
    {"a task spawns behind those that are ready",
     {{'r', READY, 0}, {'q', READY, 0}, {'s', READY, 'r'}}, "rqs|"},
    {"a task arms a timer", {{'r', READY, 0}, {'t', TIMER, 'r'}}, "rt|"},
    {"a task starts an operation", {{'r', READY, 0}, {'c', NOP, 'r'}}, "rc|"},
    {"a task wakes a task", {{'r', READY, 0}, {'w', WOKEN, 'r'}}, "rw|"},

    /* If a timer starts something whose step is still to come in this
     * iteration, it happens in this iteration. */
    {"a timer spawns a task", {{'t', TIMER, 0}, {'r', READY, 't'}}, "t|r|"},
    {"a timer wakes a task", {{'t', TIMER, 0}, {'w', WOKEN, 't'}}, "t|w|"},
    {"a timer cancels a task",
     {{'t', TIMER, 0}, {'x', CANCELLED, 't'}}, "t|x|"},
    {"a timer arms a timer", {{'t', TIMER, 0}, {'u', TIMER, 't'}}, "t|u|"},
    {"a timer starts an operation", {{'t', TIMER, 0}, {'c', NOP, 't'}}, "tc|"},
    {"a task that a timer woke is behind the completions",
     {{'t', TIMER, 0}, {'w', WOKEN, 't'}, {'c', NOP, 0}}, "tc|w|"},

    /* Nothing that a completion starts is done inside of the walk. */
    {"a completion wakes a task", {{'c', NOP, 0}, {'w', WOKEN, 'c'}}, "c|w|"},
    {"a completion cancels a task",
     {{'c', NOP, 0}, {'x', CANCELLED, 'c'}}, "c|x|"},
    {"a completion spawns a task", {{'c', NOP, 0}, {'r', READY, 'c'}}, "c|r|"},
    {"a completion arms a timer", {{'c', NOP, 0}, {'t', TIMER, 'c'}}, "c|t|"},
    {"a completion starts an operation",
     {{'c', NOP, 0}, {'d', NOP, 'c'}}, "c|d|"},
    {"all completions, then who waited for the first",
     {{'c', NOP, 0}, {'d', NOP, 0}, {'w', WOKEN, 'c'}}, "cd|w|"},
    {"who was woken goes before a timer, and that before a completion",
     {{'c', NOP, 0}, {'d', NOP, 'c'}, {'t', TIMER, 'c'}, {'w', WOKEN, 'c'}},
     "c|wtd|"},
};

static const struct row *row;
static char order[64];
static size_t steps;

static struct actor {
    struct task task;
    struct future future;
    struct timer timer;
    struct op op;
} actors[ACTORS];

static void note(char what)
{
    ck_assert_uint_lt(steps, sizeof order - 1);
    order[steps++] = what;
}

/* recursive: what is started may start others when it runs. */
static void start_those_by(char by);

static void take_turn(const struct actor *actor)
{
    char name = row->actors[actor - actors].name;

    note(name);
    start_those_by(name);
}

static int run_task(void *arg)
{
    take_turn(arg);
    return 0;
}

static int wait_and_take_turn(void *arg)
{
    struct actor *actor = arg;

    (void)future_wait(&actor->future);
    take_turn(actor);
    return 0;
}

static void fire(struct timer *timer)
{
    take_turn(container_of(timer, struct actor, timer));
}

static void complete(struct op *op, int result, uint32_t flags)
{
    check_res(result, 0);
    ck_assert_uint_eq(flags & IORING_CQE_F_MORE, 0);
    take_turn(container_of(op, struct actor, op));
}

static void start(struct actor *actor, enum kind kind)
{
    switch (kind) {
    case READY:
        check_res(task_spawn(&actor->task, "ready", run_task, actor), 0);
        break;
    case WOKEN: future_complete(&actor->future, 0); break;
    case CANCELLED: task_cancel(&actor->task); break;
    case TIMER:
        actor->timer.fire = fire;
        check_res(loop_call_later(&actor->timer, 0), 0);
        break;
    case NOP:
        actor->op.complete = complete;
        io_uring_prep_nop(loop_sqe(&actor->op));
        break;
    }
}

static void start_those_by(char by)
{
    for (int i = 0; i < ACTORS && row->actors[i].name != 0; i++)
        if (row->actors[i].by == by)
            start(&actors[i], row->actors[i].kind);
}

/* Those that are woken have to be asleep first. */
static void put_to_sleep(void)
{
    for (int i = 0; i < ACTORS && row->actors[i].name != 0; i++)
        if (row->actors[i].kind == WOKEN || row->actors[i].kind == CANCELLED)
            check_res(task_spawn(&actors[i].task, "asleep",
                                 wait_and_take_turn, &actors[i]), 0);
    check_res(loop_step(&loop, false), 0);
}

static void do_row(void)
{
    memset(actors, 0, sizeof actors);
    loop_start();
    put_to_sleep();
    memset(order, 0, sizeof order);
    steps = 0;
    start_those_by(0);
    for (int i = 0; i < ITERATIONS; i++) {
        check_res(loop_step(&loop, false), 0);
        if (steps > 0 && order[steps - 1] != '|')
            note('|');
    }
    ck_assert_uint_eq(loop.sched.count + loop_in_flight(&loop), 0);
    loop_finish(&loop);
}

TEST(events_of_an_iteration_run_in_the_documented_order)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        row = &table[i];
        do_row();
        ck_assert_msg(strcmp(order, row->order) == 0, "%s: %s, not %s",
                      row->what, order, row->order);
    }
}

/* --- budgets -------------------------------------------------------------- */

#define MANY (2 * LOOP_TASK_BUDGET + 10)

static struct task many_tasks[MANY];
static struct timer many_timers[MANY];
static unsigned tasks_ran, timers_fired;

static int count_task(void *arg)
{
    (void)arg;
    tasks_ran++;
    return 0;
}

static void count_timer(struct timer *timer)
{
    (void)timer;
    timers_fired++;
}

/* A crowd in one step does not keep the others waiting. */
TEST(a_loop_step_does_at_most_its_budget_per_iteration)
{
    struct loop_options options = {.ring = ring_from_environment(),
                                   .stack_len = 4096,
                                   .timers_max = MANY};

    check_ring(loop_init(&loop, &options));
    for (unsigned i = 0; i < MANY; i++) {
        many_timers[i].fire = count_timer;
        check_res(loop_call_later(&many_timers[i], 0), 0);
        check_res(task_spawn(&many_tasks[i], "one", count_task, NULL), 0);
    }
    for (unsigned i = 1; i <= 3; i++) {
        check_res(loop_step(&loop, false), 0);
        ck_assert_uint_eq(tasks_ran, i < 3 ? i * LOOP_TASK_BUDGET : MANY);
        ck_assert_uint_eq(timers_fired, i < 3 ? i * LOOP_TIMER_BUDGET : MANY);
    }
    loop_finish(&loop);
}

/* --- call_later ----------------------------------------------------------- */

#define MS UINT64_C(1000000)

static struct timer later[3];
static uint64_t fired_at_ns[3];
static int fired_as[3], fired_count; /* 1 is the first */

static void note_time(struct timer *timer)
{
    fired_at_ns[timer - later] = loop_now_ns();
    fired_as[timer - later] = ++fired_count;
}

TASK_TEST(a_later_call_runs_at_its_time_unless_cancelled)
{
    uint64_t began_ns = loop_now_ns();

    for (int i = 0; i < 3; i++) {
        later[i].fire = note_time;
        check_res(loop_call_later(&later[i], (uint64_t)(3 - i) * 10 * MS), 0);
    }
    loop_cancel_timer(&later[1]);
    check(!timer_is_armed(&later[1]));
    for (int i = 0; i < 200 && fired_at_ns[0] == 0; i++)
        check_res(await_sleep_ns(5 * MS), 0);
    ck_assert_uint_ge(fired_at_ns[0], began_ns + 30 * MS);
    ck_assert_uint_ge(fired_at_ns[2], began_ns + 10 * MS);
    ck_assert_int_eq(fired_as[2], 1); /* the times are equal if we came late */
    ck_assert_int_eq(fired_as[0], 2);
    ck_assert_uint_eq(fired_at_ns[1], 0);
    loop_cancel_timer(&later[0]); /* it has fired: nothing to take back */
    return 0;
}

static int call_in_a_year(void *arg)
{
    (void)arg;
    later[0].fire = note_time;
    return loop_call_later(&later[0], UINT64_MAX);
}

TEST(a_later_call_does_not_keep_the_loop_running)
{
    check_res(run(call_in_a_year, NULL), 0);
    check(!timer_is_armed(&later[0]));
    ck_assert_uint_eq(fired_at_ns[0], 0);
}

static int call_more_than_fit(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < MANY; i++) {
        int rc;

        many_timers[i].fire = count_timer;
        rc = loop_call_later(&many_timers[i], 1000 * MS);
        if (rc < 0)
            return rc;
    }
    return 0;
}

TEST(more_timers_than_there_is_room_for_are_refused)
{
    struct loop_options options = {.ring = ring_from_environment(),
                                   .tasks_max = 4};

    check_ring(loop_init(&loop, &options));
    check_res(loop_run(&loop, call_more_than_fit, NULL), -ENOSPC);
    loop_finish(&loop);
}

int main(void)
{
    suite_begin("loop_order");
    suite_add(events_of_an_iteration_run_in_the_documented_order);
    suite_add(a_loop_step_does_at_most_its_budget_per_iteration);
    suite_add(a_later_call_runs_at_its_time_unless_cancelled);
    suite_add(a_later_call_does_not_keep_the_loop_running);
    suite_add(more_timers_than_there_is_room_for_are_refused);
    return suite_end();
}
