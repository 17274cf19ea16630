/* futures.h: a scheduler, a future, and tasks that wait for it.
 *
 * Test support of phase 3. Needs: future.h, suite.h. */
#ifndef TESTS_PHASE3_FUTURES_H
#define TESTS_PHASE3_FUTURES_H

#include "future.h"
#include "suite.h"

static struct sched sched;
static struct task tasks[4];
static struct future future;
static int results[8], count;

static inline void setup(void)
{
    check_res(sched_init(&sched, 4, 16 << 10, 4), 0);
    future = (struct future){0};
    count = 0;
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

static inline void spawn(int i, task_fn *fn)
{
    check_res(task_spawn(&tasks[i], "test", fn, NULL), 0);
}

static inline int wait_once(void *arg)
{
    int result = future_wait(&future);

    (void)arg;
    results[count++] = result;
    return 0;
}

static inline int wait_for_another_afterwards(void *arg)
{
    wait_once(arg);
    future = (struct future){0};
    return wait_once(arg);
}

#endif
