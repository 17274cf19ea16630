/* claims.c: each claim is checked in its own process, and has a verdict. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claims_run.h"
#include "suite.h"

static char seen[CLAIM_SEEN_LEN];

static enum verdict verdict_of(const char *(*check)(void))
{
    const struct claim claim = {"a page", "a claim", check};

    return claims_run(&claim, seen);
}

static const char *as_claimed(void)
{
    return claim_number("entries", 8, 8);
}

static const char *another_number(void)
{
    return claim_number("entries", 8, 9);
}

static const char *another_errno(void)
{
    return claim_number("the read", 0, -5);
}

static const char *not_true(void)
{
    return claim_true(0, "the opposite");
}

static const char *impossible(void)
{
    claim_absent("no such ring");
}

static const char *no_completion(void)
{
    struct io_uring ring;
    int fds[2];
    char byte;

    claim_ring(&ring, 4, 0);
    claim_pipe(fds);
    io_uring_prep_read(claim_sqe(&ring, 1), fds[0], &byte, 1, 0);
    (void)claim_run(&ring);
    return NULL;
}

static const char *crash(void)
{
    abort();
}

static const char *exit_early(void)
{
    exit(3);
}

static const char *long_story(void)
{
    static char text[3 * CLAIM_SEEN_LEN];

    memset(text, 'x', sizeof text - 1);
    return text;
}

static const char *other_user(void)
{
    claim_drop_root();
    return claim_true(geteuid() != 0, "it is still root");
}

TEST(a_claim_that_holds_has_nothing_to_say)
{
    ck_assert_int_eq(verdict_of(as_claimed), VERDICT_HOLDS);
    ck_assert_str_eq(seen, "");
}

TEST(a_claim_that_differs_says_what_was_seen)
{
    ck_assert_int_eq(verdict_of(another_number), VERDICT_DIFFERS);
    ck_assert_str_eq(seen, "entries: 9");
    ck_assert_int_eq(verdict_of(another_errno), VERDICT_DIFFERS);
    ck_assert_str_eq(seen, "the read: -EIO");
    ck_assert_int_eq(verdict_of(not_true), VERDICT_DIFFERS);
    ck_assert_str_eq(seen, "the opposite");
}

TEST(a_claim_that_cannot_be_checked_says_why)
{
    ck_assert_int_eq(verdict_of(impossible), VERDICT_ABSENT);
    ck_assert_str_eq(seen, "no such ring");
    ck_assert_int_eq(verdict_of(no_completion), VERDICT_ABSENT);
    ck_assert_str_eq(seen, "no completion within a second: ETIME");
}

TEST(a_check_that_crashes_is_a_failure)
{
    ck_assert_int_eq(verdict_of(crash), VERDICT_FAILED);
    ck_assert_str_eq(seen, "the check was killed by signal 6");
    ck_assert_int_eq(verdict_of(exit_early), VERDICT_FAILED);
    ck_assert_str_eq(seen, "the check exited with 3");
}

TEST(a_long_text_is_cut)
{
    ck_assert_int_eq(verdict_of(long_story), VERDICT_DIFFERS);
    ck_assert_uint_eq(strlen(seen), CLAIM_SEEN_LEN - 1);
}

TEST(a_check_may_become_another_user)
{
    uid_t user = geteuid();

    ck_assert_int_eq(verdict_of(other_user), VERDICT_HOLDS);
    ck_assert_uint_eq(geteuid(), user);
}

int main(void)
{
    suite_begin("claims");
    suite_add(a_claim_that_holds_has_nothing_to_say);
    suite_add(a_claim_that_differs_says_what_was_seen);
    suite_add(a_claim_that_cannot_be_checked_says_why);
    suite_add(a_check_that_crashes_is_a_failure);
    suite_add(a_long_text_is_cut);
    suite_add(a_check_may_become_another_user);
    return suite_end();
}
