/* response.c: response heads, and a strict reader of them.
 *
 * Test of lib/response and lib/status. Needs: suite.h, fence.h, random.h,
 * response.h, status.h. */
#include "response.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fence.h"
#include "random.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

#define NOW_S 784111777
#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define COMMON "Server: one-ring\r\nX-Content-Type-Options: nosniff\r\n"

static struct fence output, input;

static const int statuses[] = {100, 200, 204, 206, 301, 304, 400,
                               403, 404, 405, 408, 413, 414, 416,
                               417, 431, 500, 501, 503, 505};
static const int errors[] = {400, 403, 404, 405, 408, 413, 414,
                             416, 417, 431, 500, 501, 503, 505};

/* A head as a client reads it that forgives nothing. */
struct field {
    struct view name, value;
};

struct message {
    int status;
    struct field fields[32];
    size_t count;
    struct view body;
};

static bool is_token(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] <= ' ' || v.at[i] >= 127 ||
            strchr("\"(),/:;<=>?@[\\]{}", v.at[i]) != NULL)
            return false;
    return v.len > 0;
}

static bool is_value(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.at[i] < ' ' || v.at[i] == 127)
            return false;
    return v.len > 0 && v.at[0] != ' ' && v.at[v.len - 1] != ' ';
}

/* Takes a line that ends with CRLF, and has no other CR or LF, off *rest. */
static bool take_line(struct view *rest, struct view *line)
{
    *line = *rest;
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->at[i] == '\n')
            return false;
        if (rest->at[i] != '\r')
            continue;
        if (i + 1 == rest->len || rest->at[i + 1] != '\n')
            return false;
        line->len = i;
        rest->at += i + 2;
        rest->len -= i + 2;
        return true;
    }
    return false;
}

static bool read_status(struct view line, struct message *m)
{
    char digits[4] = "";

    if (line.len < 13 || memcmp(line.at, "HTTP/1.1 ", 9) != 0 ||
        line.at[12] != ' ')
        return false;
    memcpy(digits, line.at + 9, 3);
    m->status = atoi(digits);
    return strspn(digits, "0123456789") == 3 &&
           is_value((struct view){line.at + 13, line.len - 13});
}

static bool read_field(struct view line, struct message *m)
{
    struct field *field = &m->fields[m->count];
    const char *colon = memchr(line.at, ':', line.len);

    if (colon == NULL || m->count == countof(m->fields))
        return false;
    field->name = (struct view){line.at, (size_t)(colon - line.at)};
    if (line.len < field->name.len + 3 || colon[1] != ' ')
        return false;
    field->value =
        (struct view){colon + 2, line.len - field->name.len - 2};
    for (size_t i = 0; i < m->count; i++)
        if (view_equal_nocase(m->fields[i].name, field->name))
            return false;
    m->count++;
    return is_token(field->name) && is_value(field->value);
}

static bool read_message(struct view bytes, struct message *m)
{
    struct view line;

    m->count = 0;
    if (!take_line(&bytes, &line) || !read_status(line, m))
        return false;
    while (take_line(&bytes, &line)) {
        if (line.len == 0) {
            m->body = bytes;
            return true;
        }
        if (!read_field(line, m))
            return false;
    }
    return false;
}

/* The value of a field, or "" if there is none. */
static struct view value_of(const struct message *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (view_equal_nocase(m->fields[i].name, view_of(name)))
            return m->fields[i].value;
    return view_of("");
}

#define check_value(m, name, expected)                                        \
    ck_assert_msg(view_equal(value_of((m), (name)), view_of(expected)),       \
                  "%s: %.*s", (name), (int)value_of((m), (name)).len,         \
                  value_of((m), (name)).at)

static void check_message(const char *buf, int len, struct message *m)
{
    ck_assert_int_gt(len, 0);
    ck_assert_msg(read_message((struct view){buf, (size_t)len}, m),
                  "not a head: %.*s", len, buf);
}

typedef int write_function(void *buf, size_t size,
                           const struct response_head *head);

/* Writes into every size of buffer from nothing on: until it fits, nothing but
 * -EMSGSIZE, and nothing beyond the buffer; then always the same. Returns the
 * length of what was written into the last buffer. */
