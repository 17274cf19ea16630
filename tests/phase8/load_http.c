/* load_http.c: responses are counted, however the stream is cut. */
#include "load_http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

static const char stream[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello"
    "HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n"
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\r\n\r\n";
#define STREAM_LEN (sizeof stream - 1)

/* The response ends with the byte that the count says. */
TEST(responses_are_counted_at_every_split)
{
    for (size_t first = 0; first <= STREAM_LEN; first++) {
        for (size_t second = first; second <= STREAM_LEN; second++) {
            static struct load_http http;
            int count = 0;

            memset(&http, 0, sizeof http);
            count += load_http_take(&http, stream, first);
            count += load_http_take(&http, stream + first, second - first);
            count += load_http_take(&http, stream + second,
                                    STREAM_LEN - second);
            ck_assert_int_eq(count, 3);
            ck_assert_uint_eq(http.refused, 1);
        }
    }
}

TEST(a_response_counts_when_its_last_byte_has_come)
{
    static struct load_http http;
    size_t ends[3], found = 0;

    for (size_t i = 0; i < STREAM_LEN; i++)
        if (load_http_take(&http, stream + i, 1) == 1)
            ends[found++] = i;
    ck_assert_uint_eq(found, 3);
    ck_assert_uint_eq(ends[0], strstr(stream, "hello") + 4 - stream);
    ck_assert_uint_eq(ends[2], STREAM_LEN - 1);
}

TEST(what_is_not_a_response_is_refused)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        static struct load_http http;

        memset(&http, 0, sizeof http);
        check_res(load_http_take(&http, texts[i], strlen(texts[i])), -EBADMSG);
    }
}

TEST(a_head_has_a_limit)
{
    static struct load_http http;
    static char head[LOAD_HEAD_MAX + 1];

    memset(head, 'a', sizeof head);
    check_res(load_http_take(&http, head, sizeof head), -EMSGSIZE);
}

int main(void)
{
    suite_begin("load_http");
    suite_add(responses_are_counted_at_every_split);
    suite_add(a_response_counts_when_its_last_byte_has_come);
    suite_add(what_is_not_a_response_is_refused);
    suite_add(a_head_has_a_limit);
    return suite_end();
}
