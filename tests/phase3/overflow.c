/* overflow.c: a task or a generator that overflows its stack is named. */
#include "overflow.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "dying.h"
#include "sys.h"
#include "tools.h"

TEST(an_overflow_names_the_task_and_the_size_of_its_stack)
{
    char line[128];

    snprintf(line, sizeof line,
             "fatal: task 'deep' has overflowed its stack of %d KiB: ",
             64 * TOOLS_STACK_FACTOR);
    check(died_of_a_fault(run_in_child(overflow_the_second)));
    ck_assert_msg(strncmp(words, line, strlen(line)) == 0, "it said: %s",
                  words);
    check(strstr(words, "(stack_len)\n") != NULL);
    check(strstr(words, "shallow") == NULL);
}

static void overflow_a_used_stack(void)
{
    start(16 << 10);
    spawn(0, "first", end, NULL);
    run_all();
    spawn(1, "second", overflow, NULL);
    ck_assert_ptr_eq(tasks[0].stack.memory, tasks[1].stack.memory);
    run_all();
}

TEST(a_reused_stack_is_named_after_its_new_owner)
{
    check(died_of_a_fault(run_in_child(overflow_a_used_stack)));
    check(strstr(words, "task 'second' has overflowed") != NULL);
    check(strstr(words, "first") == NULL);
}

static void *overflow_in_a_thread(void *arg)
{
    (void)arg;
    overflow_a_used_stack();
    return NULL;
}

static int wait_for_the_thread(void *arg)
{
    pthread_t thread;

    (void)arg;
    check_res(sys_thread_start(&thread, overflow_in_a_thread, NULL), 0);
    check_res(sys_thread_join(thread), 0);
    return 0;
}

static struct sched other_sched;

/* The thread's scheduler is the global one, this thread's another. */
static void overflow_beside_a_task(void)
{
    struct task waiting = {0};

    check_res(sched_init(&other_sched, 1, 64 << 10, 4), 0);
    check_res(overflow_watch(&other_sched), 0);
    check_res(task_spawn(&waiting, "waiting", wait_for_the_thread, NULL), 0);
    sched_run(&other_sched, 1);
}

TEST(an_overflow_in_each_thread_names_a_task_of_that_thread)
{
    check(died_of_a_fault(run_in_child(overflow_beside_a_task)));
    check(strstr(words, "task 'second' has overflowed") != NULL);
    check(strstr(words, "waiting") == NULL);
}

static void overflow_with_a_long_name(void)
{
    static char name[600];

    memset(name, 'n', sizeof name - 1);
    start(16 << 10);
    spawn(0, name, overflow, NULL);
    run_all();
}

TEST(an_overflow_report_truncates_a_long_task_name)
{
    check(died_of_a_fault(run_in_child(overflow_with_a_long_name)));
    check(strncmp(words, "fatal: task 'nnnn", 17) == 0);
    ck_assert_uint_eq(strspn(words + 13, "n"), 64);
    check(strstr(words, "n' has overflowed its stack of ") != NULL);
    check(strstr(words, "(stack_len)\n") != NULL);
}

static void overflow_a_generator(void)
{
    start(64 << 10);
    make_generators(grow_in_generator, ask_the_first);
    spawn(0, "asker", ask_the_second, NULL);
    run_all();
}

TEST(an_overflow_in_a_generator_names_the_task_that_resumed_it)
{
    char line[128];

    snprintf(line, sizeof line,
             "fatal: a generator of task 'asker' has overflowed its stack of "
             "%d KiB: ", 32 * TOOLS_STACK_FACTOR);
    check(died_of_a_fault(run_in_child(overflow_a_generator)));
    ck_assert_msg(strncmp(words, line, strlen(line)) == 0, "it said: %s",
                  words);
    check(strstr(words, "(stack_len)") == NULL); /* which is the tasks' */
}

static void overflow_a_generator_outside_of_tasks(void)
{
    start(64 << 10);
    make_generators(grow_in_generator, ask_the_first);
    ask_the_second(NULL);
}

TEST(a_generator_that_overflows_outside_of_tasks_is_reported)
{
    check(died_of_a_fault(run_in_child(overflow_a_generator_outside_of_tasks)));
    check(strncmp(words, "fatal: a generator has overflowed its stack of ",
                  47) == 0);
}

int main(void)
{
    suite_begin("overflow");
    suite_add(an_overflow_names_the_task_and_the_size_of_its_stack);
    suite_add(a_reused_stack_is_named_after_its_new_owner);
    suite_add(an_overflow_in_each_thread_names_a_task_of_that_thread);
    suite_add(an_overflow_report_truncates_a_long_task_name);
    suite_add(an_overflow_in_a_generator_names_the_task_that_resumed_it);
    suite_add(a_generator_that_overflows_outside_of_tasks_is_reported);
    return suite_end();
}