static int write_in_all_sizes(write_function *write,
                              const struct response_head *head, char **buf)
{
    static char exact[4096];
    int len = write(exact, sizeof exact, head);

    ck_assert_int_gt(len, 0);
    for (size_t size = 0; size <= (size_t)len + 2; size++) {
        int result;

        *buf = fence_buffer(&output, size);
        memset(*buf, '#', size);
        (*buf)[-1] = '#'; /* the fence is behind; this one stands before */
        result = write(*buf, size, head);
        ck_assert_int_eq((*buf)[-1], '#');
        check_res(result, size < (size_t)len ? -EMSGSIZE : len);
        if (result == len)
            ck_assert_mem_eq(*buf, exact, (size_t)len);
    }
    return len;
}

static void check_head_text(const struct response_head *head, const char *text)
{
    struct message m;
    char *buf;
    int len = write_in_all_sizes(response_write_head, head, &buf);

    check_message(buf, len, &m);
    ck_assert_uint_eq(m.body.len, 0);
    ck_assert_msg(view_equal((struct view){buf, (size_t)len}, view_of(text)),
                  "%.*s", len, buf);
}

TEST(a_file_has_a_head_with_all_that_is_true_of_it)
{
    struct date_cache date = {0};
    struct response_head head = {
        .status = 200,
        .date = &date,
        .now_s = NOW_S,
        .type = view_of("text/html; charset=utf-8"),
        .length = 1234,
        .modified_s = 0,
        .has_modified = true,
    };

    check_head_text(&head,
                    "HTTP/1.1 200 OK\r\n" DATE COMMON
                    "Content-Type: text/html; charset=utf-8\r\n"
                    "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                    "Content-Length: 1234\r\n"
                    "\r\n");
}

TEST(an_empty_file_has_a_length_too)
{
    struct response_head head = {.status = 200};

    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Content-Length: 0\r\n\r\n");
}

TEST(the_connection_is_spoken_of_only_where_it_must_be)
{
    struct response_head head = {.status = 200};

    head.connection = RESPONSE_CLOSES;
    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Connection: close\r\n"
                           "Content-Length: 0\r\n\r\n");
    head.connection = RESPONSE_KEEPS_ALIVE;
    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Connection: keep-alive\r\n"
                           "Content-Length: 0\r\n\r\n");
}

