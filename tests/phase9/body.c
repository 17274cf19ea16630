/* body.c: a body to its exact end, and the trailers after it. */
#include "body.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

static struct http_limits limits = HTTP_LIMITS_DEFAULT;
static struct http_request request;
static struct body body;
static char buf[1 << 16];
static size_t body_len, consumed;

/* Begins the body of a request with that field. */
static void begin(const char *field)
{
    static char head[256];
    int len = snprintf(head, sizeof head,
                       "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n", field);

    http_request_init(&request, &limits);
    check_res(http_parse_request(&request, head, (size_t)len), len);
    body_init(&body, &request);
}

static void begin_chunked(void)
{
    begin("Transfer-Encoding: chunked\r\n");
}

/* Decodes input at an offset of the buffer: the offset may change. */
static int decode_at(size_t offset, const char *input)
{
    memcpy(buf + offset, input, strlen(input));
    return body_decode(&body, buf + offset, strlen(input), &body_len,
                       &consumed);
}

TEST(no_length_and_no_coding_is_no_body)
{
    begin("");
    check_res(decode_at(0, ""), 1);
    check(body_len == 0 && consumed == 0);
    begin("");
    check_res(decode_at(0, "GET / HTTP/1.1\r\n"), 1);
    check(body_len == 0 && consumed == 0);
}

TEST(a_length_of_0_is_no_body)
{
    begin("Content-Length: 0\r\n");
    check_res(decode_at(0, "GET"), 1);
    check(body_len == 0 && consumed == 0);
}

TEST(a_length_is_counted_down_and_the_next_request_left_alone)
{
    begin("Content-Length: 5\r\n");
    check_res(decode_at(0, "he"), -EAGAIN);
    check(body_len == 2 && consumed == 2);
    check_res(decode_at(0, ""), -EAGAIN);
    check_res(decode_at(0, "lloGET /"), 1);
    check(body_len == 3 && consumed == 3);
    check(memcmp(buf, "lloGET /", 8) == 0);
}

TEST(trailers_are_consumed_as_a_whole_wherever_they_were_moved)
{
    begin_chunked();
    check_res(decode_at(0, "2\r\nhi\r\n0\r\nA: b\r\nC"), -EAGAIN);
    check(body_len == 2 && consumed == 10);
    check_res(decode_at(1000, "A: b\r\nC: d"), -EAGAIN);
    check(body_len == 0 && consumed == 0);
    check_res(decode_at(77, "A: b\r\nC: d\r\n\r\nGET"), 1);
    check(body_len == 0 && consumed == 14);
    check_res(body.part, BODY_DONE);
    check_res(body.trailers.count, 2);
    check(view_equal(http_fields_find(&body.trailers, "a"), view_of("b")));
    check(view_equal(http_fields_find(&body.trailers, "C"), view_of("d")));
}

TEST(an_error_is_counted_from_the_first_byte_of_the_body)
{
    begin_chunked();
    check_res(decode_at(0, "2\r\nhi\r\n"), -EAGAIN);
    check_res(decode_at(0, "0\r\nA: b\r\n"), -EAGAIN);
    check_res(decode_at(0, "A: b\r\n C\r\n\r\n"), -EBADMSG);
    check_res(body.error.status, 400);
    check_res(body.error.offset, 7 + 3 + 6);
    begin_chunked();
    check_res(decode_at(0, "2\r\nhi\r\n"), -EAGAIN);
    check_res(decode_at(0, "x"), -EBADMSG);
    check_res(body.error.offset, 7);
}

/* The last chunk, and trailers of exactly len bytes. */
static int decode_trailers(size_t len)
{
    static char input[1 << 15];
    size_t n = (size_t)snprintf(input, sizeof input, "0\r\nX: ");

    memset(input + n, 'x', len - 7);
    snprintf(input + n + len - 7, sizeof input - n - len + 7, "\r\n\r\n");
    check_res(strlen(input), 3 + len);
    begin_chunked();
    return decode_at(0, input);
}

