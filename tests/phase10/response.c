/* response.c: heads of answers: their fields, and that a parser reads back the
 * values that were written. */
#include "response.h"

#include <errno.h>
#include <stdio.h>

#include "fence.h"
#include "heads.h"

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define COMMON "Server: one-ring\r\nX-Content-Type-Options: nosniff\r\n"

static const int statuses[] = {100, 200, 204, 206, 301, 304, 400,
                               403, 404, 405, 408, 412, 413, 414,
                               416, 417, 431, 500, 501, 503, 505};
static const int errors[] = {400, 403, 404, 405, 408, 412, 413, 414,
                             416, 417, 431, 500, 501, 503, 505};

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

TEST(the_head_of_a_file_has_every_field)
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

TEST(a_head_with_fields_that_were_kept_is_the_same)
{
    struct date_cache date = {0};
    struct response_head head = {
        .status = 200,
        .date = &date,
        .now_s = NOW_S,
        .type = view_of("text/html"),
        .length = 1234,
        .has_modified = true,
        .accepts_ranges = true,
    };
    struct response_head kept = {.status = 200, .date = &date, .now_s = NOW_S};
    char whole[RESPONSE_HEAD_MAX], text[RESPONSE_HEAD_MAX];
    char *buf;
    int len = write_in_all_sizes(response_write_fields, &head, &buf);
    int whole_len = response_write_head(whole, sizeof whole, &head);

    kept.fields = (struct view){buf, (size_t)len};
    check_res(response_write_head(text, sizeof text, &kept), whole_len);
    ck_assert_mem_eq(text, whole, (size_t)whole_len);
}

TEST(a_coding_is_a_field_of_the_file_and_lines_are_in_every_head)
{
    struct response_head head = {
        .status = 200,
        .lines = view_of("Vary: Accept-Encoding\r\nX-A: b\r\n"),
        .type = view_of("text/html"),
        .coding = view_of("br"),
        .length = 5,
    };
    char *buf;
    int len;

    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Vary: Accept-Encoding\r\nX-A: b\r\n"
                           "Content-Type: text/html\r\n"
                           "Content-Encoding: br\r\n"
                           "Content-Length: 5\r\n\r\n");
    len = write_in_all_sizes(response_write_fields, &head, &buf);
    check(view_equal((struct view){buf, (size_t)len},
                     view_of("Content-Type: text/html\r\n"
                             "Content-Encoding: br\r\n"
                             "Content-Length: 5\r\n")));
}

TEST(an_empty_file_has_a_length)
{
    struct response_head head = {.status = 200};

    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Content-Length: 0\r\n\r\n");
}

TEST(a_connection_field_is_sent_only_where_it_is_needed)
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

TEST(a_connection_that_stays_open_has_the_time_until_it_is_closed)
{
    struct response_head head = {.status = 200, .keep_alive_s = 60};

    head.connection = RESPONSE_KEEPS_ALIVE;
    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Connection: keep-alive\r\n"
                           "Keep-Alive: timeout=60\r\n"
                           "Content-Length: 0\r\n\r\n");
    head.connection = RESPONSE_PERSISTS;
    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Connection: keep-alive\r\n"
                           "Keep-Alive: timeout=60\r\n"
                           "Content-Length: 0\r\n\r\n");
    head.connection = RESPONSE_CLOSES;
    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Connection: close\r\n"
                           "Content-Length: 0\r\n\r\n");
}

TEST(an_answer_to_options_lists_the_methods)
{
    struct response_head head = {.status = 204};

    check_head_text(&head, "HTTP/1.1 204 No Content\r\n" COMMON
                           "Allow: GET, HEAD, OPTIONS\r\n\r\n");
}

TEST(a_304_has_no_length)
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

TEST(a_200_and_a_304_have_the_tag_and_the_callers_lines)
{
    struct response_head head = {
        .status = 200,
        .tag = {"W/\"1-2-3\"", 9},
        .lines = {"Vary: a\r\nX: b\r\n", 15},
    };

    check_head_text(&head, "HTTP/1.1 200 OK\r\n" COMMON
                           "Vary: a\r\nX: b\r\nETag: W/\"1-2-3\"\r\n"
                           "Content-Length: 0\r\n\r\n");
    head.status = 304;
    check_head_text(&head, "HTTP/1.1 304 Not Modified\r\n" COMMON
                           "Vary: a\r\nX: b\r\nETag: W/\"1-2-3\"\r\n\r\n");
}

TEST(a_redirect_names_its_location)
{
    struct response_head head = {
        .status = 301,
        .location = view_of("docs/"),
    };
    struct message m;
    char *buf;
    int len = write_in_all_sizes(response_write_page, &head, &buf);

    check_message(buf, len, &m);
    check_value(&m, "Location", "docs/");
    check(view_equal(m.body, status_page(301)));
}

TEST(a_range_names_its_bytes_and_the_files_length)
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

TEST(a_range_beyond_the_end_names_the_files_length)
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

TEST(last_modified_is_never_later_than_date)
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
    check_value(&m, "Allow", head->status == 405 ? RESPONSE_ALLOW : "");
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

struct result_case {
    int result;
    int status;
};

static const struct result_case result_cases[] = {
    {0, 200},       {42, 200},       {-EINVAL, 400},       {-EILSEQ, 400},
    {-EACCES, 403}, {-EPERM, 403},   {-ENOENT, 404},       {-ENOTDIR, 404},
    {-EXDEV, 404},  {-ELOOP, 404},   {-ENXIO, 404},        {-ETIME, 408},
    {-EIO, 500},    {-EISDIR, 500},  {-ENAMETOOLONG, 404}, {-EMFILE, 503},
    {-ENFILE, 503}, {-ENOMEM, 503},  {-ENOBUFS, 503},      {-EAGAIN, 503},
    {-ENOSYS, 500}, {-ETIMEDOUT, 408},
};

TEST(every_result_has_a_status_and_a_page)
{
    for (size_t i = 0; i < countof(result_cases); i++)
        ck_assert_msg(status_of_result(result_cases[i].result) ==
                          result_cases[i].status,
                      "%s is %d", err_name(result_cases[i].result),
                      status_of_result(result_cases[i].result));
    /* Each error has a page. */
    for (int result = -1; result > -4096; result--)
        if (status_page(status_of_result(result)).len == 0)
            ck_abort_msg("%s has no page", err_name(result));
}

int main(void)
{
    suite_begin("response");
    suite_add(the_head_of_a_file_has_every_field);
    suite_add(a_head_with_fields_that_were_kept_is_the_same);
    suite_add(a_coding_is_a_field_of_the_file_and_lines_are_in_every_head);
    suite_add(an_empty_file_has_a_length);
    suite_add(a_connection_field_is_sent_only_where_it_is_needed);
    suite_add(a_connection_that_stays_open_has_the_time_until_it_is_closed);
    suite_add(an_answer_to_options_lists_the_methods);
    suite_add(a_304_has_no_length);
    suite_add(a_200_and_a_304_have_the_tag_and_the_callers_lines);
    suite_add(a_redirect_names_its_location);
    suite_add(a_range_names_its_bytes_and_the_files_length);
    suite_add(a_range_beyond_the_end_names_the_files_length);
    suite_add(last_modified_is_never_later_than_date);
    suite_add(a_time_that_is_no_date_is_left_out);
    suite_add(every_error_has_a_page_and_a_head_that_fits_it);
    suite_add(every_status_has_a_line_and_the_right_kind_of_content);
    suite_add(the_promised_size_holds_every_head);
    suite_add(every_result_has_a_status_and_a_page);
    return suite_end();
}
