/* serve_ranges.c: serve from outside: parts of a file.
 *
 * Judges: serve. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asking.h"

#define SMALL 1000
#define LARGE 300000  /* a copy of three blocks */
#define HUGE 17000000 /* never copied */

/* Asks for a part of a file; fields: lines, or "". */
static void ask_part(const char *target, const char *range, const char *fields)
{
    char request[1024];

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST
             "Range: %s\r\n%s\r\n", target, range, fields);
    ask(request);
}

static void check_part(const char *target, size_t size, size_t at, size_t len)
{
    char range[64], content_range[64];

    snprintf(range, sizeof range, "bytes=%zu-%zu", at, at + len - 1);
    snprintf(content_range, sizeof content_range, "bytes %zu-%zu/%zu", at,
             at + len - 1, size);
    ask_part(target, range, "");
    ck_assert_msg(a.status == 206, "%s: %s", range, a.head);
    ck_assert_str_eq(answer_field(&a, "Content-Range"), content_range);
    ck_assert_uint_eq(a.body_len, len);
    ck_assert(is_pattern(a.body, len, at));
}

/* Parts at the borders of blocks and of the file, each of them twice: the first
 * time the server may send the file, and the second time a copy. */
static void check_parts(const char *target, size_t size)
{
    static const size_t borders[] = {0, 1, 4096, 131071, 131072, 131073};

    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++) {
        size_t at = borders[i];

        for (int round = 0; round < 2 && at < size; round++) {
            check_part(target, size, at, 1);
            check_part(target, size, at, 1 + (size - at > 1));
            check_part(target, size, at, size - at < 5000 ? size - at : 5000);
            if (size - at < BODY_MAX)
                check_part(target, size, at, size - at);
        }
    }
    check_part(target, size, size - 1, 1);
}

/* Asks for the last byte until a copy answers. On a slow machine a copy may
 * expire between two requests. */
static void await_copy(const char *target, size_t size)
{
    long hits;
    int tries = 0;

    do {
        ck_assert_int_lt(tries++, 100);
        hits = daemon_counter(&server, "cache_hits");
        check_part(target, size, size - 1, 1);
    } while (daemon_counter(&server, "cache_hits") == hits);
}

TEST(a_part_of_a_file_has_its_bytes)
{
    begin();
    site_pattern("root/grows", SMALL);
    site_pattern("root/small", SMALL);
    site_pattern("root/large", LARGE);
    site_pattern("root/huge", HUGE);
    site_link("root/link", "large");
    await_copy("/grows", SMALL);
    await_copy("/small", SMALL); /* has the next block of memory */
    check_parts("/small", SMALL);
    await_copy("/large", LARGE);
    check_parts("/large", LARGE);
    site_pattern("root/grows", LARGE);
    await_copy("/grows", LARGE); /* its blocks are not adjacent */
    check_parts("/grows", LARGE);
    check_parts("/huge", HUGE);
    check_parts("/link", LARGE); /* never copied */
    end();
}

TEST(a_part_has_the_fields_of_the_whole_file)
{
    char tag[128], type[128], modified[64];

    begin();
    ask(GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    strcpy(tag, answer_field(&a, "ETag"));
    strcpy(type, answer_field(&a, "Content-Type"));
    strcpy(modified, answer_field(&a, "Last-Modified"));
    ck_assert_str_eq(answer_field(&a, "Accept-Ranges"), "bytes");
    ask_part("/a.txt", "bytes=1-3", "");
    check_answer(&a, 206, "ell");
    ck_assert_str_eq(answer_field(&a, "ETag"), tag);
    ck_assert_str_eq(answer_field(&a, "Content-Type"), type);
    ck_assert_str_eq(answer_field(&a, "Last-Modified"), modified);
    ck_assert_str_eq(answer_field(&a, "Content-Range"), "bytes 1-3/6");
    ck_assert_int_eq(a.length, 3);
    ck_assert(!a.closes);
    ask_part("/a.txt", "bytes=-2", "");
    check_answer(&a, 206, "o\n");
    ask_part("/a.txt", "bytes=4-99", "");
    check_answer(&a, 206, "o\n");
    ask(GET("/a.txt")); /* the copy's lines are those of the whole */
    check_answer(&a, 200, "hello\n");
    ck_assert_ptr_null(answer_field(&a, "Content-Range"));
    end();
}

TEST(a_part_beyond_the_end_is_416_with_the_size)
{
    begin();
    ask_part("/a.txt", "bytes=6-", "");
    check_page(&a, 416);
    ck_assert_str_eq(answer_field(&a, "Content-Range"), "bytes */6");
    ck_assert(!a.closes);
    ask_part("/a.txt", "bytes=-0", "");
    check_page(&a, 416);
    ask_part("/a.txt", "bytes=18446744073709551616-", "");
    check_page(&a, 416);
    ask_part("/a.txt", "bytes=6-", "If-Range: \"x\"\r\n");
    check_answer(&a, 200, "hello\n");
    end();
}

TEST(what_is_not_one_range_of_bytes_gets_the_whole_file)
{
    static const char *const ranges[] = {
        "bytes=0-0,2-2", "bytes=x", "lines=0-1", "bytes=3-2", "",
    };

    begin();
    site_text("root/empty", "");
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        ask_part("/a.txt", ranges[i], "");
        check_answer(&a, 200, "hello\n");
        ck_assert_ptr_null(answer_field(&a, "Content-Range"));
    }
    ask_part("/a.txt", "bytes=0-0", "Range: bytes=1-1\r\n");
    check_answer(&a, 200, "hello\n");
    ask_part("/empty", "bytes=0-", "");
    check_answer(&a, 200, "");
    end();
}