TEST(trailers_of_4096_bytes_pass_and_one_more_is_431)
{
    check_res(decode_trailers(HTTP_TRAILERS_MAX), 1);
    check_res(consumed, 3 + HTTP_TRAILERS_MAX);
    check_res(decode_trailers(HTTP_TRAILERS_MAX + 1), -EBADMSG);
    check_res(body.error.status, 431);
    check_res(body.error.offset, 3 + HTTP_TRAILERS_MAX);
    check_res(decode_trailers(20000), -EBADMSG);
    check_res(body.error.offset, 3 + HTTP_TRAILERS_MAX);
    check_res(body.part, BODY_ERROR);
}

/* A buffer of that size is full now: it must not wait for more. */
TEST(trailers_that_fill_their_limit_without_an_end_are_431)
{
    static char input[HTTP_TRAILERS_MAX + 1];

    memset(input, 'x', HTTP_TRAILERS_MAX);
    begin_chunked();
    check_res(decode_at(0, "0\r\n"), -EAGAIN);
    check_res(decode_at(0, input), -EBADMSG);
    check_res(body.error.status, 431);
    input[HTTP_TRAILERS_MAX - 1] = '\0';
    begin_chunked();
    check_res(decode_at(0, "0\r\n"), -EAGAIN);
    check_res(decode_at(0, input), -EAGAIN);
}

TEST(trailers_have_as_many_fields_as_a_head)
{
    static char input[4096];
    size_t n;

    for (int count = 100; count <= 101; count++) {
        n = (size_t)snprintf(input, sizeof input, "0\r\n");
        for (int i = 0; i < count; i++)
            n += (size_t)snprintf(input + n, sizeof input - n, "X:\r\n");
        snprintf(input + n, sizeof input - n, "\r\n");
        begin_chunked();
        check_res(decode_at(0, input), count == 100 ? 1 : -EBADMSG);
    }
    check_res(body.error.status, 431);
    check_res(body.error.offset, 3 + 100 * 4);
}

TEST(a_chunked_body_over_the_limit_is_413)
{
    limits.body_max = 4;
    begin_chunked();
    check_res(decode_at(0, "5\r\nhello"), -EBADMSG);
    check_res(body.error.status, 413);
    check_res(body_len, 0);
}

/* One byte at a time, the buffer never longer than what must be kept. */
TEST(trailers_byte_by_byte_need_no_more_than_their_limit)
{
    static const char input[] = "0\r\nA: b\r\nCc: dd\r\n\r\n";
    size_t kept = 0;
    int rc = -EAGAIN;

    begin_chunked();
    for (size_t i = 0; i < sizeof input - 1; i++) {
        check_res(rc, -EAGAIN);
        buf[kept++] = input[i];
        rc = body_decode(&body, buf, kept, &body_len, &consumed);
        memmove(buf, buf + consumed, kept - consumed);
        kept -= consumed;
        check(rc == 1 || body.scanned == kept);
    }
    check_res(rc, 1);
    check_res(body.trailers.count, 2);
    check_res(kept, 0);
}

int main(void)
{
    suite_begin("body");
    suite_add(no_length_and_no_coding_is_no_body);
    suite_add(a_length_of_0_is_no_body);
    suite_add(a_length_is_counted_down_and_the_next_request_left_alone);
    suite_add(trailers_are_consumed_as_a_whole_wherever_they_were_moved);
    suite_add(an_error_is_counted_from_the_first_byte_of_the_body);
    suite_add(trailers_of_4096_bytes_pass_and_one_more_is_431);
    suite_add(trailers_that_fill_their_limit_without_an_end_are_431);
    suite_add(trailers_have_as_many_fields_as_a_head);
    suite_add(a_chunked_body_over_the_limit_is_413);
    suite_add(trailers_byte_by_byte_need_no_more_than_their_limit);
    return suite_end();
}
