/* body_len.c: the checker of phase 9's exercise body_len.
 *
 * Each value ends where a page ends that is the last readable one. */
#include "body_len.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "judge.h"

#define PAGE 4096u

static char *page_end; /* of a readable page, before one that is not */

static void make_pages(void)
{
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        judge_cannot("mmap", -errno);
    page_end = pages + PAGE;
    mprotect(page_end, PAGE, PROT_NONE);
    judge_crash("it reads behind the value, which is not a C string: there "
                "is no zero byte at its end");
}

static int ask(const char *text, uint64_t *number)
{
    size_t len = strlen(text);

    memcpy(page_end - len, text, len);
    judge_run("body_len of \"%s\"", text);
    *number = 12345;
    return body_len(page_end - len, len, number);
}

static void expect_number(const char *text, uint64_t expected,
                          const char *mistake)
{
    uint64_t number;
    int rc;

    judge_expect("%" PRIu64, expected);
    rc = ask(text, &number);
    judge_result(rc, 0, mistake);
    if (number != expected)
        judge_fail(mistake, "%" PRIu64, number);
}

static void expect_error(const char *text, int error, const char *mistake)
{
    uint64_t number;
    int rc;

    judge_expect("%s", error == -EBADMSG ? "-EBADMSG" : "-EOVERFLOW");
    rc = ask(text, &number);
    if (rc == 0)
        judge_fail(mistake, "%" PRIu64, number);
    judge_result(rc, error, mistake);
}

static void check_numbers(void)
{
    make_pages();
    expect_number("0", 0, "0 is a number");
    expect_number("37", 37, "the digits are those of a decimal number");
    expect_number("007", 7, "zeros in front are allowed, and are not octal");
}

static void check_others(void)
{
    make_pages();
    expect_error("", -EBADMSG, "an empty value is not a number");
    expect_error("+5", -EBADMSG, "a sign is not a digit");
    expect_error("-1", -EBADMSG, "a sign is not a digit");
    expect_error(" 5", -EBADMSG, "a blank is not a digit");
    expect_error("5 ", -EBADMSG, "a blank is not a digit");
    expect_error("0x10", -EBADMSG, "x is not a digit: the number is decimal");
    expect_error("5,5", -EBADMSG, "two numbers are not one: refuse what "
                 "another parser may read differently");
    expect_error("5x", -EBADMSG, "look at every byte: x is not a digit");
    expect_error("5:", -EBADMSG, "':' is the byte behind '9', and not a digit");
    expect_error("5/", -EBADMSG, "'/' is the byte in front of '0', and not a "
                 "digit");
    expect_error("\xb5", -EBADMSG, "a byte above 0x7f is not a digit");
}

static void check_large(void)
{
    make_pages();
    expect_number("18446744073709551615", UINT64_MAX, "this is the largest "
                  "number that fits: compare before you multiply");
    expect_error("18446744073709551616", -EOVERFLOW, "the number does not fit, "
                 "and became a small one");
    expect_error("99999999999999999999999", -EOVERFLOW, "the number does not "
                 "fit, and became another one");
    expect_number("00000000000000000000000000000005", 5, "zeros in front do "
                  "not make a number large: count no digits");
    expect_error("99999999999999999999x", -EBADMSG, "this is not a number, "
                 "however long it is");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"numbers are read", check_numbers},
        {"what only looks like a number is refused", check_others},
        {"a number that does not fit is refused", check_large},
    };

    return judge_main("body_len", cases, sizeof cases / sizeof *cases);
}
