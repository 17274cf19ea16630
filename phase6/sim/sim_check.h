/* sim_check.h: the current run: its step, its trace, its failure. */
#ifndef PHASE6_SIM_CHECK_H
#define PHASE6_SIM_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* Reports failures on fd, and on SIGABRT and SIGSEGV, too. Call it once. */
void check_init(int fd, bool traces);

/* Makes a failure call end(1) to end the process, in place of _exit(1). */
void check_end_with(void (*end)(int code));

/* Begin a run of program. A failure names the seed, or the file that has the
 * choices of the run. */
void check_begin(const char *program, uint64_t seed);
void check_begin_choices(const char *program, const char *choices);

/* Returns true from check_begin on. */
bool check_is_running(void);

/* Counts a step. Fails if there were 20,000 steps since the last progress. */
void check_step(void);

/* Records progress: an operation has succeeded, or a peer has acted. */
void check_progress(void);

/* Prints program, seed, step and the name of the invariant, and exits with code
 * 1. Call check_that instead if there is a condition to check. */
_Noreturn void check_fail(const char *invariant, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails with the invariant's name unless holds is true. number is printed after
 * what. */
void check_that(bool holds, const char *invariant, const char *what,
                int64_t number);

/* Returns true if --trace was given. check_trace prints a line then. */
bool check_is_tracing(void);
void check_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
