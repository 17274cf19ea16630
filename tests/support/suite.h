/* suite.h: a thin layer over Check: sentences as names, skips with a reason.
 *
 * Test support. Needs: check.h, err.h.
 *
 *     TEST(a_short_read_is_resumed)
 *     {
 *         check_res(await_read(fd, buf, 10, 0), 10);
 *     }
 *
 *     int main(void)
 *     {
 *         suite_begin("await");
 *         suite_add(a_short_read_is_resumed);
 *         suite_add_unless(no_openat2(), openat2_stays_beneath_the_root);
 *         return suite_end();
 *     }
 *
 * The list in main is the table of contents. Each test runs in a new process;
 * set CK_FORK=no to use gdb. After 200 s, or TEST_TIMEOUT_S, the suite kills
 * a test that hangs, and its children.
 *
 * ONLY=short_read runs only the tests with short_read in their names.
 *
 * A unit that judges programs in $BIN names them in the comment at its head:
 * "Judges: echo, echo-client.". tests/run skips the unit if $BIN has none of
 * them.
 *
 * Do not make a ring outside a test: the child would inherit it, and a
 * SINGLE_ISSUER ring refuses the child. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>

#include "err.h"

#define TEST(name) START_TEST(name)

/* Checks that a result (>= 0 or -errno) is the expected one. If not, prints
 * both with the names of their errnos. */
#define check_res(expression, expected)                                       \
    do {                                                                      \
        long res_ = (long)(expression), expected_ = (long)(expected);         \
        ck_assert_msg(res_ == expected_, "%s is %ld (%s), not %ld (%s)",      \
                      #expression, res_, err_name((int)res_), expected_,      \
                      err_name((int)expected_));                              \
    } while (0)

/* Checks that expression makes a ring, for example by loop_init. On -ENOMEM,
 * evaluates it again, because the kernel counts the memory of a closed ring
 * against RLIMIT_MEMLOCK for a few milliseconds more. */
#define check_ring(expression)                                                \
    do {                                                                      \
        int ring_res_;                                                        \
                                                                              \
        do                                                                    \
            ring_res_ = (expression);                                         \
        while (ring_res_ == -ENOMEM && suite_await_memory());                 \
        ck_assert_msg(ring_res_ == 0, "%s is %d (%s)", #expression,           \
                      ring_res_, err_name(ring_res_));                        \
    } while (0)

#define check(expression) ck_assert_msg((expression), "%s", #expression)

void suite_begin(const char *name);

#define suite_add(test) suite_add_test((test), NULL)

/* Adds a test. If reason is not NULL, skips the test and prints the reason. */
#define suite_add_unless(reason, test) suite_add_test((test), (reason))

void suite_add_test(const TTest *test, const char *skip_reason);

/* Sets the stage of tests/run for the tests that are added after this call:
 * bytes (the default), errors, interruptions, exotic, or manners. */
void suite_stage(const char *name);

/* Runs all tests. Prints a line for each test that failed or was skipped, and
 * then "NAME: N passed, N failed, N skipped". Returns main's exit code. */
int suite_end(void);

/* Waits a millisecond. Returns false once this test has waited for 20 s. */
bool suite_await_memory(void);

/* Returns $BIN, the directory of the programs under test. If it is not set,
 * exits with a message. */
const char *suite_bin(void);

/* Returns NULL if $BIN/program exists and tests/run judges it, otherwise a
 * reason for suite_add_unless. The text is valid for the next seven calls. */
const char *suite_why_no(const char *program);

/* Returns true if a learner wrote the programs. In this case, a test must not
 * fail because of conventions of the course, such as the texts of messages. */
bool suite_is_learners(void);

/* Records a difference between a learner's program and the course's program,
 * which tests/run prints. It is not a failure. */
void suite_differs(const char *what);

#endif
