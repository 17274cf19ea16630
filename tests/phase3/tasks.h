/* tasks.h: a scheduler with a few tasks that note when they run. No kernel in
 * here: what they wait for is made up.
 *
 * Test support of phase 3. Needs: task.h, suite.h. */
#ifndef TESTS_PHASE3_TASKS_H
#define TESTS_PHASE3_TASKS_H

#include "suite.h"
#include "task.h"

#define TASKS 64

static struct sched sched;
static struct task tasks[TASKS];
static int order[1024], steps;

static inline void setup(uint32_t tasks_max)
{
    check_res(sched_init(&sched, tasks_max, 16 << 10, 4), 0);
    steps = 0;
}

static inline void run_all(void)
{
    while (!sched_is_idle(&sched))
        sched_run(&sched, 100);
}

static inline void teardown(void)
{
    run_all();
    ck_assert_uint_eq(sched.count, 0);
    sched_finish(&sched);
}

static inline void note(int number)
{
    ck_assert_int_lt(steps, 1024);
    order[steps++] = number;
}

static inline void spawn(int i, task_fn *fn)
{
    check_res(task_spawn(&tasks[i], "test", fn, &tasks[i]), 0);
}

static inline int self(void)
{
    return (int)(task_current() - tasks);
}

static inline int note_and_end(void *arg)
{
    ck_assert_ptr_eq(arg, task_current());
    note(self());
    return self() * 10;
}

#endif
