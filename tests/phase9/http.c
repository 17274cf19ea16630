/* http.c: the request parser: its results for valid requests, and its
 * limits. */
#include "http.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "http_scan.h"
#include "http_target.h"
#include "suite.h"
#include "sys.h"

static const struct http_limits limits = HTTP_LIMITS_DEFAULT;
static struct http_request request;
static char text[1 << 21]; /* for long inputs */

/* Parses all of it at once. */
static int parse(const char *input)
{
    http_request_init(&request, &limits);
    return http_parse_request(&request, input, strlen(input));
}

static void check_view(struct view v, const char *expected)
{
    if (expected == NULL)
        check(view_is_none(v));
    else
        ck_assert_msg(!view_is_none(v) && view_equal(v, view_of(expected)),
                      "'%.*s', not '%s'", (int)v.len, v.at, expected);
}

TEST(the_head_ends_where_the_body_starts)
{
    const char *input =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
        "hello";

    check_res(parse(input), (int)strlen(input) - 5);
    check(request.has_content_length && request.content_length == 5);
    check(!request.is_chunked && request.keep_alive);
}

TEST(a_target_is_split_into_its_parts)
{
    static const struct {
        const char *line;
        enum http_form form;
        const char *scheme, *path, *query, *host;
    } rows[] = {
        {"GET /", HTTP_ORIGIN, NULL, "/", NULL, "a"},
        {"GET /x/y", HTTP_ORIGIN, NULL, "/x/y", NULL, "a"},
        {"GET /x?", HTTP_ORIGIN, NULL, "/x", "", "a"},
        {"GET /x?y?z", HTTP_ORIGIN, NULL, "/x", "y?z", "a"},
        {"GET /%3F?%3f", HTTP_ORIGIN, NULL, "/%3F", "%3f", "a"},
        {"GET /?%", HTTP_ORIGIN, NULL, "/", "%", "a"},
        {"GET http://b", HTTP_ABSOLUTE, "http", "/", NULL, "b"},
        {"GET http://b?q", HTTP_ABSOLUTE, "http", "/", "q", "b"},
        {"GET HTTPS://b:1/x?q", HTTP_ABSOLUTE, "HTTPS", "/x", "q", "b:1"},
        {"GET ftp://b:21/x?q", HTTP_ABSOLUTE, "ftp", "/x", "q", "b:21"},
        {"GET ftp://b?q", HTTP_ABSOLUTE, "ftp", "/", "q", "b"},
        {"GET file:///x", HTTP_ABSOLUTE, "file", "/x", NULL, ""},
        {"GET file:/x", HTTP_ABSOLUTE, "file", "/x", NULL, "a"},
        {"GET urn:b:c?q", HTTP_ABSOLUTE, "urn", "b:c", "q", "a"},
        {"GET urn:?q", HTTP_ABSOLUTE, "urn", "/", "q", "a"},
        {"OPTIONS *", HTTP_ASTERISK, NULL, NULL, NULL, "a"},
        {"CONNECT b:443", HTTP_AUTHORITY, NULL, NULL, NULL, "b:443"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: a\r\n\r\n",
                 rows[i].line);
        check_res(parse(text), (int)strlen(text));
        check_res(request.form, rows[i].form);
        check_view(http_scheme(&request), rows[i].scheme);
        check_view(http_view(&request, request.path), rows[i].path);
        check_view(http_view(&request, request.query), rows[i].query);
        check_view(http_view(&request, request.host), rows[i].host);
    }
}

TEST(each_method_has_its_number)
{
    static const struct {
        const char *name;
        enum http_method method;
    } rows[] = {
        {"GET", HTTP_GET},        {"HEAD", HTTP_HEAD},
        {"POST", HTTP_POST},      {"PUT", HTTP_PUT},
        {"DELETE", HTTP_DELETE},  {"OPTIONS", HTTP_OPTIONS},
        {"TRACE", HTTP_TRACE},    {"PATCH", HTTP_PATCH},
        {"get", HTTP_OTHER},      {"GETS", HTTP_OTHER},
        {"PROPFIND", HTTP_OTHER}, {"G", HTTP_OTHER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s / HTTP/1.0\r\n\r\n", rows[i].name);
        check(parse(text) > 0);
        check_res(request.method, rows[i].method);
        check_view(http_view(&request, request.method_name), rows[i].name);
    }
    check(parse("CONNECT a:1 HTTP/1.0\r\n\r\n") > 0);
    check_res(request.method, HTTP_CONNECT);
}

#define ALNUM                                                                  \
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define TOKEN "!#$%&'*+-.^_`|~" ALNUM

static bool is_text(int c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7f);
}

