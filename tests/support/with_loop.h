/* with_loop.h: runs the body of a test as a task in a new loop.
 *
 * Test support. Needs: loop.h, suite.h.
 *
 * Two variables run the same unit tests with other rings. RING_ENTRIES=2 gives
 * every test a ring with two entries, and RING_PLAIN=1 a ring without
 * DEFER_TASKRUN.
 *
 * Use TASK_TEST for a test that consists of one task:
 *
 *     TASK_TEST(a_read_returns_the_bytes_that_are_there)
 *     {
 *         check_res(await_read(fd, buf, 10, 0), 4);
 *         return 0;
 *     }
 *
 * TASK_TEST_WITH runs the task in a loop with the given options. TASK_TEST_IN
 * passes the task to a function of the file, which sets up what the tests of
 * the file share. */
#ifndef TESTS_WITH_LOOP_H
#define TESTS_WITH_LOOP_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "loop.h"
#include "suite.h"
#include "sys.h"
#include "tools.h"

static struct loop loop;

static inline struct ring_options ring_from_environment(void)
{
    const char *entries = getenv("RING_ENTRIES");
    struct ring_options options = {.plain = getenv("RING_PLAIN") != NULL};

    if (entries != NULL)
        options.sq_entries = options.cq_entries = (unsigned)atoi(entries);
    return options;
}

/* Returns a reason to skip tests that need many operations in flight, if
 * RING_ENTRIES makes the ring small. */
static inline const char *why_ring_is_too_small(void)
{
    return getenv("RING_ENTRIES") != NULL ? "it needs more entries than that"
                                          : NULL;
}

static inline void loop_start(void)
{
    struct loop_options options = {.ring = ring_from_environment()};

    check_ring(loop_init(&loop, &options));
}

/* Runs fn(arg) as the first task of a new loop with these options. Returns the
 * result of loop_run. Checks that no operation is in flight afterwards, and
 * that the loop dropped no completion. */
static inline int run_with(const struct loop_options *options, task_fn *fn,
                           void *arg)
{
    int rc;

    check_ring(loop_init(&loop, options));
    rc = loop_run(&loop, fn, arg);
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    ck_assert_uint_eq(loop.stale_cqes, 0);
    loop_finish(&loop);
    return rc;
}

/* Works like run_with, with the ring that the environment selects. */
static inline int run(task_fn *fn, void *arg)
{
    struct loop_options options = {.ring = ring_from_environment()};

    return run_with(&options, fn, arg);
}

/* Defines a test whose body is the first task of a new loop. The task's result
 * must be 0. In a backtrace, the body is called NAME_task. */
#define TASK_TEST(name)                                                       \
    TASK_TEST_WITH(name, .ring = ring_from_environment())

/* Works like TASK_TEST, but the loop gets these members of struct loop_options:
 * TASK_TEST_WITH(name, .tasks_max = 3). */
#define TASK_TEST_WITH(name, ...)                                             \
    static int name##_task(void *arg);                                        \
                                                                              \
    TEST(name)                                                                \
    {                                                                         \
        struct loop_options options_ = {__VA_ARGS__};                         \
                                                                              \
        check_res(run_with(&options_, name##_task, NULL), 0);                 \
    }                                                                         \
                                                                              \
    static int name##_task(void *arg_ __attribute__((unused)))

/* Works like TASK_TEST, but calls around(name_task), a function of the file. It
 * calls run(name_task, NULL), checks that run returns 0, and prepares and
 * cleans up what its tests need. */
#define TASK_TEST_IN(name, around)                                            \
    static int name##_task(void *arg);                                        \
                                                                              \
    TEST(name)                                                                \
    {                                                                         \
        around(name##_task);                                                  \
    }                                                                         \
                                                                              \
    static int name##_task(void *arg_ __attribute__((unused)))

/* Returns the CPU time of this process, in nanoseconds. */
static inline uint64_t cpu_ns(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return ((uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec) *
               1000000000 +
           ((uint64_t)usage.ru_utime.tv_usec +
            (uint64_t)usage.ru_stime.tv_usec) * 1000;
}

#endif
