/* safe_path.c: the checker of phase 10's exercise safe_path. */
#include "safe_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "judge.h"

static char out[64];

static void run(const char *target, size_t size, int *rc)
{
    judge_run("safe_path(\"%s\", out, %zu)", target, size);
    judge_crash("an access outside target or out");
    memset(out, '?', sizeof out);
    *rc = safe_path(target, out, size);
    for (size_t i = size; i < sizeof out; i++)
        judge_that(out[i] == '?', "a byte behind the end of out was written: "
                   "the zero byte needs room, too", "another byte there");
}

static void expect_path(const char *target, const char *expected,
                        const char *mistake)
{
    int rc;

    judge_expect("\"%s\"", expected);
    run(target, sizeof out / 2, &rc);
    judge_that(rc != -ENOSYS, "the stub is unchanged: it returns -ENOSYS",
               "-ENOSYS");
    if (rc < 0)
        judge_fail(mistake, "-%s", err_name(rc));
    out[sizeof out / 2 - 1] = '\0';
    if (strcmp(out, expected) != 0)
        judge_fail(mistake, "\"%s\"", out);
    judge_result(rc, (long)strlen(expected), "the result is the length of the "
                 "path");
}

static void expect_error(const char *target, int error, const char *mistake)
{
    int rc;

    judge_expect("-%s", err_name(error));
    run(target, sizeof out / 2, &rc);
    out[sizeof out / 2 - 1] = '\0';
    if (rc >= 0)
        judge_fail(mistake, "\"%s\"", out);
    judge_result(rc, error, mistake);
}

static void check_plain(void)
{
    expect_path("/a/b.html", "a/b.html", "the path is relative: no slash in "
                "front");
    expect_path("/", ".", "the root itself is \".\"");
    expect_path("/a//b/./c/", "a/b/c", "empty segments and \".\" do not count");
    expect_path("/a%20b", "a b", "%20 is a blank");
    expect_path("/%C3%a9", "\xc3\xa9", "hex digits may be large or small");
}

static void check_up(void)
{
    expect_path("/a/../b", "b", "\"..\" removes the last segment");
    expect_path("/a/b/c/../../d", "a/d", "each \"..\" removes one segment");
    expect_path("/a/..", ".", "the root is left: \".\"");
    expect_path("/..a/b../...", "..a/b../...", "a name may have dots: only "
                "the segment \"..\" leads up");
    expect_error("/..", -EPERM, "it leads out of the root");
    expect_error("/a/../../etc/passwd", -EPERM, "it leads out of the root, "
                 "after one step inside");
    expect_error("/a/../../a/b", -EPERM, "it was outside for a moment, and "
                 "that is enough");
}

static void check_encoded(void)
{
    expect_error("/%2e%2e/etc/passwd", -EPERM, "%2e is a dot: decode before "
                 "you look at a segment");
    expect_error("/a/.%2E/../b", -EPERM, "%2E is a dot: decode before you look "
                 "at a segment");
    expect_path("/%252e%252e/a", "%2e%2e/a", "decode once: %25 is a percent "
                "sign, and what comes behind it is text");
    expect_error("/a%2fb", -EINVAL, "an encoded slash makes two segments of "
                 "one");
    expect_error("/..%2f..%2fetc", -EINVAL, "an encoded slash hides a \"..\"");
    expect_error("/a%00.html", -EINVAL, "a zero byte ends the name early: open "
                 "would see another name than you");
}

static void check_broken(void)
{
    expect_error("/a%", -EINVAL, "a \"%\" needs two hex digits");
    expect_error("/a%4", -EINVAL, "a \"%\" needs two hex digits, and the "
                 "target ends here");
    expect_error("/a%zz", -EINVAL, "z is not a hex digit");
    expect_error("/a%+1", -EINVAL, "a sign is not a hex digit");
}

static void check_room(void)
{
    int rc;

    judge_expect("3");
    run("/abc", 4, &rc);
    judge_result(rc, 3, "three bytes and a zero byte fit into four");
    judge_expect("-ENAMETOOLONG");
    run("/abcd", 4, &rc);
    judge_result(rc, -ENAMETOOLONG, "there is no room for the zero byte");
    run("/ab/cd", 4, &rc);
    judge_result(rc, -ENAMETOOLONG, "there is no room for the second segment");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"plain targets become paths", check_plain},
        {"no \"..\" leads out of the root", check_up},
        {"each byte is decoded once, and first", check_encoded},
        {"broken escapes are refused", check_broken},
        {"a path that does not fit is refused", check_room},
    };

    return judge_main("safe_path", cases, sizeof cases / sizeof *cases);
}