static bool is_visible(int c)
{
    return c > 0x20 && c < 0x7f;
}

static bool is_token(int c)
{
    return c != 0 && strchr(TOKEN, c) != NULL;
}

static bool is_path(int c)
{
    /* "?" begins the query; "%" needs two digits. */
    return c != 0 && strchr("/?:@[]!$&'()*+,;=-._~|^{}\"`" ALNUM, c) != NULL;
}

/* Parses a head with c in place of "@". Returns true if it was accepted. */
static bool accepts(const char *head, int c)
{
    size_t len = strlen(head);

    memcpy(text, head, len);
    text[strcspn(head, "@")] = (char)c;
    http_request_init(&request, &limits);
    return http_parse_request(&request, text, len) == (int)len;
}

/* The grammar's classes, written once more. */
TEST(each_of_256_bytes_is_accepted_only_where_the_grammar_has_it)
{
    static const struct {
        const char *head;
        bool (*is_allowed)(int c);
    } places[] = {
        {"G@T / HTTP/1.0\r\n\r\n", is_token},
        {"GET /a@b HTTP/1.0\r\n\r\n", is_path},
        {"GET /a?@b HTTP/1.0\r\n\r\n", is_visible},
        {"GET / HTTP/1.0\r\nA@b: c\r\n\r\n", is_token},
        {"GET / HTTP/1.0\r\nA: b@c\r\n\r\n", is_text},
        {"GET / HTTP/1.0\r\nA:@c\r\n\r\n", is_text},
        {"GET / HTTP/1.0\r\nA:c@\r\n\r\n", is_text},
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (int c = 0; c < 256; c++) {
            bool is_allowed = places[i].is_allowed(c);

            if (i == 3 && c == ':')
                is_allowed = true; /* then the value begins earlier */
            ck_assert_msg(accepts(places[i].head, c) == is_allowed,
                          "byte 0x%02x in %s", c, places[i].head);
        }
}

TEST(a_field_is_found_by_its_name_in_any_case)
{
    check(parse("GET / HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: x\r\n"
                "Range:  y \r\nrange: z\r\nEmpty:\r\n\r\n") > 0);
    check_view(http_header(&request, "if-modified-since"), "x");
    check_view(http_header(&request, "RANGE"), "y");
    check_view(http_header(&request, "Empty"), "");
    check_view(http_header(&request, "Rang"), NULL);
    check_res(http_fields_count(&request.fields, "Range"), 2);
    check_res(http_fields_count(&request.fields, "None"), 0);
}

TEST(a_request_in_HTTP_1_0_needs_no_host)
{
    check(parse("GET / HTTP/1.0\r\n\r\n") > 0);
    check_view(http_view(&request, request.host), NULL);
    check(!request.keep_alive && request.minor == 0);
}

/* A client sends it if the target has no authority (RFC 9110 7.2). */
TEST(an_empty_host_is_a_host)
{
    check(parse("GET / HTTP/1.1\r\nHost:\r\n\r\n") > 0);
    check_view(http_view(&request, request.host), "");
    check(parse("GET http://b/ HTTP/1.1\r\nHost:\r\n\r\n") > 0);
    check_view(http_view(&request, request.host), "b");
}

/* A second request in the struct of the first finds nothing of it. */
TEST(init_forgets_the_last_request)
{
    check(parse("\r\nPOST http://b/x?y HTTP/1.0\r\nHost: a\r\nA: b\r\n"
                "Content-Length: 5\r\nConnection: keep-alive\r\n"
                "Expect: tea\r\n\r\n") > 0);
    check(request.expects_other && request.keep_alive);
    check(parse("GET / HTTP/1.0\r\n\r\n") > 0);
    check(!request.expects_other && !request.keep_alive);
    check(!request.has_content_length && request.content_length == 0);
    check_view(http_view(&request, request.query), NULL);
    check_view(http_scheme(&request), NULL);
    check_view(http_view(&request, request.host), NULL);
    check_res(request.fields.count, 0);
    check_view(http_header(&request, "A"), NULL);
}

/* An answer to an error may depend on these. */
TEST(an_error_shows_nothing_of_the_last_request)
{
    check(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n") > 0);
    check(request.keep_alive && request.minor == 1);
    check_res(parse("\n"), -EBADMSG);
    check_res(request.method, HTTP_OTHER);
    check_res(request.form, HTTP_ORIGIN);
    check(request.minor == 0 && !request.keep_alive);
    check_view(http_header(&request, "A"), NULL);
}

TEST(a_request_has_begun_with_its_first_byte)
{
    http_request_init(&request, &limits);
    check(!http_has_begun(&request));
    check_res(http_parse_request(&request, "\r\n", 2), -EAGAIN);
    check(!http_has_begun(&request)); /* an empty line is none */
    check_res(http_parse_request(&request, "\r\n\r", 3), -EAGAIN);
    check(http_has_begun(&request));
    check_res(http_parse_request(&request, "\r\n\r\nG", 5), -EAGAIN);
    check(http_has_begun(&request));
}

/* Feeds input byte by byte. Overwrites each complete line before it feeds the
 * next byte. The current line stays: the parser reads its name and value once,
 * at its end. A parser that reads an earlier line again finds zeros. */
static int parse_without_memory(const char *input, size_t len)
{
    static char buf[HTTP_HEAD_MAX];
    size_t line = 0;
    int n = -EAGAIN;

    check(len <= sizeof buf);
    http_request_init(&request, &limits);
    for (size_t i = 0; i < len && n == -EAGAIN; i++) {
        buf[i] = input[i];
        n = http_parse_request(&request, buf, i + 1);
        check(n != -EAGAIN || request.scanned == i + 1);
        if (input[i] == '\n') {
            memset(buf + line, 0, i + 1 - line);
            line = i + 1;
        }
    }
    return n;
}

TEST(no_line_is_looked_at_again_after_its_end)
{
    int len = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\n");

    while (len < HTTP_HEAD_MAX - 400)
        len += snprintf(text + len, sizeof text - (size_t)len,
                        "Name-%d: %0350d\r\n", len, len);
    len += snprintf(text + len, sizeof text - (size_t)len, "\r\n");
    check_res(parse_without_memory(text, (size_t)len), len);
}

/* Inside of a line, too: its first bytes are gone before its last ones come.
 * (The line's name must not be one of those that are looked up.) */
TEST(no_byte_of_a_long_value_is_scanned_twice)
{
    static const char start[] = "GET / HTTP/1.0\r\nX-Long: ";
    static char buf[HTTP_FIELD_LINE_MAX];
    size_t at = sizeof start - 1, last = sizeof buf - 5;

    memcpy(buf, start, at);
    memset(buf + at, 'v', sizeof buf - at);
    memcpy(buf + last, "\r\n\r\n", 4);
    http_request_init(&request, &limits);
    for (size_t len = 1; len < last + 4; len++) {
        check_res(http_parse_request(&request, buf, len), -EAGAIN);
        check_res(request.scanned, len);
        if (len > at)
            buf[len - 1] = '\0';
    }
    check_res(http_parse_request(&request, buf, last + 4), (int)last + 4);
}

/* "GET /aaa... HTTP/1.0", a request line of len bytes, and the end of the head.
 * Returns the length of both. */
static size_t write_line(size_t len)
{
    size_t n = (size_t)snprintf(text, sizeof text, "GET /");

    memset(text + n, 'a', len - n);
    n = len - strlen(" HTTP/1.0");
    return n + (size_t)snprintf(text + n, sizeof text - n,
                                " HTTP/1.0\r\n\r\n");
}

static int parse_text(const struct http_limits *with, size_t len)
{
    http_request_init(&request, with);
    return http_parse_request(&request, text, len);
}

/* Returns the result of parsing text[0..len) byte by byte. */
static int parse_bytes(const struct http_limits *with, size_t len)
{
    int n = -EAGAIN;

    http_request_init(&request, with);
    for (size_t i = 1; i <= len && n == -EAGAIN; i++)
        n = http_parse_request(&request, text, i);
    return n;
}

static void check_error(int rc, int status, size_t offset)
{
    check_res(rc, -EBADMSG);
    ck_assert_int_eq(request.error.status, status);
    ck_assert_uint_eq(request.error.offset, offset);
}

/* At once and byte by byte. */
static void check_refused(const struct http_limits *with, size_t len,
                          int status, size_t offset)
{
    check_error(parse_text(with, len), status, offset);
    check_error(parse_bytes(with, len), status, offset);
}

TEST(a_request_line_of_8192_bytes_passes_and_one_more_is_414)
{
    size_t len = write_line(HTTP_LINE_MAX);

    check_res(parse_text(&limits, len), (int)len);
    check_res(parse_bytes(&limits, len), (int)len);
    check_res(request.target.len, HTTP_LINE_MAX - strlen("GET  HTTP/1.0"));
    len = write_line(HTTP_LINE_MAX + 1);
    check_refused(&limits, len, 414, HTTP_LINE_MAX);
    /* As soon as that byte is there, and not before. */
    check_res(parse_text(&limits, HTTP_LINE_MAX), -EAGAIN);
    check_error(parse_text(&limits, HTTP_LINE_MAX + 1), 414, HTTP_LINE_MAX);
    /* Empty lines before the request do not count. */
    len = write_line(HTTP_LINE_MAX);
    memmove(text + 2, text, len);
    memcpy(text, "\r\n", 2);
    check_res(parse_text(&limits, len + 2), (int)len + 2);
}

/* In the target, in each byte of the version, and behind both. */
TEST(the_first_byte_over_the_line_limit_is_refused_wherever_it_is)
{
    for (size_t over = 1; over < 30; over++) {
        size_t len = write_line(HTTP_LINE_MAX + over);

        check_refused(&limits, len, 414, HTTP_LINE_MAX);
        text[HTTP_LINE_MAX + 1] = '\n'; /* a later error does not matter */
        check_refused(&limits, len, 414, HTTP_LINE_MAX);
        text[HTTP_LINE_MAX - 1] = '\0'; /* an earlier one does */
        check_refused(&limits, len, 400, HTTP_LINE_MAX - 1);
    }
}

/* An error that is found only once the line is complete. */
TEST(the_line_limit_comes_before_an_invalid_target)
{
    size_t len = write_line(HTTP_LINE_MAX + 1);

    text[4] = 'x';
    check_refused(&limits, len, 414, HTTP_LINE_MAX);
    len = write_line(HTTP_LINE_MAX);
    text[4] = 'x';
    check_refused(&limits, len, 400, 4);
}

/* A head with one field line of len bytes. Returns the length of the head. */
static size_t write_field_line(size_t len)
{
    size_t n = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.0\r\nX: ");

    memset(text + n, 'x', len - 3);
    n += len - 3;
    return n + (size_t)snprintf(text + n, sizeof text - n, "\r\n\r\n");
}

TEST(a_field_line_of_8192_bytes_passes_and_one_more_is_431)
{
    size_t line = strlen("GET / HTTP/1.0\r\n");
    size_t len = write_field_line(HTTP_FIELD_LINE_MAX);
    size_t last = line + HTTP_FIELD_LINE_MAX;

    check_res(parse_text(&limits, len), (int)len);
    check_res(parse_bytes(&limits, len), (int)len);
    text[last + 1] = 'x'; /* its LF */
    check_refused(&limits, len, 400, last + 1);
    len = write_field_line(HTTP_FIELD_LINE_MAX + 1);
    check_refused(&limits, len, 431, last);
    check_res(parse_text(&limits, last), -EAGAIN);
    check_error(parse_text(&limits, last + 1), 431, last);
    len = write_field_line(HTTP_FIELD_LINE_MAX + 9);
    text[last + 2] = '\0';
    check_refused(&limits, len, 431, last);
    text[last] = '\0';
    check_refused(&limits, len, 400, last);
    len = write_field_line(HTTP_FIELD_LINE_MAX + 1);
    memset(text + line + 2, ' ', HTTP_FIELD_LINE_MAX - 1); /* blanks count */
    check_refused(&limits, len, 431, last);
    memset(text + line, 'x', HTTP_FIELD_LINE_MAX + 1); /* as do names */
    check_refused(&limits, len, 431, last);
}

/* count fields and the end of a head; returns its length. */
static size_t write_fields(size_t count)
{
    size_t n = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.0\r\n");

    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "X: %zu\r\n", i);
    return n + (size_t)snprintf(text + n, sizeof text - n, "\r\n");
}

TEST(a_hundred_fields_pass_and_one_more_is_431)
{
    size_t len = write_fields(HTTP_FIELDS_MAX), end = len - strlen("\r\n");

    check_res(parse_text(&limits, len), (int)len);
    check_res(request.fields.count, HTTP_FIELDS_MAX);
    len = write_fields(HTTP_FIELDS_MAX + 1);
    check_error(parse_text(&limits, len), 431, end);
    len = write_fields(100000);
    check_error(parse_text(&limits, len), 431, end);
}

/* A head of exactly len bytes, most of them in fields of 4000 or fewer. */
static void write_head(size_t len)
{
    size_t n = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.0");

    for (size_t left = len - 4 - n; left > 0; left = len - 4 - n) {
        size_t line = left < 8000 ? left : 4000;

        memset(text + n, 'x', line);
        memcpy(text + n, "\r\nX: ", 5);
        n += line;
    }
    memcpy(text + len - 4, "\r\n\r\n", 5);
}

TEST(a_head_of_32768_bytes_passes_and_one_more_is_431)
{
    write_head(HTTP_HEAD_MAX);
    check_res(parse_text(&limits, HTTP_HEAD_MAX), HTTP_HEAD_MAX);
    check_res(parse_text(&limits, HTTP_HEAD_MAX - 1), -EAGAIN);
    write_head(HTTP_HEAD_MAX + 1);
    check_error(parse_text(&limits, HTTP_HEAD_MAX + 1), 431, HTTP_HEAD_MAX);
    /* A buffer of that size is full now: it must not wait for more. */
    check_error(parse_text(&limits, HTTP_HEAD_MAX), 431, HTTP_HEAD_MAX);
}

TEST(a_line_of_a_megabyte_is_refused_at_the_limit)
{
    (void)write_field_line(1 << 20);
    check_error(parse_text(&limits, 1 << 20), 431, 16 + HTTP_FIELD_LINE_MAX);
    memset(text, 'A', 1 << 16);
    check_error(parse_text(&limits, 1 << 16), 501, HTTP_METHOD_MAX);
    (void)write_line(1 << 20);
    check_error(parse_text(&limits, 1 << 20), 414, HTTP_LINE_MAX);
}

TEST(without_limits_a_request_has_the_default_limits)
{
    static const char input[] =
        "PUT / HTTP/1.0\r\nContent-Length: 1048577\r\n\r\n";

    http_request_init(&request, NULL);
    check_res(http_parse_request(&request, "GET / HTTP/1.0\r\n\r\n", 18), 18);
    check(request.limits->head_max == HTTP_HEAD_MAX);
    check(request.limits->fields_max == HTTP_FIELDS_MAX);
    http_request_init(&request, NULL);
    check_error(http_parse_request(&request, input, sizeof input - 1), 413, 32);
}

TEST(limits_can_be_set_at_run_time)
{
    struct http_limits small = HTTP_LIMITS_DEFAULT;

    small.line_max = 40;
    check_res(parse_text(&small, write_line(40)), 40 + 4);
    check_refused(&small, write_line(41), 414, 40);
    memset(text, 'A', 20); /* a short limit is met in the method */
    small.line_max = 10;
    check_refused(&small, 20, 414, 10);
    small.line_max = HTTP_LINE_MAX;
    small.field_line_max = 4;
    check(parse_text(&small, write_field_line(4)) > 0);
    check_refused(&small, write_field_line(5), 431, 20);
    small.field_line_max = 0;
    check(parse_text(&small, write_fields(0)) > 0);
    check(parse_bytes(&small, write_fields(0)) > 0);
    check_refused(&small, write_fields(1), 431, 16);
    small.field_line_max = HTTP_FIELD_LINE_MAX;
    small.fields_max = 2;
    check(parse_text(&small, write_fields(2)) > 0);
    check_error(parse_text(&small, write_fields(3)), 431, 28);
    small.fields_max = 0;
    check(parse_text(&small, write_fields(0)) > 0);
    check_error(parse_text(&small, write_fields(1)), 431, 16);
    small = limits;
    small.head_max = 100;
    write_head(100);
    check_res(parse_text(&small, 100), 100);
    write_head(101);
    check_error(parse_text(&small, 101), 431, 100);
}

/* The head's limit, met in each part of the head. */
TEST(the_part_at_the_limit_sets_the_status_of_a_long_head)
{
    struct http_limits small = HTTP_LIMITS_DEFAULT;

    small.head_max = 2;
    check_error(parse_text(&small, write_fields(0)), 501, 2);
    small.head_max = 5;
    check_error(parse_text(&small, write_line(30)), 414, 5);
    small.head_max = 10;
    check_error(parse_text(&small, write_fields(0)), 431, 10);
    small.head_max = 17;
    check_error(parse_text(&small, write_fields(0)), 431, 17);
}

TEST(a_length_over_the_limit_is_413)
{
    struct http_limits small = HTTP_LIMITS_DEFAULT;
    size_t len;

    small.body_max = 5;
    len = (size_t)snprintf(text, sizeof text,
                           "PUT / HTTP/1.0\r\nContent-Length: 5\r\n\r\n");
    check_res(parse_text(&small, len), (int)len);
    len = (size_t)snprintf(text, sizeof text,
                           "PUT / HTTP/1.0\r\nContent-Length: 6\r\n\r\n");
    check_error(parse_text(&small, len), 413, 32);
    small.body_max = INT64_MAX;
    len = (size_t)snprintf(text, sizeof text,
                           "PUT / HTTP/1.0\r\n"
                           "Content-Length: 9223372036854775807\r\n\r\n");
    check_res(parse_text(&small, len), (int)len);
    check(request.content_length == INT64_MAX);
}

/* The input of the next test: two lines, the first of them with a value of
 * value_len bytes, then a line with a bare LF. Returns the offset of the LF. */
static size_t write_bare_lf(size_t value_len)
{
    int n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nA: %0*d\r\n",
                     (int)value_len, 0);

    snprintf(text + n, sizeof text - (size_t)n, "B: b\nHost: a\r\n\r\n%0200d",
             0);
    return (size_t)n + 4;
}

