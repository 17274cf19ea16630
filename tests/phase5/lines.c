/* lines.c: lines out of blocks, wherever the blocks are cut. */
#include "lines.h"

#include <errno.h>
#include <sys/socket.h>

#include "scratch.h"
#include "suite.h"
#include "with_loop.h"

#define LINE_MAX_LEN 16
#define BLOCK_MAX 64

static const char *const names[] = {"f", NULL};

struct reading {
    const char *text;
    size_t text_len;
    size_t block_len;
    const char *const *expected; /* lines, ended by NULL; "!": too long */
};

static void check_lines(struct lines *lines, const struct reading *reading)
{
    char *line;
    int len;

    for (const char *const *want = reading->expected; *want != NULL; want++) {
        len = lines_await_line(lines, &line);
        if (strcmp(*want, "!") == 0) {
            check_res(len, -EMSGSIZE);
            continue;
        }
        ck_assert_msg(len == (int)strlen(*want) &&
                          memcmp(line, *want, (size_t)len) == 0,
                      "\"%.*s\" instead of \"%s\", in blocks of %zu",
                      len > 0 ? len : 0, line, *want, reading->block_len);
    }
    check_res(lines_await_line(lines, &line), 0);
    check_res(lines_await_line(lines, &line), 0); /* and it stays the end */
}

static int read_file_lines(void *arg)
{
    const struct reading *reading = arg;
    static char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_MAX)];
    struct lines lines;
    struct aio file;

    check_res(aio_await_open(&file, "f", "r"), 0);
    lines_init(&lines, &file, memory, LINE_MAX_LEN, reading->block_len);
    check_lines(&lines, reading);
    lines_await_finish(&lines);
    ck_assert_uint_eq(file.position, reading->text_len);
    check_res(aio_await_close(&file), 0);
    return 0;
}

/* The same lines must come, whatever the length of the blocks. */
static void check_text(const char *text, const char *const *expected)
{
    struct reading reading = {text, strlen(text), 0, expected};

    scratch_enter();
    scratch_write("f", text, strlen(text));
    for (size_t len = 1; len <= BLOCK_MAX; len++) {
        reading.block_len = len;
        check_res(run(read_file_lines, &reading), 0);
    }
    scratch_leave(names);
}

#define LINES(...) (const char *const[]){__VA_ARGS__, NULL}

TEST(lines_come_whole_wherever_blocks_are_cut)
{
    check_text("one\ntwo\n\nfour and a bit\nfive\n",
               LINES("one\n", "two\n", "\n", "four and a bit\n", "five\n"));
}

TEST(the_last_line_needs_no_newline)
{
    check_text("one\ntwo", LINES("one\n", "two"));
}

TEST(carriage_returns_are_kept)
{
    check_text("one\r\n\r\ntwo\r", LINES("one\r\n", "\r\n", "two\r"));
}

TEST(a_line_of_just_the_limit_fits_and_one_more_byte_does_not)
{
    check_text("0123456789abcde\nshort\n0123456789abcdef\nagain\n",
               LINES("0123456789abcde\n", "short\n", "!", "again\n"));
}

TEST(a_line_without_end_is_reported_once_and_dropped)
{
    check_text("short\n"
               "this line is much longer than sixteen bytes, and than a block "
               "of sixty-four bytes as well\nnext\n",
               LINES("short\n", "!", "next\n"));
    check_text("and one that is too long at the very end", LINES("!"));
}

TEST(an_empty_file_has_no_lines)
{
    static const char *const none[] = {NULL};

    check_text("", none);
}

/* Returns when the read ahead has completed. */
static void await_read_ahead(void)
{
    for (int i = 0; i < 5000 && loop_in_flight(&loop) > 0; i++)
        check_res(await_sleep_ns(1000000), 0);
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
}

/* The second block arrives while the caller works on the first: then its lines
 * cost no system call, and no third block was requested. */
TASK_TEST(one_block_is_read_ahead_while_the_caller_works)
{
    static char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_MAX)];
    struct lines lines;
    struct aio file;
    uint64_t enters;
    char *line;

    scratch_enter();
    scratch_write("f", "one\ntwo\nsix\nten\n", 16);
    check_res(aio_await_open(&file, "f", "r"), 0);
    lines_init(&lines, &file, memory, LINE_MAX_LEN, 4);
    check_res(lines_await_line(&lines, &line), 4);
    ck_assert_uint_eq(lines.offset, 4); /* one block was waited for ... */
    ck_assert_uint_eq(loop_in_flight(&loop), 1); /* ... and one is on its way */
    await_read_ahead(); /* the caller works */
    enters = loop.ring.counters.enters;
    check_res(lines_await_line(&lines, &line), 4);
    ck_assert(memcmp(line, "two\n", 4) == 0);
    ck_assert_uint_eq(loop.ring.counters.enters, enters);
    lines_await_finish(&lines);
    ck_assert_uint_eq(file.position, 8);
    check_res(aio_await_close(&file), 0);
    scratch_leave(names);
    return 0;
}

