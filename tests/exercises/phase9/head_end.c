/* head_end.c: the checker of phase 9's exercise head_end.
 *
 * It cuts each head at every two places, and moves it between the calls. In the
 * last case the bytes that were seen become unreadable. */
#include "head_end.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "judge.h"

#define PAGE 4096u

static struct head_end state;

/* Feeds text[0..len) from new memory. */
static long feed(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    long came;

    memcpy(copy, text, len);
    came = head_end(&state, copy, len);
    free(copy);
    return came;
}

/* Feeds text in three parts. Returns the first result that is not -EAGAIN. */
static long feed_parts(const char *text, size_t first, size_t second)
{
    const size_t lens[] = {first, second, strlen(text)};
    long came = -EAGAIN;

    state = (struct head_end){0};
    for (int i = 0; i < 3 && came == -EAGAIN; i++)
        came = feed(text, lens[i]);
    return came;
}

static void check_text(const char *name, const char *text, long expected,
                       const char *mistake)
{
    size_t len = strlen(text);

    for (size_t i = 0; i <= len; i++)
        for (size_t j = i; j <= len; j++) {
            long came = feed_parts(text, i, j);

            judge_run("head_end of %s, cut after %zu and %zu bytes", name, i,
                      j);
            judge_expect("%ld", expected);
            if (came == -ENOSYS)
                judge_result(came, expected, "");
            if (came == expected)
                continue;
            judge_fail(i == 0 && j == 0 ? mistake
                           : "the result depends on the cut: remember how many "
                             "of the four bytes came before it",
                       came == -EAGAIN ? "-EAGAIN" : "%ld", came);
        }
}

static void check_request(void)
{
    check_text("GET / HTTP/1.1, Host: a, empty line, body",
               "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody", 27,
               "the length includes the four bytes, and no byte of the body");
}

static void check_none(void)
{
    check_text("a head without its end", "GET / HTTP/1.1\r\nHost: a\r\n",
               -EAGAIN, "the end has not arrived");
}

static void check_odd(void)
{
    check_text("LF LF", "a\n\nb\r\n\r\n", 8, "two LF are not the end of a "
               "head: another parser may not think so");
    check_text("CR LF LF", "a\r\n\nb\r\n\r\n", 9, "CR LF LF is not the end of "
               "a head");
    check_text("CR LF CR CR LF CR LF", "a\r\n\r\r\n\r\n", 8,
               "after a byte that does not fit, a CR may be the first of the "
               "four");
    check_text("nothing but the end", "\r\n\r\n", 4, "the head may be empty");
}

static void check_again(void)
{
    char *pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        judge_cannot("mmap", -errno);
    memset(pages, 'a', 2 * PAGE);
    memcpy(pages + 2 * PAGE, "\r\n\r\n", 4);
    judge_run("head_end of 8192 bytes, then of 8196");
    judge_expect("-EAGAIN, then 8196, without a second look at the first page");
    judge_crash("it looks at bytes again that it has seen: go on at "
                "state->seen");
    state = (struct head_end){0};
    judge_result(head_end(&state, pages, 2 * PAGE), -EAGAIN,
                 "the end has not arrived");
    mprotect(pages, PAGE, PROT_NONE);
    judge_result(head_end(&state, pages, 2 * PAGE + 4), 2 * PAGE + 4,
                 "the end is there");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"a request is found at every cut", check_request},
        {"a head that has no end yet is waited for", check_none},
        {"line ends that look alike are told apart", check_odd},
        {"no byte is looked at twice", check_again},
    };

    return judge_main("head_end", cases, sizeof cases / sizeof *cases);
}