/* A scan looks at 64 bytes at a time. CR and LF may be in different blocks. */
TEST(each_scan_finds_a_bare_lf_at_any_distance_from_the_last_line)
{
    for (const struct http_scan *scan = http_scans; scan->name != NULL;
         scan++) {
        if (!scan->is_supported())
            continue;
        http_scan_use(scan);
        for (size_t len = 1; len < 200; len++) {
            size_t offset = write_bare_lf(len);

            check_error(parse(text), 400, offset);
            text[offset] = '\x01';
            check_error(parse(text), 400, offset);
            check_res(parse_text(&limits, offset), -EAGAIN);
        }
    }
}

/* Hosts of all lengths up to 40, of bytes that a port or an address may have.
 * The parser has a short way for usual hosts. */
TEST(a_host_is_accepted_if_and_only_if_the_grammar_has_it)
{
    static const char bytes[] = "aZ09.-:-.:0123/%_[]~\xe9";
    uint32_t state = 1;
    char host[41];

    for (size_t i = 0; i < 200000; i++) {
        size_t len = 1 + i % 40;
        /* Most bytes are letters, or most hosts would be invalid. */
        for (size_t k = 0; k < len; k++) {
            state = state * 1664525 + 1013904223;
            host[k] = state >> 28 > 1 && (k < 3 || k + 5 < len)
                          ? 'h'
                          : bytes[(state >> 16) % (sizeof bytes - 1)];
        }
        host[len] = '\0';
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
        ck_assert_msg((parse(text) > 0) == http_is_host(view_of(host)), "%s",
                      host);
    }
}