TASK_TEST(a_deadline_loses_nothing_and_a_pending_read_is_ended)
{
    static char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_MAX)];
    struct lines lines;
    struct aio in;
    char *line;
    int ends[2];

    ck_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    check_res(aio_adopt(&in, ends[0]), 0);
    lines_init(&lines, &in, memory, LINE_MAX_LEN, BLOCK_MAX);
    ck_assert(write(ends[1], "first\nsec", 9) == 9);
    check_res(lines_await_line(&lines, &line), 6);
    deadline_set_ns(5000000);
    check_res(lines_await_line(&lines, &line),
              -ETIME); /* half a line is no line */
    deadline_clear();
    ck_assert(write(ends[1], "ond\n", 4) == 4);
    check_res(lines_await_line(&lines, &line), 7);
    ck_assert(memcmp(line, "second\n", 7) == 0);
    lines_await_finish(&lines); /* with a read in flight that nothing ends */
    check_res(aio_await_close(&in), 0);
    close(ends[1]);
    return 0;
}

/* The read ahead is to start while the task is cancelled. Another call returns
 * the interruption, so no line may be lost and no call may return it again. */
TASK_TEST(a_read_ahead_that_an_interruption_held_back_starts_later)
{
    static char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_MAX)];
    struct lines lines;
    struct aio file;
    char *line;

    scratch_enter();
    scratch_write("f", "one\ntwo\nsix\nten\n", 16);
    check_res(aio_await_open(&file, "f", "r"), 0);
    lines_init(&lines, &file, memory, LINE_MAX_LEN, 4);
    check_res(lines_await_line(&lines, &line), 4);
    await_read_ahead();
    task_cancel(task_current());
    check_res(lines_await_line(&lines, &line), 4); /* its bytes are here */
    ck_assert(memcmp(line, "two\n", 4) == 0);
    ck_assert_uint_eq(loop_in_flight(&loop), 0); /* the read is held back */
    check_res(await_nop(), -ECANCELED);
    check_res(lines_await_line(&lines, &line), 4);
    ck_assert(memcmp(line, "six\n", 4) == 0);
    await_read_ahead();
    task_cancel(task_current());
    check_res(lines_await_line(&lines, &line), 4);
    ck_assert(memcmp(line, "ten\n", 4) == 0);
    lines_await_finish(&lines); /* drops the read that is held back */
    ck_assert_uint_eq(file.position, 16);
    check_res(await_nop(), -ECANCELED);
    check_res(aio_await_close(&file), 0);
    scratch_leave(names);
    return 0;
}

TASK_TEST(a_reader_that_stops_early_continues_after_its_last_line)
{
    static char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_MAX)];
    struct lines lines;
    struct aio file;
    char buf[8];
    char *line;

    scratch_enter();
    scratch_write("f", "one\ntwo\nthree\n", 14);
    check_res(aio_await_open(&file, "f", "r"), 0);
    lines_init(&lines, &file, memory, LINE_MAX_LEN, 4);
    check_res(lines_await_line(&lines, &line), 4);
    lines_await_finish(&lines);
    ck_assert_uint_eq(file.position, 4);
    check_res(aio_await_read(&file, buf, 3), 3);
    ck_assert(memcmp(buf, "two", 3) == 0);
    check_res(aio_await_close(&file), 0);
    scratch_leave(names);
    return 0;
}

/* Appends as another process would. */
static void append(const char *text)
{
    int fd = open("f", O_WRONLY | O_APPEND);
    size_t len = strlen(text);

    ck_assert(fd >= 0 && write(fd, text, len) == (ssize_t)len);
    close(fd);
}

/* Checks that the next line is want; "" is the end. */
static void expect_line(struct lines *lines, const char *want)
{
    char *line = NULL;
    int len = lines_await_line(lines, &line);

    ck_assert_msg(len == (int)strlen(want) &&
                      (len == 0 || memcmp(line, want, (size_t)len) == 0),
                  "\"%.*s\" (%d) instead of \"%s\"", len > 0 ? len : 0, line,
                  len, want);
}

/* Opens "f", and prepares to read its lines. */
static void begin_lines(struct lines *lines, struct aio *file, const char *mode)
{
    static char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_MAX)];

    check_res(aio_await_open(file, "f", mode), 0);
    lines_init(lines, file, memory, LINE_MAX_LEN, 8);
}

static void end_lines(struct lines *lines, struct aio *file, uint64_t position)
{
    lines_await_finish(lines);
    ck_assert_uint_eq(file->position, position);
    check_res(aio_await_close(file), 0);
    scratch_leave(names);
}

TASK_TEST(lines_of_an_appending_file_begin_at_its_end)
{
    struct lines lines;
    struct aio file;

    scratch_enter();
    scratch_write("f", "one\ntwo\n", 8);
    begin_lines(&lines, &file, "a+");
    expect_line(&lines, "");
    append("three\n");
    expect_line(&lines, "three\n");
    end_lines(&lines, &file, 14);
    return 0;
}

