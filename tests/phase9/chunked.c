/* chunked.c: the decoder of chunks by itself: offsets, limits, leftovers. */
#include "chunked.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

static const struct http_limits limits = HTTP_LIMITS_DEFAULT;
static struct chunked decoder;
static char buf[1 << 18];
static size_t body_len, consumed;

static int decode(const char *input)
{
    memcpy(buf, input, strlen(input));
    return chunked_decode(&decoder, buf, strlen(input), &body_len, &consumed);
}

static void check_body(const char *expected)
{
    ck_assert_msg(body_len == strlen(expected) &&
                      memcmp(buf, expected, body_len) == 0,
                  "'%.*s', not '%s'", (int)body_len, buf, expected);
}

TEST(data_moves_together_and_the_rest_stays)
{
    static const char input[] = "5\r\nhello\r\n1;x\r\n,\r\n6\r\n world\r\n0\r\n"
                                "A: b\r\n\r\nGET /";
    size_t end = strlen(input) - strlen("A: b\r\n\r\nGET /");

    chunked_init(&decoder, &limits);
    check_res(decode(input), 1);
    check_body("hello, world");
    check_res(consumed, end);
    check(strncmp(buf + consumed, input + end, strlen(input + end)) == 0);
}

TEST(a_chunk_is_consumed_to_its_end)
{
    chunked_init(&decoder, &limits);
    check_res(decode("5\r\nhe"), -EAGAIN);
    check_body("he");
    check_res(consumed, 5);
    check_res(decode("l"), -EAGAIN);
    check_body("l");
    check_res(decode("lo\r\n3"), -EAGAIN);
    check_body("lo");
    check_res(consumed, 5);
    check_res(decode("\r\nabc\r\n0\r"), -EAGAIN);
    check_body("abc");
    check_res(decode("\nrest"), 1);
    check_body("");
    check_res(consumed, 1);
}

TEST(an_empty_chunk_of_input_changes_nothing)
{
    chunked_init(&decoder, &limits);
    check_res(decode(""), -EAGAIN);
    check(body_len == 0 && consumed == 0);
    check_res(decode("0\r\n"), 1);
}

TEST(data_decoded_before_an_error_is_kept)
{
    chunked_init(&decoder, &limits);
    check_res(decode("2\r\nhi\r\n"), -EAGAIN);
    check_res(decode("3\r\nyou?\r\n"), -EBADMSG);
    check_body("you");
    check_res(decoder.error.status, 400);
    check_res(decoder.error.offset, 13); /* from the first input's start */
    check_res(consumed, 6);
}

TEST(a_body_may_reach_its_limit_and_no_more)
{
    struct http_limits small = HTTP_LIMITS_DEFAULT;

    small.body_max = 5;
    chunked_init(&decoder, &small);
    check_res(decode("2\r\nhi\r\n3\r\nyou\r\n0\r\n"), 1);
    check_body("hiyou");
    chunked_init(&decoder, &small);
    check_res(decode("2\r\nhi\r\n4\r\nyou!\r\n0\r\n"), -EBADMSG);
    check_res(decoder.error.status, 413);
    check_res(decoder.error.offset, 9);
    small.body_max = 0;
    chunked_init(&decoder, &small);
    check_res(decode("0\r\n"), 1);
    chunked_init(&decoder, &small);
    check_res(decode("1\r\n"), -EBADMSG);
    check_res(decoder.error.status, 413);
}

TEST(sizes_add_up_to_2_to_the_63_and_no_further)
{
    struct http_limits large = HTTP_LIMITS_DEFAULT;

    large.body_max = INT64_MAX;
    chunked_init(&decoder, &large);
    check_res(decode("7fffffffffffffff\r\nhello"), -EAGAIN);
    check_body("hello");
    chunked_init(&decoder, &large);
    check_res(decode("1\r\na\r\n7ffffffffffffffe\r\nhello"), -EAGAIN);
    chunked_init(&decoder, &large);
    check_res(decode("1\r\na\r\n7fffffffffffffff\r\nhello"), -EBADMSG);
    check_res(decoder.error.status, 413);
    chunked_init(&decoder, &large);
    check_res(decode("8000000000000000\r\nhello"), -EBADMSG);
    check_res(decoder.error.status, 400);
}

/* Extensions are counted over all chunks, the semicolons included. */
static int decode_extensions(size_t count, size_t len)
{
    static char input[1 << 18];
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        n += (size_t)snprintf(input + n, sizeof input - n, "1;");
        memset(input + n, 'x', len - 1);
        n += len - 1;
        n += (size_t)snprintf(input + n, sizeof input - n, "\r\na\r\n");
    }
    snprintf(input + n, sizeof input - n, "0\r\n");
    chunked_init(&decoder, &limits);
    return decode(input);
}

TEST(extensions_of_4096_bytes_pass_and_one_more_is_400)
{
    check_res(decode_extensions(1, 4096), 1);
    check_body("a");
    check_res(decode_extensions(1, 4097), -EBADMSG);
    check_res(decoder.error.status, 400);
    check_res(decoder.error.offset, 1 + 4096);
    check_res(decode_extensions(1024, 4), 1);
    check_res(body_len, 1024);
    check_res(decode_extensions(1025, 4), -EBADMSG);
    check_res(decode_extensions(2, 65536), -EBADMSG);
    check_res(decoder.error.offset, 1 + 4096);
}

int main(void)
{
    suite_begin("chunked");
    suite_add(data_moves_together_and_the_rest_stays);
    suite_add(a_chunk_is_consumed_to_its_end);
    suite_add(an_empty_chunk_of_input_changes_nothing);
    suite_add(data_decoded_before_an_error_is_kept);
    suite_add(a_body_may_reach_its_limit_and_no_more);
    suite_add(sizes_add_up_to_2_to_the_63_and_no_further);
    suite_add(extensions_of_4096_bytes_pass_and_one_more_is_400);
    return suite_end();
}
