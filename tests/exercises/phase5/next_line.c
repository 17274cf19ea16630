/* next_line.c: the checker of phase 5's exercise next_line.
 *
 * A piece of the input is written when the answer has submitted a read for it,
 * or at the beginning, so every run has the same cuts. */
#include "next_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

static struct io_uring ring;
static struct line_source source;
static int ends[2];
static const char *const *pieces; /* NULL at the end */

static void feed(void *arg)
{
    (void)arg;
    for (unsigned i = 0; pieces[i] != NULL; i++) {
        watch_until_submitted(i + 1);
        judge_write(ends[1], pieces[i], strlen(pieces[i]));
    }
    close(ends[1]);
}

static void begin(const char *const *the_pieces)
{
    watch_make_ring(&ring, 4, 0);
    judge_pipe(ends);
    pieces = the_pieces;
    source = (struct line_source){.ring = &ring, .fd = ends[0]};
    judge_suspect("it reads although a line is there, or it waits for a full "
                  "buffer");
    judge_thread(feed, NULL);
    watch_forbid_reads();
}

static void expect_line(const char *expected, const char *mistake)
{
    const char *line = NULL;
    unsigned len = 0;
    int rc;

    judge_expect("the line \"%s\"", expected);
    rc = next_line(&source, &line, &len);
    if (rc != 1)
        judge_result(rc, 1, mistake);
    if (len != strlen(expected) || memcmp(line, expected, len) != 0)
        judge_fail(mistake, "\"%.*s\"", (int)len, line);
}

static void expect_result(int expected, const char *mistake)
{
    const char *line = "";
    unsigned len = 0;
    int rc;

    rc = next_line(&source, &line, &len);
    if (rc == 1)
        judge_fail(mistake, "the line \"%.*s\"", (int)len, line);
    judge_result(rc, expected, mistake);
    watch_is_settled();
}

static void check_cut(void)
{
    static const char *const cut[] = {"one\ntw", "o", "\n", "\nthree\nfo",
                                      "ur\n", NULL};

    judge_run("next_line of \"one\\ntw\" \"o\" \"\\n\" \"\\nthree\\nfo\" "
              "\"ur\\n\"");
    begin(cut);
    expect_line("one", "a line ends at its newline, which is not a part of it");
    judge_that(watch_submitted() == 1, "it reads although a line is there: the "
               "next bytes may come in an hour", "another read");
    expect_line("two", "a read may cut a line: keep its beginning, and read on "
                "behind it");
    expect_line("", "an empty line is a line");
    expect_line("three", "the bytes behind a line belong to the next one");
    judge_that(watch_submitted() == 4, "it reads although a line is there: the "
               "next bytes may come in an hour", "another read");
    expect_line("four", "a read may cut a line: keep its beginning");
    judge_expect("0");
    expect_result(0, "after the last newline there is no line");
}

static void check_last(void)
{
    static const char *const without[] = {"a\nlast", NULL};

    judge_run("next_line of \"a\\nlast\", without a newline at the end");
    begin(without);
    expect_line("a", "the first line");
    expect_line("last", "the last line may have no newline");
    judge_expect("0");
    expect_result(0, "the last line was returned already");
}

static void check_room(void)
{
    static char first[NEXT_LINE_MAX], second[NEXT_LINE_MAX];
    static const char *const both[] = {first, second + 20, "\n", NULL};

    memset(first, 'a', 60);
    first[40] = '\n';
    memset(second, 'a', 60);
    judge_run("next_line of 40 and 60 bytes, with a cut in the second line");
    begin(both);
    expect_line(second + 20, "the first line");
    expect_line(second + 1, "there is room for this line if its beginning "
                "moves to the front of the buffer");
}

static void check_long(void)
{
    static char line[NEXT_LINE_MAX], rest[NEXT_LINE_MAX + 2];
    static const char *const fitting[] = {line, "\n", rest, NULL};

    memset(line, 'x', NEXT_LINE_MAX - 1);
    memset(rest, 'y', NEXT_LINE_MAX + 1);
    judge_run("next_line of 63 bytes and a newline, then of 65 bytes");
    begin(fitting);
    expect_line(line, "a line that fits exactly is a line");
    judge_expect("-EMSGSIZE");
    expect_result(-EMSGSIZE, "the buffer is full, and has no newline: a read "
                  "of 0 bytes would look like the end");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"lines are found at every cut", check_cut},
        {"the last line needs no newline", check_last},
        {"the rest of a line makes room", check_room},
        {"a line that is too long is refused", check_long},
    };

    return judge_main("next_line", cases, sizeof cases / sizeof *cases);
}