TASK_TEST(lines_after_an_append_begin_behind_it)
{
    struct lines lines;
    struct aio file;

    scratch_enter();
    scratch_write("f", "one\n", 4);
    begin_lines(&lines, &file, "a+");
    lines_await_finish(&lines); /* nothing was read: it changes nothing */
    append("two\n");
    check_res(aio_await_write(&file, "mine\n", 5), 5); /* at 8, not at 0 */
    lines_init(&lines, &file, lines.memory, LINE_MAX_LEN, 8);
    expect_line(&lines, "");
    append("next\n");
    expect_line(&lines, "next\n");
    end_lines(&lines, &file, 18);
    return 0;
}

TASK_TEST(lines_that_are_not_begun_leave_an_appending_file_at_its_end)
{
    struct lines lines;
    struct aio file;
    char buf[8];

    scratch_enter();
    scratch_write("f", "one\n", 4);
    begin_lines(&lines, &file, "a+");
    lines_await_finish(&lines);
    check_res(aio_await_read(&file, buf, sizeof buf), 0);
    end_lines(&lines, &file, 4);
    return 0;
}

/* The read ahead finds the end while the caller works on the first line. */
TASK_TEST(a_line_appended_while_an_earlier_one_is_worked_on_is_returned)
{
    struct lines lines;
    struct aio file;

    scratch_enter();
    scratch_write("f", "one\ntwo\n", 8);
    begin_lines(&lines, &file, "r");
    expect_line(&lines, "one\n");
    await_read_ahead();
    append("three\n");
    expect_line(&lines, "two\n");
    expect_line(&lines, "three\n");
    expect_line(&lines, "");
    end_lines(&lines, &file, 14);
    return 0;
}

TASK_TEST(a_line_appended_after_the_end_is_returned_by_the_next_call)
{
    struct lines lines;
    struct aio file;

    scratch_enter();
    scratch_write("f", "one", 3);
    begin_lines(&lines, &file, "r");
    expect_line(&lines, "one"); /* the end makes it a line */
    expect_line(&lines, "");
    expect_line(&lines, "");
    append("\nthis line is much longer than sixteen");
    expect_line(&lines, "\n");
    check_res(lines_await_line(&lines, &(char *){NULL}), -EMSGSIZE);
    expect_line(&lines, "");
    append(" bytes\nlast\n"); /* the rest of the long line is dropped */
    expect_line(&lines, "last\n");
    expect_line(&lines, "");
    end_lines(&lines, &file, 53);
    return 0;
}

/* A terminal reports the end once per Ctrl-D. A second read would wait for
 * another one. */
TASK_TEST(the_end_of_a_terminal_is_reported_without_a_second_read)
{
    static char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_MAX)];
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    struct lines lines;
    struct aio in;

    ck_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    check_res(aio_adopt(&in, open(ptsname(master), O_RDONLY | O_NOCTTY)), 0);
    lines_init(&lines, &in, memory, LINE_MAX_LEN, BLOCK_MAX);
    /* A signal may interrupt a write to a terminal. */
    ck_assert(TEMP_FAILURE_RETRY(write(master, "one\n\004", 5)) == 5);
    deadline_set_ns(20000000000);
    expect_line(&lines, "one\n");
    await_read_ahead(); /* it finds the end */
    expect_line(&lines, "");
    expect_line(&lines, "");
    deadline_clear();
    lines_await_finish(&lines);
    check_res(aio_await_close(&in), 0);
    close(master);
    return 0;
}

int main(void)
{
    suite_begin("lines");
    suite_add(lines_come_whole_wherever_blocks_are_cut);
    suite_add(the_last_line_needs_no_newline);
    suite_add(carriage_returns_are_kept);
    suite_add(a_line_of_just_the_limit_fits_and_one_more_byte_does_not);
    suite_add(a_line_without_end_is_reported_once_and_dropped);
    suite_add(an_empty_file_has_no_lines);
    suite_add(one_block_is_read_ahead_while_the_caller_works);
    suite_add(a_deadline_loses_nothing_and_a_pending_read_is_ended);
    suite_add(a_read_ahead_that_an_interruption_held_back_starts_later);
    suite_add(a_reader_that_stops_early_continues_after_its_last_line);
    suite_add(lines_of_an_appending_file_begin_at_its_end);
    suite_add(lines_after_an_append_begin_behind_it);
    suite_add(lines_that_are_not_begun_leave_an_appending_file_at_its_end);
    suite_add(a_line_appended_while_an_earlier_one_is_worked_on_is_returned);
    suite_add(a_line_appended_after_the_end_is_returned_by_the_next_call);
    suite_add(the_end_of_a_terminal_is_reported_without_a_second_read);
    return suite_end();
}
