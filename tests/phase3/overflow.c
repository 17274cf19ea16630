/* overflow.c: the task that overflows is named, and only that one. */
#include "overflow.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "generator.h"
#include "suite.h"
#include "sys.h"
#include "tools.h"

static struct sched sched;
static struct task tasks[2];

/* --- in a child, since it is to die --------------------------------------- */

static char words[8192];

/* Runs fn in a child. Returns its wait status, and its stderr in words. */
static int run_in_child(void (*fn)(void))
{
    int ends[2], status = -1;
    size_t used = 0;
    ssize_t got;
    pid_t pid;

    ck_assert_int_eq(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    close(ends[1]);
    while (used < sizeof words - 1 &&
           (got = read(ends[0], words + used, sizeof words - 1 - used)) > 0)
        used += (size_t)got;
    words[used] = '\0';
    close(ends[0]); /* what AddressSanitizer says beyond that is lost on us */
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* The kernel ended it, as if nobody had watched; or a sanitizer did, whose
 * report is then behind what was said. */
static bool died_of_a_fault(int status)
{
#if defined(TOOLS_ASAN)
    return status != 0 && strstr(words, "ERROR: AddressSanitizer") != NULL;
#elif defined(TOOLS_TSAN)
    return status != 0 && strstr(words, "ERROR: ThreadSanitizer") != NULL;
#else
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
#endif
}

static bool says_overflow(void)
{
    return strstr(words, "overflowed its stack") != NULL;
}

static void start(size_t stack_len)
{
    check_res(sched_init(&sched, 2, stack_len, 4), 0);
    check_res(overflow_watch(&sched), 0);
}

/* Some emulators take guard markers and do not hold them; this one they do. */
static void spawn(int i, const char *name, task_fn *fn, void *arg)
{
    size_t page = sys_page_size();

    check_res(task_spawn(&tasks[i], name, fn, arg), 0);
    ck_assert_int_eq(mprotect((char *)tasks[i].stack.memory - page, page,
                              PROT_NONE), 0);
}

static void run_all(void)
{
    while (!sched_is_idle(&sched))
        sched_run(&sched, 100);
}

static int grow(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    return depth < 100000000 ? grow(depth + 1) + frame[0] : 0;
}

static int overflow(void *arg)
{
    (void)arg;
    return grow(0);
}

static int end(void *arg)
{
    (void)arg;
    return 0;
}

/* --- who is named --------------------------------------------------------- */

static void overflow_the_second(void)
{
    start(64 << 10);
    spawn(0, "shallow", end, NULL);
    spawn(1, "deep", overflow, NULL);
    run_all();
}

/* FAILURES D-01. */
TEST(the_task_that_overflows_is_named_and_how_long_its_stack_was)
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

TEST(a_stack_that_is_used_again_is_its_new_owners)
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

TEST(each_thread_names_its_own_tasks)
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

TEST(a_name_that_is_too_long_is_cut)
{
    check(died_of_a_fault(run_in_child(overflow_with_a_long_name)));
    check(strncmp(words, "fatal: task 'nnnn", 17) == 0);
    ck_assert_uint_eq(strspn(words + 13, "n"), 64);
    check(strstr(words, "n' has overflowed its stack of ") != NULL);
    check(strstr(words, "(stack_len)\n") != NULL);
}

/* --- generators ----------------------------------------------------------- */

#define GENERATOR_STACK_LEN ((size_t)(32 << 10) * TOOLS_STACK_FACTOR)

static struct stack_arena arena;
static struct generator generators[2];

/* The first is there to be asked by the second, or to be left alone. */
static void make_generators(generator_fn *first, generator_fn *second)
{
    generator_fn *const fns[] = {first, second};
    size_t page = sys_page_size();

    check_res(stack_arena_init(&arena, 2, GENERATOR_STACK_LEN), 0);
    for (int i = 0; i < 2; i++) {
        struct stack stack;

        check_res(stack_take(&arena, &stack), 0);
        ck_assert_int_eq(mprotect((char *)stack.memory - page, page, PROT_NONE),
                         0); /* for emulators, as in spawn */
        generator_init(&generators[i], stack, fns[i], NULL);
    }
    overflow_watch_generators(&arena);
}

static int grow_in_generator(struct generator *self, void *arg)
{
    (void)self, (void)arg;
    return grow(0);
}

/* Is in the middle of its body while the first one runs. */
static int ask_the_first(struct generator *self, void *arg)
{
    (void)self, (void)arg;
    return generator_next(&generators[0], NULL);
}

static int ask_the_second(void *arg)
{
    (void)arg;
    return generator_next(&generators[1], NULL);
}

static void overflow_a_generator(void)
{
    start(64 << 10);
    make_generators(grow_in_generator, ask_the_first);
    spawn(0, "asker", ask_the_second, NULL);
    run_all();
}

TEST(a_generator_that_overflows_is_named_by_the_task_that_asked_it)
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

TEST(a_generator_that_overflows_where_no_task_runs_is_told_too)
{
    check(died_of_a_fault(run_in_child(overflow_a_generator_outside_of_tasks)));
    check(strncmp(words, "fatal: a generator has overflowed its stack of ",
                  47) == 0);
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

TEST(a_stray_pointer_into_a_generators_guard_blames_nobody)
{
    check(died_of_a_fault(run_in_child(stray_in_a_generator)));
    check(!says_overflow());
    check(died_of_a_fault(run_in_child(stray_into_a_generator)));
    check(!says_overflow());
}

/* --- what is none --------------------------------------------------------- */

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

TEST(another_fault_in_a_task_is_what_it_was)
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

TEST(a_stray_pointer_into_anothers_guard_blames_nobody)
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

TEST(a_fault_outside_of_tasks_is_what_it_was)
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

TEST(an_overflow_that_nobody_watches_is_a_fault_all_the_same)
{
    check(died_of_a_fault(run_in_child(overflow_unwatched)));
    check(!says_overflow());
    check(died_of_a_fault(run_in_child(overflow_a_generator_unwatched)));
    check(!says_overflow());
}

/* --- the handler that was there ------------------------------------------- */

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

TEST(a_handler_that_was_there_before_is_called_after)
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

TEST(a_handler_that_was_there_before_learns_the_address)
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

TEST(a_signal_that_was_sent_kills_as_it_would_have)
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

TEST(a_signal_that_was_sent_and_is_ignored_stays_ignored)
{
    int status = run_in_child(send_where_it_is_ignored);

    check(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

/* --- the stack of the handlers -------------------------------------------- */

static bool has_signal_stack(void)
{
    stack_t stack;

    ck_assert_int_eq(sigaltstack(NULL, &stack), 0);
    return !(stack.ss_flags & SS_DISABLE);
}

TEST(a_thread_gets_a_signal_stack_and_gives_it_back)
{
    bool had_one = has_signal_stack(); /* AddressSanitizer's */

    start(16 << 10);
    check(has_signal_stack());
    overflow_unwatch();
    check(has_signal_stack() == had_one);
    overflow_unwatch();
    sched_finish(&sched);
}

TEST(a_thread_that_has_a_signal_stack_keeps_it)
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
    suite_begin("overflow");
    suite_add(the_task_that_overflows_is_named_and_how_long_its_stack_was);
    suite_add(a_stack_that_is_used_again_is_its_new_owners);
    suite_add(each_thread_names_its_own_tasks);
    suite_add(a_name_that_is_too_long_is_cut);
    suite_add(a_generator_that_overflows_is_named_by_the_task_that_asked_it);
    suite_add(a_generator_that_overflows_where_no_task_runs_is_told_too);
    suite_add(a_stray_pointer_into_a_generators_guard_blames_nobody);
    suite_add(another_fault_in_a_task_is_what_it_was);
    suite_add(a_stray_pointer_into_anothers_guard_blames_nobody);
    suite_add(a_fault_outside_of_tasks_is_what_it_was);
    suite_add(an_overflow_that_nobody_watches_is_a_fault_all_the_same);
    suite_add(a_handler_that_was_there_before_is_called_after);
    suite_add(a_handler_that_was_there_before_learns_the_address);
    suite_add(a_signal_that_was_sent_kills_as_it_would_have);
    suite_add(a_signal_that_was_sent_and_is_ignored_stays_ignored);
    suite_add(a_thread_gets_a_signal_stack_and_gives_it_back);
    suite_add(a_thread_that_has_a_signal_stack_keeps_it);
    return suite_end();
}
