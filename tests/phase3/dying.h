/* dying.h: runs a function that must die of a fault in a child, and reads the
 * child's last line on stderr.
 *
 * Test support of phase 3. Needs: overflow.h, task.h, suite.h. */
#ifndef TESTS_PHASE3_DYING_H
#define TESTS_PHASE3_DYING_H

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "generator.h"
#include "overflow.h"
#include "suite.h"
#include "sys.h"
#include "tools.h"

static struct sched sched;
static struct task tasks[2];

static char words[8192];

/* Runs fn in a child. Returns its wait status, and its stderr in words. */
static inline int run_in_child(void (*fn)(void))
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
    ck_assert_int_eq(children_wait(pid, &status, 0), pid);
    return status;
}

/* Returns true if the kernel ended the child, as without a handler, or if a
 * sanitizer did, which prints its report after the line of overflow.h. */
static inline bool died_of_a_fault(int status)
{
#if defined(TOOLS_ASAN)
    return status != 0 && strstr(words, "ERROR: AddressSanitizer") != NULL;
#elif defined(TOOLS_TSAN)
    return status != 0 && strstr(words, "ERROR: ThreadSanitizer") != NULL;
#else
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
#endif
}

static inline void start(size_t stack_len)
{
    check_res(sched_init(&sched, 2, stack_len, 4), 0);
    check_res(overflow_watch(&sched), 0);
}

/* Some emulators take guard markers and do not hold them; this one they do. */
static inline void spawn(int i, const char *name, task_fn *fn, void *arg)
{
    size_t page = sys_page_size();

    check_res(task_spawn(&tasks[i], name, fn, arg), 0);
    ck_assert_int_eq(mprotect((char *)tasks[i].stack.memory - page, page,
                              PROT_NONE), 0);
}

static inline void run_all(void)
{
    while (!sched_is_idle(&sched))
        sched_run(&sched, 100);
}

static inline int grow(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    return depth < 100000000 ? grow(depth + 1) + frame[0] : 0;
}

static inline int overflow(void *arg)
{
    (void)arg;
    return grow(0);
}

static inline int end(void *arg)
{
    (void)arg;
    return 0;
}

static inline void overflow_the_second(void)
{
    start(64 << 10);
    spawn(0, "shallow", end, NULL);
    spawn(1, "deep", overflow, NULL);
    run_all();
}

#define GENERATOR_STACK_LEN ((size_t)(32 << 10) * TOOLS_STACK_FACTOR)

static struct stack_arena arena;
static struct generator generators[2];

/* The first is there to be asked by the second, or to be left alone. */
static inline void make_generators(generator_fn *first, generator_fn *second)
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

static inline int grow_in_generator(struct generator *self, void *arg)
{
    (void)self, (void)arg;
    return grow(0);
}

/* Is in the middle of its body while the first one runs. */
static inline int ask_the_first(struct generator *self, void *arg)
{
    (void)self, (void)arg;
    return generator_next(&generators[0], NULL);
}

static inline int ask_the_second(void *arg)
{
    (void)arg;
    return generator_next(&generators[1], NULL);
}

#endif
