/* other_faults.c: faults and signals that are not an overflow stay what they
 * are, and handlers and signal stacks of others are kept. */
#include "overflow.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dying.h"
#include "generator.h"

static bool says_overflow(void)
{
    return strstr(words, "overflowed its stack") != NULL;
}

static int touch_the_firsts_guard(struct generator *self, void *arg)
{
    (void)self, (void)arg;
    *(volatile char *)arena.memory = 1;
    return 0;
}

static void stray_in_a_generator(void)
{
    start(64 << 10);
    make_generators(grow_in_generator, touch_the_firsts_guard);
    spawn(0, "stray", ask_the_second, NULL);
    run_all();
}

static int touch_a_generators_guard(void *arg)
{
    (void)arg;
    return touch_the_firsts_guard(NULL, NULL);
}

static void stray_into_a_generator(void)
{
    start(64 << 10);
    make_generators(grow_in_generator, touch_the_firsts_guard);
    spawn(0, "stray", touch_a_generators_guard, NULL);
    run_all();
}

TEST(a_stray_pointer_into_a_generators_guard_names_no_task)
{
    check(died_of_a_fault(run_in_child(stray_in_a_generator)));
    check(!says_overflow());
    check(died_of_a_fault(run_in_child(stray_into_a_generator)));
    check(!says_overflow());
}

#define NOWHERE ((void *)8) /* a NULL would be UBSan's to report */

static int touch(void *address)
{
    *(volatile char *)address = 1;
    return 0;
}

static void touch_nothing(void)
{
    start(16 << 10);
    spawn(0, "stray", touch, NOWHERE);
    run_all();
}

TEST(a_fault_outside_of_guards_in_a_task_stays_a_fault)
{
    check(died_of_a_fault(run_in_child(touch_nothing)));
    check(!says_overflow());
}

static void touch_anothers_guard(void)
{
    start(16 << 10);
    spawn(0, "victim", end, NULL);
    spawn(1, "stray", touch, (char *)tasks[0].stack.memory - 1);
    run_all();
}

TEST(a_stray_pointer_into_another_tasks_guard_names_no_task)
{
    check(died_of_a_fault(run_in_child(touch_anothers_guard)));
    check(!says_overflow());
}

static void touch_a_guard_outside_of_tasks(void)
{
    start(16 << 10);
    spawn(0, "ready", end, NULL);
    touch((char *)tasks[0].stack.memory - 1);
}

TEST(a_fault_outside_of_tasks_stays_a_fault)
{
    check(died_of_a_fault(run_in_child(touch_a_guard_outside_of_tasks)));
    check(!says_overflow());
}

static void overflow_unwatched(void)
{
    start(16 << 10);
    overflow_unwatch();
    spawn(0, "unwatched", overflow, NULL);
    run_all();
}

static void overflow_a_generator_unwatched(void)
{
    start(64 << 10);
    make_generators(grow_in_generator, ask_the_first);
    overflow_unwatch();
    ask_the_second(NULL);
}

TEST(an_overflow_that_is_not_watched_stays_a_fault)
{
    check(died_of_a_fault(run_in_child(overflow_unwatched)));
    check(!says_overflow());
    check(died_of_a_fault(run_in_child(overflow_a_generator_unwatched)));
    check(!says_overflow());
}

static void say_and_leave(int number)
{
    static const char text[] = "the one before\n";

    if (write(STDERR_FILENO, text, sizeof text - 1) > 0)
        _exit(number == SIGSEGV ? 7 : 8);
}

static void overflow_with_one_before(void)
{
    signal(SIGSEGV, say_and_leave);
    overflow_the_second();
}

TEST(an_earlier_sigsegv_handler_is_called_after_the_report)
{
    int status = run_in_child(overflow_with_one_before);

    check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    check(strstr(words, "(stack_len)\nthe one before\n") != NULL);
}

static void say_where(int number, siginfo_t *info, void *context)
{
    (void)context;
    _exit(number == SIGSEGV && info->si_addr == NOWHERE ? 9 : 10);
}

static void touch_nothing_with_one_before(void)
{
    struct sigaction action = {.sa_sigaction = say_where,
                               .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &action, NULL);
    touch_nothing();
}

TEST(an_earlier_sigsegv_handler_gets_the_fault_address)
{
    int status = run_in_child(touch_nothing_with_one_before);

    check(WIFEXITED(status) && WEXITSTATUS(status) == 9);
}

static int send_it(void *arg)
{
    (void)arg;
    return raise(SIGSEGV);
}

static void send_with_the_default(void)
{
    signal(SIGSEGV, SIG_DFL); /* also where a sanitizer had put its own */
    start(16 << 10);
    spawn(0, "sender", send_it, NULL);
    run_all();
}

TEST(a_sent_sigsegv_kills_the_process)
{
    int status = run_in_child(send_with_the_default);

    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    check(!says_overflow());
}

static void send_where_it_is_ignored(void)
{
    signal(SIGSEGV, SIG_IGN);
    start(16 << 10);
    spawn(0, "sender", send_it, NULL);
    run_all();
    _exit(3);
}

TEST(an_ignored_sigsegv_that_is_sent_stays_ignored)
{
    int status = run_in_child(send_where_it_is_ignored);

    check(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static bool has_signal_stack(void)
{
    stack_t stack;

    ck_assert_int_eq(sigaltstack(NULL, &stack), 0);
    return !(stack.ss_flags & SS_DISABLE);
}

TEST(a_thread_gets_a_signal_stack_and_releases_it)
{
    bool had_one = has_signal_stack(); /* AddressSanitizer's */

    start(16 << 10);
    check(has_signal_stack());
    overflow_unwatch();
    check(has_signal_stack() == had_one);
    overflow_unwatch();
    sched_finish(&sched);
}

TEST(a_thread_with_a_signal_stack_keeps_it)
{
    static char memory[64 << 10];
    stack_t mine = {.ss_sp = memory, .ss_size = sizeof memory}, then;

    ck_assert_int_eq(sigaltstack(&mine, NULL), 0);
    start(16 << 10);
    overflow_unwatch();
    ck_assert_int_eq(sigaltstack(NULL, &then), 0);
    ck_assert_ptr_eq(then.ss_sp, memory);
    sched_finish(&sched);
    mine.ss_flags = SS_DISABLE; /* nobody else is to give it back */
    ck_assert_int_eq(sigaltstack(&mine, NULL), 0);
}

int main(void)
{
    suite_begin("other_faults");
    suite_add(a_stray_pointer_into_a_generators_guard_names_no_task);
    suite_add(a_fault_outside_of_guards_in_a_task_stays_a_fault);
    suite_add(a_stray_pointer_into_another_tasks_guard_names_no_task);
    suite_add(a_fault_outside_of_tasks_stays_a_fault);
    suite_add(an_overflow_that_is_not_watched_stays_a_fault);
    suite_add(an_earlier_sigsegv_handler_is_called_after_the_report);
    suite_add(an_earlier_sigsegv_handler_gets_the_fault_address);
    suite_add(a_sent_sigsegv_kills_the_process);
    suite_add(an_ignored_sigsegv_that_is_sent_stays_ignored);
    suite_add(a_thread_gets_a_signal_stack_and_releases_it);
    suite_add(a_thread_with_a_signal_stack_keeps_it);
    return suite_end();
}
