/* sim_check.c: the current run; see sim_check.h.
 *
 * What it teaches: a failure that names its seed is easy to repeat. The message
 * is the command that repeats the run. */
#include "sim_check.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim_world.h"
#include "tools.h"

#define STEPS_WITHOUT_PROGRESS_MAX 20000u

static struct {
    int fd;
    bool traces;
    void (*end)(int code); /* ends the process; NULL: _exit */
    const char *program;
    const char *choices; /* a file; NULL: the choices are those of seed */
    uint64_t seed;
    uint64_t step, progress; /* the last step with progress */
} run;

/* Handles a failed assertion of the program, or a wild access. */
static void check_on_signal(int number)
{
    check_fail(number == SIGABRT ? "no-failed-assertion" : "no-wild-access",
               "the program got signal %d", number);
}

void check_init(int fd, bool traces)
{
    run.fd = fd;
    run.traces = traces;
    (void)signal(SIGABRT, check_on_signal);
#ifndef TOOLS_ASAN /* whose report shows more */
    (void)signal(SIGSEGV, check_on_signal);
#endif
}

void check_end_with(void (*end)(int code))
{
    run.end = end;
}

void check_begin_choices(const char *program, const char *choices)
{
    check_begin(program, 0);
    run.choices = choices;
}

void check_begin(const char *program, uint64_t seed)
{
    run.program = program;
    run.choices = NULL;
    run.seed = seed;
    run.step = run.progress = 0;
}

bool check_is_running(void)
{
    return run.program != NULL;
}

void check_step(void)
{
    run.step++;
    if (run.step - run.progress > STEPS_WITHOUT_PROGRESS_MAX)
        check_fail("progress", "%u steps without a completion",
                   STEPS_WITHOUT_PROGRESS_MAX);
}

void check_progress(void)
{
    run.progress = run.step;
}

void check_fail(const char *invariant, const char *format, ...)
{
    va_list args;
    char seed[24];
    const char *is_by = run.choices != NULL ? "choices" : "seed";
    const char *choices = run.choices != NULL ? run.choices : seed;

    snprintf(seed, sizeof seed, "%" PRIu64, run.seed);
    (void)dprintf(run.fd, "sim: %s: %s %s, step %" PRIu64 ": %s: ",
                  run.program, is_by, choices, run.step, invariant);
    va_start(args, format);
    (void)vdprintf(run.fd, format, args);
    va_end(args);
    (void)dprintf(run.fd, "\nsim: to repeat it: sim %s --%s %s --trace\n",
                  run.program, is_by, choices);
    if (run.end != NULL)
        run.end(1);
    _exit(1);
}

void check_that(bool holds, const char *invariant, const char *what,
                int64_t number)
{
    if (!holds)
        check_fail(invariant, "%s %" PRId64, what, number);
}

bool check_is_tracing(void)
{
    return run.traces;
}

void check_trace(const char *format, ...)
{
    char line[256];
    va_list args;
    int len;

    if (!run.traces)
        return;
    len = snprintf(line, sizeof line, "%6" PRIu64 " %12.6f  ", run.step,
                   (double)world_now_ns() / 1e9);
    va_start(args, format);
    len += vsnprintf(line + len, sizeof line - (size_t)len, format, args);
    va_end(args);
    if (len >= (int)sizeof line)
        len = (int)sizeof line - 1;
    line[len++] = '\n';
    (void)!write(run.fd, line, (size_t)len);
}
