/* judge.h: runs a learner's answer to an exercise, and names its mistake.
 *
 * Test support. Needs: nothing.
 *
 * A checker is a list of cases and a main, linked with the answer:
 *
 *     static void check_whole_file(void)
 *     {
 *         judge_run("read_all(ring, fd, buf, 10, 0)");
 *         judge_expect("10");
 *         judge_suspect("...");
 *         judge_result(read_all(...), 10, "only one read was made");
 *     }
 *
 * Each case runs in a new process with a deadline. A case passes if its
 * function returns. The first case that fails ends the run: the judge prints
 * what it ran, what it expected, and what came. A crash, a failed assertion, or
 * a hang fails the case, too. */
#ifndef EXERCISES_JUDGE_H
#define EXERCISES_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

struct judge_case {
    const char *name; /* a sentence */
    void (*check)(void);
};

/* Runs the cases, and prints a line for each. Writes "passed", or "failing: "
 * and the first mistake, to the file $VERDICT. The deadline of a case is
 * $JUDGE_TIMEOUT_S, or 10 seconds. Returns main's exit code.
 *
 * Returns 0  all cases passed
 *         1  a case failed
 *         2  the cases cannot be run here */
int judge_main(const char *exercise, const struct judge_case *cases,
               size_t count);

/* The calls below are for the process of a case, also for its threads. */

/* Set the text of a line of the report, as printf does. */
void judge_run(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void judge_expect(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Sets the mistake that the judge names if the case hangs from now on. */
void judge_suspect(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Sets the mistake that the judge names if a signal kills the case, or if an
 * assertion fails, from now on. Without it the judge names what usually causes
 * the signal. */
void judge_crash(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Sets the mistake that the judge names if an assertion of function, a function
 * of lib, fails. Borrows both strings. */
void judge_assertion(const char *function, const char *mistake);

/* Ends the case as failed. mistake is a sentence for the learner; format makes
 * the line "came". */
_Noreturn void judge_fail(const char *mistake, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Ends the run: the machine cannot run the case. */
_Noreturn void judge_cannot(const char *what, int error);

/* Fails the case if came is not expected. Prints both as results of the
 * course: a number, or the name of -errno. */
void judge_result(long came, long expected, const char *mistake);

/* Fails the case with mistake unless condition is true. */
void judge_that(bool condition, const char *mistake, const char *came);

/* Fails the case if two runs of bytes differ. Prints where. */
void judge_bytes(const void *came, const void *expected, size_t len,
                 const char *mistake);

/* Fills buf with bytes that differ for each seed. */
void judge_fill(void *buf, size_t len, unsigned seed);

/* Makes a pipe. Its ends are closed on exec. */
void judge_pipe(int ends[2]);

/* Returns a descriptor of a new file without a name, with these bytes. */
int judge_file(const void *bytes, size_t len);

/* Writes all bytes, or fails the case. */
void judge_write(int fd, const void *bytes, size_t len);

/* Starts a thread that feeds the answer while it runs. It ends with the
 * case. */
void judge_thread(void (*feed)(void *), void *arg);

#endif
