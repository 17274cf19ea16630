/* task_memory.c: what tasks keep and cost: their locals, a page of stack each,
 * nothing after their end, and a process that stops when one overflows. */
#include "task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forked.h"
#include "sys.h"
#include "tasks.h"
#include "tools.h"

/* Fills some of the stack with its number, and finds it there later. */
static int keep_locals(void *arg)
{
    unsigned char bytes[900], copy[900];

    memset(bytes, self(), sizeof bytes);
    memcpy(copy, bytes, sizeof copy);
    for (int i = 0; i < 20; i++) {
        task_yield();
        check(memcmp(bytes, copy, sizeof bytes) == 0);
        ck_assert_int_eq(bytes[i], self());
    }
    (void)arg;
    return 0;
}

TEST(locals_survive_a_switch)
{
    setup(TASKS);
    for (int i = 0; i < TASKS; i++)
        spawn(i, keep_locals);
    teardown();
}

static int dig(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    if (depth == 0)
        return frame[0];
    return dig(depth - 1) + frame[0];
}

static int dig_too_deep(void *arg)
{
    (void)arg;
    return dig(1000000);
}

static void overflow_a_stack(void)
{
    setup(4);
    spawn(0, keep_locals);
    spawn(1, dig_too_deep);
    run_all();
}

/* The neighbour below is never reached. */
TEST(a_stack_that_overflows_stops_the_process)
{
    check(forked_faults(overflow_a_stack));
}

/* The kernel counts pages per processor and adds them up now and then: this is
 * right to within a few dozen. */
static long resident_len(void)
{
    FILE *statm = fopen("/proc/self/statm", "re");
    long size, resident;

    check(statm != NULL);
    ck_assert_int_eq(fscanf(statm, "%ld %ld", &size, &resident), 2);
    fclose(statm);
    return resident * (long)sys_page_size();
}

static int return_one(void *arg)
{
    (void)arg;
    return 1;
}

static int spawn_and_join(void *arg)
{
    int count = *(int *)arg, sum = 0;

    /* Nothing of Check in this loop: each of its checks allocates. */
    for (int i = 0; i < count; i++)
        if (task_spawn(&tasks[1], "short", return_one, NULL) == 0)
            sum += task_join(&tasks[1]);
    return sum;
}

static void spawn_and_join_times(int count)
{
    check_res(task_spawn(&tasks[0], "spawner", spawn_and_join, &count), 0);
    run_all();
    ck_assert_int_eq(tasks[0].result, count);
}

TEST(a_million_tasks_leave_memory_as_it_was)
{
    long before;

    setup(4);
    spawn_and_join_times(1000);
    before = resident_len();
    spawn_and_join_times(1000000);
    ck_assert_int_lt(resident_len() - before, 1000000); /* a byte a task */
    teardown();
}

#define CROWD 100000

/* Waits where an operation would. */
static int park_and_end(void *arg)
{
    struct task_wait wait = {.interrupt = NULL};

    (void)arg;
    task_park(&wait);
    return 1;
}

/* A page of stack each, and no more, with the structs of the tasks besides. */
TEST(a_hundred_thousand_parked_tasks_take_a_page_each)
{
    struct task *crowd = calloc(CROWD, sizeof *crowd);
    long before, page = (long)sys_page_size(), each;

    check(crowd != NULL);
    check_res(sched_init(&sched, CROWD, 64 << 10, 4), 0);
    before = resident_len();
    for (int i = 0; i < CROWD; i++)
        if (task_spawn(&crowd[i], "parked", park_and_end, NULL) != 0)
            ck_abort_msg("task %d was refused", i);
    run_all();
    each = (resident_len() - before) / CROWD;
    ck_assert_uint_eq(sched.count, CROWD);
    ck_assert_int_ge(each, page);
    ck_assert_int_le(each, page + 512);
    for (int i = 0; i < CROWD; i++)
        task_make_ready(&crowd[i]);
    teardown();
    for (int i = 0; i < CROWD; i++)
        if (crowd[i].result != 1)
            ck_abort_msg("task %d did not go on", i);
    free(crowd);
}

static const char *why_no_crowd(void)
{
#if defined(TOOLS_ASAN) || defined(TOOLS_TSAN)
    return "what a sanitizer keeps of each task is not the task's";
#elif defined(CTX_UCONTEXT)
    return "a context of the fallback takes a kilobyte of the task itself";
#else
    return NULL;
#endif
}

static const char *why_no_million(void)
{
#ifdef TOOLS_TSAN
    return "ThreadSanitizer takes each task for a thread, and that long";
#else
    return NULL;
#endif
}

int main(void)
{
    suite_begin("task_memory");
    suite_add(locals_survive_a_switch);
    suite_add(a_stack_that_overflows_stops_the_process);
    suite_add_unless(why_no_crowd(),
                     a_hundred_thousand_parked_tasks_take_a_page_each);
    suite_add_unless(why_no_million(), a_million_tasks_leave_memory_as_it_was);
    return suite_end();
}