TEST(head_ignores_a_range)
{
    begin();
    ask("HEAD /a.txt HTTP/1.1\r\n" HOST "Range: bytes=0-0\r\n\r\n");
    ck_assert_int_eq(a.status, 200);
    ck_assert_int_eq(a.length, 6);
    ck_assert_str_eq(answer_field(&a, "Accept-Ranges"), "bytes");
    ask("HEAD /a.txt HTTP/1.1\r\n" HOST "Range: bytes=9-\r\n\r\n");
    ck_assert_int_eq(a.status, 200);
    end();
}

TEST(a_page_has_no_parts)
{
    begin();
    site_dir("root/d");
    ask_part("/none", "bytes=0-0", "");
    check_page(&a, 404);
    ask_part("/%00", "bytes=0-0", "");
    check_page(&a, 400);
    ask_part("/d", "bytes=0-0", "");
    ck_assert_int_eq(a.status, 301);
    ask("POST /a.txt HTTP/1.1\r\n" HOST "Range: bytes=0-0\r\n\r\n");
    check_page(&a, 405);
    end();
}

TEST(a_client_that_has_the_file_gets_304_and_not_a_part)
{
    char fields[256];

    begin();
    ask(GET("/a.txt"));
    snprintf(fields, sizeof fields, "If-None-Match: %s\r\n",
             answer_field(&a, "ETag"));
    ask_part("/a.txt", "bytes=0-0", fields);
    check_answer(&a, 304, "");
    ask_part("/a.txt", "bytes=0-0", "If-None-Match: \"x\"\r\n");
    check_answer(&a, 206, "h");
    ask_part("/a.txt", "bytes=0-0", "If-Match: \"x\"\r\n");
    check_page(&a, 412);
    end();
}

/* The first part is of one file, and the second must not be of another. */
TEST(a_download_is_continued_only_if_the_file_is_the_same)
{
    char fields[256];
    long end_ms = now_ms() + DAEMON_DEADLINE_MS;

    begin();
    site_link("root/link", "a.txt"); /* a copy would keep its weak tag */
    do {
        ask_part("/link", "bytes=0-2", "");
        check_answer(&a, 206, "hel");
    } while (answer_field(&a, "ETag")[0] == 'W' && now_ms() < end_ms);
    snprintf(fields, sizeof fields, "If-Range: %s\r\n",
             answer_field(&a, "ETag"));
    ask_part("/link", "bytes=3-", fields);
    check_answer(&a, 206, "lo\n");
    site_text("root/a.txt", "HELLO\n");
    ask_part("/link", "bytes=3-", fields);
    check_answer(&a, 200, "HELLO\n");
    end();
}

TEST(pipelined_parts_come_in_order)
{
    begin();
    site_pattern("root/large", LARGE);
    client_send(&c, "GET /a.txt HTTP/1.1\r\n" HOST "Range: bytes=0-1\r\n\r\n"
                    "GET /a.txt HTTP/1.1\r\n" HOST "Range: bytes=9-\r\n\r\n"
                    "GET /large HTTP/1.1\r\n" HOST "Range: bytes=-9\r\n\r\n"
                    "GET /a.txt HTTP/1.1\r\n" HOST "Range: bytes=2-\r\n\r\n"
                    GET("/a.txt"));
    client_take(&c, &a);
    check_answer(&a, 206, "he");
    client_take(&c, &a);
    check_page(&a, 416);
    client_take(&c, &a);
    ck_assert_int_eq(a.status, 206);
    ck_assert(a.body_len == 9 && is_pattern(a.body, 9, LARGE - 9));
    client_take(&c, &a);
    check_answer(&a, 206, "llo\n");
    client_take(&c, &a);
    check_answer(&a, 200, "hello\n");
    end();
}

int main(void)
{
    suite_begin("serve_ranges");
    suite_add(a_part_of_a_file_has_its_bytes);
    suite_add(a_part_has_the_fields_of_the_whole_file);
    suite_add(a_part_beyond_the_end_is_416_with_the_size);
    suite_add(what_is_not_one_range_of_bytes_gets_the_whole_file);
    suite_add(head_ignores_a_range);
    suite_add(a_page_has_no_parts);
    suite_add(a_client_that_has_the_file_gets_304_and_not_a_part);
    suite_add(a_download_is_continued_only_if_the_file_is_the_same);
    suite_add(pipelined_parts_come_in_order);
    return suite_end();
}
