/* err.c: results in words. */
#include "suite.h"

#include <errno.h>
#include <string.h>

#define ERRNO_MAX 4095 /* the kernel's own limit */

TEST(a_negative_errno_has_its_name_and_words)
{
    ck_assert_str_eq(err_name(-ENOENT), "ENOENT");
    ck_assert_str_eq(err_words(-ENOENT), "No such file or directory");
    /* The kernel cancels what it has no worker thread for. */
    ck_assert_str_eq(err_name(-ERR_NO_WORKER), "ECANCELED");
    check(strstr(err_words(-ERR_NO_WORKER), "worker thread") != NULL);
    check(strstr(err_words(-ECANCELED), "worker thread") != NULL);
    ck_assert_str_eq(err_name(-ECANCELED), "ECANCELED");
    ck_assert_str_eq(err_name(-ETIME), "ETIME");
}

TEST(every_success_has_the_same_name)
{
    ck_assert_str_eq(err_name(0), "0");
    ck_assert_str_eq(err_name(4096), "0");
    ck_assert_str_eq(err_words(1), "success");
}

TEST(a_number_that_is_not_an_errno_has_a_name)
{
    ck_assert_str_eq(err_name(-ERRNO_MAX), "E?");
    ck_assert_str_eq(err_words(-ERRNO_MAX), "unknown error");
}

TEST(every_result_has_a_name)
{
    for (int result = -ERRNO_MAX; result <= 0; result++) {
        check(err_name(result) != NULL && err_name(result)[0] != '\0');
        check(err_words(result) != NULL && err_words(result)[0] != '\0');
    }
}

int main(void)
{
    suite_begin("err");
    suite_add(a_negative_errno_has_its_name_and_words);
    suite_add(every_success_has_the_same_name);
    suite_add(a_number_that_is_not_an_errno_has_a_name);
    suite_add(every_result_has_a_name);
    return suite_end();
}