TEST(no_byte_is_read_behind_an_escape_that_is_cut)
{
    static const char head[] = "GET /a/path/of/more/than/32/bytes/%41%";
    size_t size = sys_page_size(), len = sizeof head - 1;
    void *memory;
    char *end;

    check_res(sys_map(&memory, 2 * size), 0);
    end = (char *)memory + size;
    check_res(sys_guard(end, size), 0);
    for (size_t cut = 0; cut < 6; cut++) {
        memcpy(end - (len - cut), head, len - cut);
        http_request_init(&request, &limits);
        check_res(http_parse_request(&request, end - (len - cut), len - cut),
                  -EAGAIN);
    }
}

TEST(a_port_is_at_most_65535)
{
    for (unsigned port = 0; port < 100000; port += port < 65500 ? 41 : 1) {
        snprintf(text, sizeof text,
                 "GET / HTTP/1.1\r\nHost: example.org:%u\r\n\r\n", port);
        ck_assert_msg((parse(text) > 0) == (port <= 65535), "%u", port);
    }
}

/* Returns the signal by which f ends a process, or 0 if f returns. Drops the
 * message of the process. */
static int signal_of(void (*f)(void))
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        check(freopen("/dev/null", "w", stderr) != NULL);
        signal(SIGABRT, SIG_DFL);
        f();
        _exit(0);
    }
    check(children_wait(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void parse_on_behind_the_end(void)
{
    (void)parse("GET / HTTP/1.0\r\n\r\n");
    (void)http_parse_request(&request, "GET / HTTP/1.0\r\n\r\n", 18);
}

static void parse_on_behind_an_error(void)
{
    (void)parse("GET\r\n");
    (void)http_parse_request(&request, "GET\r\n\r\n", 7);
}

static void parse_without_init(void)
{
    memset(&request, 0, sizeof request);
    request.limits = &limits;
    (void)http_parse_request(&request, "GET", 3);
}

static void parse_once(void)
{
    (void)parse("GET / HTTP/1.0\r\n\r\n");
}

TEST(a_request_is_not_parsed_on_without_init)
{
    check_res(signal_of(parse_once), 0);
    check_res(signal_of(parse_on_behind_the_end), SIGABRT);
    check_res(signal_of(parse_on_behind_an_error), SIGABRT);
    check_res(signal_of(parse_without_init), SIGABRT);
}

int main(void)
{
    suite_begin("http");
    suite_add(the_head_ends_where_the_body_starts);
    suite_add(a_target_is_split_into_its_parts);
    suite_add(each_method_has_its_number);
    suite_add(each_of_256_bytes_is_accepted_only_where_the_grammar_has_it);
    suite_add(a_field_is_found_by_its_name_in_any_case);
    suite_add(a_request_in_HTTP_1_0_needs_no_host);
    suite_add(an_empty_host_is_a_host);
    suite_add(init_forgets_the_last_request);
    suite_add(an_error_shows_nothing_of_the_last_request);
    suite_add(a_request_has_begun_with_its_first_byte);
    suite_add(no_line_is_looked_at_again_after_its_end);
    suite_add(no_byte_of_a_long_value_is_scanned_twice);
    suite_add(a_request_line_of_8192_bytes_passes_and_one_more_is_414);
    suite_add(the_first_byte_over_the_line_limit_is_refused_wherever_it_is);
    suite_add(the_line_limit_comes_before_an_invalid_target);
    suite_add(a_field_line_of_8192_bytes_passes_and_one_more_is_431);
    suite_add(a_hundred_fields_pass_and_one_more_is_431);
    suite_add(a_head_of_32768_bytes_passes_and_one_more_is_431);
    suite_add(a_line_of_a_megabyte_is_refused_at_the_limit);
    suite_add(without_limits_a_request_has_the_default_limits);
    suite_add(limits_can_be_set_at_run_time);
    suite_add(the_part_at_the_limit_sets_the_status_of_a_long_head);
    suite_add(a_length_over_the_limit_is_413);
    suite_add(a_host_is_accepted_if_and_only_if_the_grammar_has_it);
    suite_add(no_byte_is_read_behind_an_escape_that_is_cut);
    suite_add(a_port_is_at_most_65535);
    suite_add(each_scan_finds_a_bare_lf_at_any_distance_from_the_last_line);
    suite_add(a_request_is_not_parsed_on_without_init);
    return suite_end();
}
