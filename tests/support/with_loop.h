/* with_loop.h: a test's task, run in a loop made for it.
 *
 * Test support. Needs: loop.h, suite.h.
 *
 * The same unit tests prove more than one set-up: RING_ENTRIES=2 gives every
 * test a ring with two entries, RING_PLAIN=1 one without DEFER_TASKRUN. */
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

/* For tests that need more operations in flight than a tiny ring has. */
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

/* Runs fn(arg) as the first task of a new loop. Returns what loop_run does; all
 * is released by then, and nothing was dropped. */
static inline int run(task_fn *fn, void *arg)
{
    int rc;

    loop_start();
    rc = loop_run(&loop, fn, arg);
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    ck_assert_uint_eq(loop.stale_cqes, 0);
    loop_finish(&loop);
    return rc;
}

/* Processor time of this process, in nanoseconds. */
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