TEST(what_was_not_modified_has_no_length)
{
    struct response_head head = {
        .status = 304,
        .length = 1234,
        .modified_s = NOW_S,
        .has_modified = true,
    };

    check_head_text(&head,
                    "HTTP/1.1 304 Not Modified\r\n" COMMON
                    "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(a_redirect_says_where)
{
    struct response_head head = {
        .status = 301,
        .location = view_of("/docs/"),
    };
    struct message m;
    char *buf;
    int len = write_in_all_sizes(response_write_page, &head, &buf);

    check_message(buf, len, &m);
    check_value(&m, "Location", "/docs/");
    check(view_equal(m.body, status_page(301)));
}

TEST(a_range_says_which_bytes_of_how_many)
{
    struct response_head head = {
        .status = 206,
        .length = UINT64_MAX,
        .first = 10,
        .last = 19,
        .accepts_ranges = true,
    };

    check_head_text(&head,
                    "HTTP/1.1 206 Partial Content\r\n" COMMON
                    "Content-Range: bytes 10-19/18446744073709551615\r\n"
                    "Accept-Ranges: bytes\r\n"
                    "Content-Length: 10\r\n\r\n");
    head.first = head.last = UINT64_MAX - 1;
    check_head_text(&head,
                    "HTTP/1.1 206 Partial Content\r\n" COMMON
                    "Content-Range: bytes 18446744073709551614-"
                    "18446744073709551614/18446744073709551615\r\n"
                    "Accept-Ranges: bytes\r\n"
                    "Content-Length: 1\r\n\r\n");
}

TEST(a_range_beyond_the_end_says_how_long_the_file_is)
{
    struct response_head head = {.status = 416, .length = 7};
    struct message m;
    char *buf, length[24];
    int len = write_in_all_sizes(response_write_page, &head, &buf);

    check_message(buf, len, &m);
    check_value(&m, "Content-Range", "bytes */7");
    snprintf(length, sizeof length, "%zu", status_page(416).len);
    check_value(&m, "Content-Length", length);
    check_head_text(&head, "HTTP/1.1 416 Range Not Satisfiable\r\n" COMMON
                           "Content-Range: bytes */7\r\n"
                           "Content-Length: 0\r\n\r\n");
}

TEST(nothing_was_modified_after_it_was_sent)
{
    struct date_cache date = {0};
    struct response_head head = {
        .status = 304,
        .date = &date,
        .now_s = NOW_S,
        .modified_s = NOW_S + 1,
        .has_modified = true,
    };

    check_head_text(&head,
                    "HTTP/1.1 304 Not Modified\r\n" DATE COMMON
                    "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(a_time_that_is_no_date_is_left_out)
{
    struct date_cache date = {0};
    struct response_head head = {
        .status = 304,
        .modified_s = INT64_MAX,
        .has_modified = true,
    };

    check_head_text(&head, "HTTP/1.1 304 Not Modified\r\n" COMMON "\r\n");
    head.modified_s = INT64_MIN;
    check_head_text(&head, "HTTP/1.1 304 Not Modified\r\n" COMMON "\r\n");
    head.date = &date;
    head.now_s = INT64_MIN;
    check_head_text(&head, "HTTP/1.1 304 Not Modified\r\n" COMMON "\r\n");
}

/* The text between tags, and nowhere a byte that HTML would read otherwise. */
static void check_html(struct view page)
{
    int open = 0;

    for (size_t i = 0; i < page.len; i++) {
        char c = page.at[i];

        ck_assert_int_ne(c, '&');
        check(c == '\n' || (c >= ' ' && c < 127));
        open += c == '<' ? 1 : c == '>' ? -1 : 0;
        check(open == 0 || open == 1);
    }
    ck_assert_int_eq(open, 0);
    check(page.len > 16 && page.len <= STATUS_PAGE_MAX);
    check(memcmp(page.at, "<!DOCTYPE html>\n", 16) == 0);
}

static void check_error(const struct response_head *head, struct view *body)
{
    struct view page = status_page(head->status);
    struct message m;
    char *buf, length[24];
    int len = write_in_all_sizes(response_write_page, head, &buf);

    ck_assert_int_le(len, RESPONSE_PAGE_MAX);
    check_message(buf, len, &m);
    ck_assert_int_eq(m.status, head->status);
    check_html(page);
    check_value(&m, "Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    check_value(&m, "Server", "one-ring");
    check_value(&m, "X-Content-Type-Options", "nosniff");
    check_value(&m, "Content-Type", "text/html; charset=utf-8");
    check_value(&m, "Connection", "close");
    check_value(&m, "Allow", head->status == 405 ? "GET, HEAD" : "");
    check_value(&m, "Retry-After", head->status == 503 ? "1" : "");
    check_value(&m, "Content-Range",
                head->status == 416 ? "bytes */18446744073709551615" : "");
    snprintf(length, sizeof length, "%zu", page.len);
    check_value(&m, "Content-Length", length);
    *body = m.body;
}

TEST(every_error_has_a_page_and_a_head_that_fits_it)
{
    struct date_cache date = {0};

    for (size_t i = 0; i < countof(errors); i++) {
        struct response_head head = {
            .status = errors[i],
            .connection = RESPONSE_CLOSES,
            .date = &date,
            .now_s = NOW_S,
            .length = UINT64_MAX,
            .type = view_of("image/png"),
        };
        struct view body;

        check_error(&head, &body);
        check(view_equal(body, status_page(errors[i])));
        head.omits_body = true; /* HEAD: the same, but for the body */
        check_error(&head, &body);
        ck_assert_uint_eq(body.len, 0);
    }
}

TEST(every_status_has_a_line_and_the_right_kind_of_content)
{
    for (size_t i = 0; i < countof(statuses); i++) {
        int status = statuses[i];
        struct response_head head = {.status = status, .length = 5,
                                     .first = 4, .last = 4};
        struct message m;
        char buf[RESPONSE_HEAD_MAX];
        bool has_length;

        check_message(buf, response_write_head(buf, sizeof buf, &head), &m);
        ck_assert_int_eq(m.status, status);
        check(status_line(status).len <= STATUS_LINE_MAX);
        has_length = value_of(&m, "Content-Length").len > 0;
        check(has_length == status_has_content(status));
        check(has_length == (status != 100 && status != 204 && status != 304));
        check((status_page(status).len > 0) ==
              (status >= 400 || status == 301));
    }
}

/* The head with the longest of everything that is not a view. */
TEST(the_promised_size_holds_every_head)
{
    struct date_cache date = {0};

    for (size_t i = 0; i < countof(statuses); i++) {
        struct response_head head = {
            .status = statuses[i],
            .connection = RESPONSE_KEEPS_ALIVE,
            .date = &date,
            .now_s = NOW_S,
            .length = UINT64_MAX,
            .first = UINT64_MAX - 1,
            .last = UINT64_MAX - 1,
            .has_modified = true,
            .accepts_ranges = true,
            .type = view_of("t"),
            .location = view_of("/"),
        };
        char *buf = fence_buffer(&output, RESPONSE_HEAD_MAX);

        check(response_write_head(buf, RESPONSE_HEAD_MAX, &head) > 0);
        if (status_page(statuses[i]).len == 0)
            continue;
        buf = fence_buffer(&output, RESPONSE_PAGE_MAX);
        check(response_write_page(buf, RESPONSE_PAGE_MAX, &head) > 0);
    }
}

static const uint64_t numbers[] = {
    0,          1,          9,          10,         99,
    100,        4294967295, 4294967296, INT64_MAX,  (uint64_t)1 << 63,
    UINT64_MAX,
};

TEST(numbers_are_written_as_printf_does)
{
    struct random random = random_begin();

    for (size_t i = 0; i < countof(numbers) + 10000; i++) {
        uint64_t number = i < countof(numbers)
                              ? numbers[i]
                              : random_next(&random) >> (i % 64);
        char expected[64], buf[64];
        struct response r;
        int len = snprintf(expected, sizeof expected, "N: %ju\r\n",
                           (uintmax_t)number);

        response_init(&r, buf, sizeof buf);
        response_number(&r, "N", number);
        if (r.result != 0 || r.len != (size_t)len ||
            memcmp(buf, expected, r.len) != 0)
            ck_abort_msg("%.*s", (int)r.len, buf);
    }
}

TEST(a_head_can_be_written_part_by_part)
{
    char *buf = fence_buffer(&output, 256);
    struct date_cache date = {0};
    struct response r;
    struct message m;
    int len;

    response_init(&r, buf, 256);
    response_status(&r, 204);
    response_lines(&r, date_line(&date, NOW_S));
    response_field(&r, "Allow", view_of(RESPONSE_ALLOW));
    response_number(&r, "Age", 0);
    len = response_end(&r);
    response_body(&r, view_of("more"));
    check_message(buf, len, &m);
    ck_assert_int_eq(m.status, 204);
    check_value(&m, "Allow", "GET, HEAD");
    check_value(&m, "Age", "0");
    ck_assert_uint_eq(r.len, (size_t)len + 4);
}

static const char *const splitting_values[] = {
    "\r\nSet-Cookie: x=y", "/\r\n\r\n<html>", "/\n", "\r", "a\nb", "a\rb",
    "a\tb",                "\x7f",            "\x01", " a", "a ",
};

TEST(no_value_can_split_a_response)
{
    char buf[512];

    for (size_t i = 0; i < countof(splitting_values); i++) {
        struct view value = fence_text(&input, splitting_values[i]);
        struct response_head head = {.status = 301, .location = value};

        check_res(response_write_head(buf, sizeof buf, &head), -EINVAL);
        check_res(response_write_page(buf, sizeof buf, &head), -EINVAL);
        head = (struct response_head){.status = 200, .type = value};
        check_res(response_write_head(buf, sizeof buf, &head), -EINVAL);
    }
}

/* Random bytes as a value: the head is refused, or it is read back whole. */
TEST(a_random_value_is_refused_or_comes_back)
{
    struct random random = random_begin();
    uint64_t rounds = random_option("FUZZ_ROUNDS", 100000), good = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        char bytes[16], buf[256];
        size_t len = 1 + random_below(&random, sizeof bytes);
        struct response_head head = {.status = 301};
        struct message m;
        int result;

        for (size_t j = 0; j < len; j++)
            bytes[j] = (char)(i % 2 ? random_next(&random)
                                    : ' ' + random_below(&random, 95));
        head.location = fence_copy(&input, bytes, len);
        result = response_write_head(buf, sizeof buf, &head);
        if (result == -EINVAL && !is_value(head.location))
            continue;
        good++;
        if (result < 0 ||
            !read_message((struct view){buf, (size_t)result}, &m) ||
            m.count != 4 ||
            !view_equal(value_of(&m, "Location"), head.location))
            ck_abort_msg("round %ju: %s, %.*s", (uintmax_t)i,
                         err_name(result), result > 0 ? result : 0, buf);
    }
    ck_assert_uint_gt(good, rounds / 10);
}

TEST(the_first_failure_is_the_one_reported)
{
    char *buf = fence_buffer(&output, 8);
    struct response r;

    response_init(&r, buf, 8);
    response_field(&r, "A", view_of("\n"));
    response_status(&r, 200);
    check_res(response_end(&r), -EINVAL);
    ck_assert_uint_le(r.len, r.size);

    response_init(&r, buf, 8);
    response_status(&r, 200);
    response_field(&r, "A", view_of("\n"));
    check_res(response_end(&r), -EMSGSIZE);
    ck_assert_uint_eq(r.len, 0);

    response_init(&r, NULL, 0);
    check_res(response_end(&r), -EMSGSIZE);
}

struct result_case {
    int result;
    int status;
};

static const struct result_case result_cases[] = {
    {0, 200},       {42, 200},       {-EINVAL, 400},       {-EILSEQ, 400},
    {-EACCES, 403}, {-EPERM, 403},   {-ENOENT, 404},       {-ENOTDIR, 404},
    {-EXDEV, 404},  {-ELOOP, 404},   {-ENXIO, 404},        {-ETIME, 408},
    {-EIO, 500},    {-EISDIR, 500},  {-ENAMETOOLONG, 414}, {-EMFILE, 503},
    {-ENFILE, 503}, {-ENOMEM, 503},  {-ENOBUFS, 503},      {-EAGAIN, 503},
    {-ENOSYS, 500}, {-ETIMEDOUT, 408},
};

TEST(a_result_tells_the_status)
{
    for (size_t i = 0; i < countof(result_cases); i++)
        ck_assert_msg(status_of_result(result_cases[i].result) ==
                          result_cases[i].status,
                      "%s is %d", err_name(result_cases[i].result),
                      status_of_result(result_cases[i].result));
    /* Whatever it is, there is a page that says so. */
    for (int result = -1; result > -4096; result--)
        if (status_page(status_of_result(result)).len == 0)
            ck_abort_msg("%s has no page", err_name(result));
}

int main(void)
{
    suite_begin("response");
    suite_add(a_file_has_a_head_with_all_that_is_true_of_it);
    suite_add(an_empty_file_has_a_length_too);
    suite_add(the_connection_is_spoken_of_only_where_it_must_be);
    suite_add(what_was_not_modified_has_no_length);
    suite_add(a_redirect_says_where);
    suite_add(a_range_says_which_bytes_of_how_many);
    suite_add(a_range_beyond_the_end_says_how_long_the_file_is);
    suite_add(nothing_was_modified_after_it_was_sent);
    suite_add(a_time_that_is_no_date_is_left_out);
    suite_add(every_error_has_a_page_and_a_head_that_fits_it);
    suite_add(every_status_has_a_line_and_the_right_kind_of_content);
    suite_add(the_promised_size_holds_every_head);
    suite_add(numbers_are_written_as_printf_does);
    suite_add(a_head_can_be_written_part_by_part);
    suite_add(no_value_can_split_a_response);
    suite_add(a_random_value_is_refused_or_comes_back);
    suite_add(the_first_failure_is_the_one_reported);
    suite_add(a_result_tells_the_status);
    return suite_end();
}
