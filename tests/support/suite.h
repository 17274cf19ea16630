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
 * The list in main is the table of contents. Each test runs in a new process
 * (CK_FORK=no for gdb). The suite kills a test that hangs, and its children:
 * after a minute, or after TEST_TIMEOUT_S.
 *
 * ONLY=short_read runs those whose name contains it.
 *
 * A unit that judges programs in $BIN names them in the comment at its head:
 * "Judges: echo, echo-client.". tests/run skips it where none of them is.
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

/* Compares two results in the house's convention (>= 0 or -errno), and prints
 * a wrong one by its name. */
#define check_res(expression, expected)                                       \
    do {                                                                      \
        long res_ = (long)(expression), expected_ = (long)(expected);         \
        ck_assert_msg(res_ == expected_, "%s is %ld (%s), not %ld (%s)",      \
                      #expression, res_, err_name((int)res_), expected_,      \
                      err_name((int)expected_));                              \
    } while (0)

/* Checks that expression makes a ring (loop_init, for example). Evaluates it
 * again while the kernel has not released the memory of earlier rings: that
 * takes a few milliseconds after a ring is closed, and RLIMIT_MEMLOCK of an
 * ordinary user counts it until then. */
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

/* Adds a test, or skips it where reason is not NULL: the reason is printed. */
#define suite_add_unless(reason, test) suite_add_test((test), (reason))

void suite_add_test(const TTest *test, const char *skip_reason);

/* Puts the tests that are added from here on into a stage of tests/run: bytes
 * (if this is not called), errors, interruptions, exotic, or manners. */
void suite_stage(const char *name);

/* Runs all and prints a line per test that failed or was skipped, and last
 * "NAME: N passed, N failed, N skipped". Returns main's exit code. */
int suite_end(void);

/* Waits a millisecond. Returns false once this test has waited for 20 s. */
bool suite_await_memory(void);

/* The directory of the programs under test: $BIN, or stops with a message. */
const char *suite_bin(void);

/* Returns NULL if $BIN/program is there and is to be judged; otherwise the
 * reason, for suite_add_unless. The next eight calls keep the text. */
const char *suite_why_no(const char *program);

/* True if the programs are a learner's: then the course's manners, the texts of
 * messages for example, are no reason to fail. */
bool suite_is_learners(void);

/* Notes for a learner what the course does in another way. */
void suite_differs(const char *what);

#endif
