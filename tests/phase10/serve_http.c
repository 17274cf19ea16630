/* serve_http.c: serve from outside: one request and its answer: methods,
 * targets, conditions, redirects, and what is refused.
 *
 * Judges: serve. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "asking.h"

/* Sends a request on a new connection. The answer must end the connection. */
static void ask_last(const char *request, int status)
{
    reopen();
    ask(request);
    check_page(&a, status);
    ck_assert(a.closes);
}

TEST(a_file_is_served)
{
    begin();
    ask(GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    ck_assert_str_eq(answer_field(&a, "Content-Type"),
                     "text/plain; charset=utf-8");
    ck_assert(a.keeps_alive);
    ck_assert_str_eq(answer_field(&a, "Keep-Alive"), "timeout=30");
    end();
}

/* Replaces the parts that change with the time of day. */
static const char *without_date(const struct answer *answer)
{
    static char head[2][sizeof answer->head];
    static int latest;
    char *copy = head[latest ^= 1], *date, *weak;

    strcpy(copy, answer->head);
    date = strstr(copy, "Date: ");
    memset(date, 'x', 35);
    weak = strstr(copy, "ETag: W/"); /* for 20 ms after the file's change */
    if (weak != NULL)
        memmove(weak + 6, weak + 8, strlen(weak + 8) + 1);
    return copy;
}

TEST(head_is_answered_as_get_is_but_for_the_body)
{
    static const char *const targets[] = {
        "/a.txt", "/big", "/empty", "/none", "/dir", "/dir/", "/%", "/dir?x",
    };
    static char got[sizeof a.head];
    char request[64];

    begin();
    site_dir("root/dir");
    site_text("root/dir/index.html", "<p>index");
    site_text("root/empty", "");
    site_pattern("root/big", 300000);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        reopen();
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "\r\n",
                 targets[i]);
        ask(request);
        strcpy(got, without_date(&a));
        reopen();
        snprintf(request, sizeof request, "HEAD %s HTTP/1.1\r\n" HOST "\r\n",
                 targets[i]);
        ask(request);
        ck_assert_str_eq(without_date(&a), got);
        if (!a.closes) { /* nothing came behind the head */
            ask(GET("/a.txt"));
            check_answer(&a, 200, "hello\n");
        }
    }
    end();
}

TEST(other_methods_are_refused_with_what_is_allowed)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "TRACE",
                                          "PATCH"};
    char request[64];

    begin();
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        snprintf(request, sizeof request, "%s /a.txt HTTP/1.1\r\n" HOST "\r\n",
                 methods[i]);
        ask(request);
        check_page(&a, 405);
        ck_assert_str_eq(answer_field(&a, "Allow"), "GET, HEAD, OPTIONS");
        ck_assert(!a.closes);
    }
    ask("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n");
    check_page(&a, 405);
    ck_assert_str_eq(answer_field(&a, "Allow"), "GET, HEAD, OPTIONS");
    ask("BREW /a.txt HTTP/1.1\r\n" HOST "\r\n");
    check_page(&a, 501);
    ask("get /a.txt HTTP/1.1\r\n" HOST "\r\n");
    check_page(&a, 501);
    ask(GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    end();
}

TEST(options_is_answered_with_the_methods_and_without_a_body)
{
    static const char *const targets[] = {"*", "/", "/a.txt", "/none"};
    char request[64];

    begin();
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        snprintf(request, sizeof request, "OPTIONS %s HTTP/1.1\r\n" HOST "\r\n",
                 targets[i]);
        ask(request);
        check_answer(&a, 204, "");
        ck_assert_str_eq(answer_field(&a, "Allow"), "GET, HEAD, OPTIONS");
        ck_assert(!a.closes);
    }
    /* HAProxy's "option httpchk" takes a server out unless this is 2xx. */
    ask("OPTIONS / HTTP/1.0\r\n\r\n");
    check_answer(&a, 204, "");
    ck_assert(a.closes);
    end();
}

TEST(a_bad_request_is_answered_once_and_ends_the_connection)
{
    static char request[20000] = "GET /", *at = request + 5;

    begin();
    ask_last("\n" GET("/a.txt"), 400);
    ask_last("GET /a.txt HTTP/1.1\r\n\r\n" GET("/a.txt"), 400);
    ask_last("GET /a.txt HTTP/1.1\r\n" HOST " x\r\n\r\n", 400);
    ask_last("GET /%zz HTTP/1.1\r\n" HOST "\r\n", 400);
    ask_last("GET /a.txt HTTP/2.0\r\n" HOST "\r\n", 505);
    ask_last("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
    ask_last("GET /a.txt HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\n",
             413);
    ask_last("GET /a.txt HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked"
             "\r\n\r\n", 501);
    memset(at, 'x', 9000);
    strcpy(at + 9000, " HTTP/1.1\r\n" HOST "\r\n");
    ask_last(request, 414);
    strcpy(request, "GET / HTTP/1.1\r\n" HOST "X: ");
    at = request + strlen(request);
    memset(at, 'x', 9000);
    strcpy(at + 9000, "\r\n\r\n");
    ask_last(request, 431);
    end();
}

/* One the parser takes, but the path does not: the next may still come. */
TEST(a_path_that_is_refused_does_not_end_the_connection)
{
    begin();
    ask(GET("/%00"));
    check_page(&a, 400);
    ask(GET("/../a.txt"));
    check_page(&a, 400);
    ask(GET("/a%2fb"));
    check_page(&a, 400);
    ask(GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    end();
}

TEST(a_name_longer_than_any_file_system_has_is_404)
{
    static char target[8000];

    begin();
    memset(target, 'x', 256); /* and the slash: a segment of 255 bytes */
    target[0] = '/';
    check_get(target, 404, NULL);
    target[256] = 'x'; /* of 256 */
    check_get(target, 404, NULL);
    target[257] = '/'; /* as a directory */
    check_get(target, 404, NULL);
    memset(target, 'x', 7000); /* beyond PATH_MAX */
    for (size_t i = 0; i < 7000; i += 100)
        target[i] = '/';
    check_get(target, 404, NULL);
    target[4096] = '\0'; /* 4095 bytes and the slash before them */
    check_get(target, 404, NULL);
    target[4095] = '\0'; /* so that the index does not fit */
    target[4094] = '/';
    check_get(target, 404, NULL);
    client_get(&c, target, &a);
    check_page(&a, 404);
    ck_assert(!a.closes);
    end();
}

TEST(the_whole_address_may_be_the_target)
{
    begin();
    ask(GET("http://other.example:80/a.txt?x"));
    check_answer(&a, 200, "hello\n");
    ask(GET("http://other.example"));
    check_page(&a, 404); /* no index.html here */
    end();
}

TEST(an_address_with_a_scheme_other_than_http_is_400)
{
    static const char *const targets[] = {
        "ftp://a/a.txt", "file:///a.txt", "httpx://a/a.txt", "urn:/a.txt",
        "a.txt:80",
    };
    char request[64];

    begin();
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "\r\n",
                 targets[i]);
        ask(request);
        check_page(&a, 400);
        ck_assert(!a.closes);
    }
    ask(GET("HTTPS://a/a.txt"));
    check_answer(&a, 200, "hello\n");
    end();
}

TEST(a_query_of_any_visible_characters_does_not_change_the_answer)
{
    begin();
    ask(GET("/a.txt?!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"));
    check_answer(&a, 200, "hello\n");
    ask(GET("/a.txt?100%&%zz&%u2019&%"));
    check_answer(&a, 200, "hello\n");
    ask_last(GET("/a.txt?\x01"), 400);
    ask_last(GET("/a.txt?\x7f"), 400);
    ask_last(GET("/a.txt?\xc3\xbc"), 400);
    end();
}

TEST(a_path_may_have_what_browsers_do_not_escape)
{
    begin();
    site_text("root/|^{}\"`", "braces\n");
    ask(GET("/|^{}\"`"));
    check_answer(&a, 200, "braces\n");
    ask(GET("/%7c%5E%7B%7d%22%60"));
    check_answer(&a, 200, "braces\n");
    ask_last(GET("/<"), 400);
    ask_last(GET("/100%"), 400);
    end();
}

/* A file that is asked for with an empty Host, as over a Unix socket. */
TEST(an_empty_host_is_served)
{
    begin();
    ask("GET /a.txt HTTP/1.1\r\nHost:\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    end();
}

/* The second request is dropped unread, and so is the byte that no request may
 * have. */
TEST(nothing_behind_the_last_request_is_parsed)
{
    begin();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
        "GET /none HTTP/1.1\r\n" HOST "\r\n");
    check_answer(&a, 200, "hello\n");
    ck_assert(a.closes);
    reopen();
    ask("GET /a.txt HTTP/1.0\r\n\r\n\n");
    check_answer(&a, 200, "hello\n");
    ck_assert(a.closes);
    end();
}

TEST(an_upgrade_is_ignored)
{
    begin();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Connection: upgrade\r\n"
        "Upgrade: websocket\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    end();
}

/* Conditions. */

/* Asks with If-Modified-Since: since, and gets this status. */
static void ask_since(const char *method, const char *since, int status)
{
    char request[256];

    snprintf(request, sizeof request,
             "%s /a.txt HTTP/1.1\r\n" HOST "If-Modified-Since: %s\r\n\r\n",
             method, since);
    ask(request);
    ck_assert_msg(a.status == status, "%s: %s", since, a.head);
    if (status == 200 && strcmp(method, "GET") == 0)
        check_answer(&a, 200, "hello\n");
}

TEST(an_unmodified_file_is_not_sent_again)
{
    struct timespec times[2] = {{.tv_sec = 784111777}, {.tv_sec = 784111777}};
    char soon[64];
    time_t now = time(NULL) + 3600;

    begin();
    check_res(utimensat(site_fd(), "root/a.txt", times, 0), 0);
    ask(GET("/a.txt"));
    ck_assert_str_eq(answer_field(&a, "Last-Modified"),
                     "Sun, 06 Nov 1994 08:49:37 GMT");
    ask_since("GET", "Sun, 06 Nov 1994 08:49:37 GMT", 304);
    ck_assert_str_eq(answer_field(&a, "Last-Modified"),
                     "Sun, 06 Nov 1994 08:49:37 GMT");
    ask_since("HEAD", "Sun, 06 Nov 1994 08:49:37 GMT", 304);
    ask_since("GET", "Sunday, 06-Nov-94 08:49:37 GMT", 304);
    ask_since("GET", "Sun Nov  6 08:49:37 1994", 304);
    ask_since("GET", "Sun, 06 Nov 1994 08:49:38 GMT", 304);
    ask_since("GET", "Sun, 06 Nov 1994 08:49:36 GMT", 200);
    ask_since("GET", "Sun, 06 Nov 1994 08:49:37 UTC", 200); /* no such date */
    ask_since("GET", "yesterday", 200);
    strftime(soon, sizeof soon, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    ask_since("GET", soon, 200); /* from the future: ignored */
    end();
}

/* Builds and images set all times to 0 or 1, so that they do not change with
 * the content. A client that got such a date would keep its copy for years. */
TEST(a_time_of_0_or_1_is_not_a_date_of_the_content)
{
    begin();
    for (time_t second = 0; second <= 2; second++) {
        struct timespec times[2] = {{.tv_sec = second}, {.tv_sec = second}};

        check_res(utimensat(site_fd(), "root/a.txt", times, 0), 0);
        ask(GET("/a.txt"));
        check_answer(&a, 200, "hello\n");
        ck_assert_int_eq(answer_field(&a, "Last-Modified") != NULL, second > 1);
        ask_since("GET", "Sun, 06 Nov 1994 08:49:37 GMT",
                  second > 1 ? 304 : 200);
    }
    end();
}

/* RFC 9110, section 13.1.3: then the date does not count. We have no tags, so
 * that none can match. */
TEST(if_none_match_outranks_if_modified_since)
{
    char request[256];

    begin();
    ask(GET("/a.txt"));
    ask_since("GET", answer_field(&a, "Last-Modified"), 304);
    snprintf(request, sizeof request,
             "GET /a.txt HTTP/1.1\r\n" HOST "If-None-Match: \"x\"\r\n"
             "If-Modified-Since: %s\r\n\r\n",
             answer_field(&a, "Last-Modified"));
    ask(request);
    check_answer(&a, 200, "hello\n");
    end();
}

TEST(a_missing_file_is_404_with_any_condition)
{
    begin();
    ask("GET /none HTTP/1.1\r\n" HOST
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
    check_page(&a, 404);
    end();
}

/* Nothing of a request is in its answer, but for Location, where it is
 * encoded. */
TEST(no_target_can_write_a_line_of_the_answer)
{
    begin();
    site_dir("root/d\r\nX-Evil: 1");
    ask(GET("/d%0d%0aX-Evil:%201"));
    ck_assert_int_eq(a.status, 301);
    ck_assert_str_eq(answer_field(&a, "Location"), "./d%0D%0AX-Evil:%201/");
    ck_assert_ptr_null(answer_field(&a, "X-Evil"));
    ask(GET("/none%0d%0aX-Evil:%201"));
    check_page(&a, 404);
    ck_assert_ptr_null(strstr(a.body, "Evil"));
    ck_assert_ptr_null(strstr(a.head, "Evil"));
    ask(GET("/d%0d%0aX-Evil:%201?%0d%0aX-Evil:1"));
    ck_assert_str_eq(answer_field(&a, "Location"),
                     "./d%0D%0AX-Evil:%201/?%0d%0aX-Evil:1");
    end();
}

TEST(a_redirect_never_names_another_host)
{
    begin();
    site_dir("root/evil.example");
    ask(GET("//evil.example"));
    ck_assert_int_eq(a.status, 301);
    ck_assert_str_eq(answer_field(&a, "Location"), "evil.example/");
    ask(GET("/.//evil.example"));
    ck_assert_str_eq(answer_field(&a, "Location"), "evil.example/");
    site_dir("root/http:");
    site_dir("root/http:/evil.example");
    ask(GET("/http:"));
    ck_assert_str_eq(answer_field(&a, "Location"), "./http:/");
    ask(GET("/http://evil.example"));
    ck_assert_str_eq(answer_field(&a, "Location"), "evil.example/");
    end();
}

/* A query of brackets, which the parser lets pass and a Location must
 * encode. */
TEST(the_longest_target_is_redirected)
{
    static char request[8200], query[7901];
    size_t encoded = 0;

    begin();
    site_dir("root/d");
    memset(query, '[', sizeof query - 1);
    snprintf(request, sizeof request, "GET /d?%s HTTP/1.1\r\n" HOST "\r\n",
             query);
    ask(request);
    ck_assert_int_eq(a.status, 301);
    for (const char *at = a.head; (at = strstr(at, "%5B")) != NULL; at += 3)
        encoded++;
    ck_assert_uint_eq(encoded, sizeof query - 1);
    end();
}

int main(void)
{
    suite_begin("serve_http");
    suite_add(a_file_is_served);
    suite_add(head_is_answered_as_get_is_but_for_the_body);
    suite_add(other_methods_are_refused_with_what_is_allowed);
    suite_add(options_is_answered_with_the_methods_and_without_a_body);
    suite_add(a_bad_request_is_answered_once_and_ends_the_connection);
    suite_add(a_path_that_is_refused_does_not_end_the_connection);
    suite_add(a_name_longer_than_any_file_system_has_is_404);
    suite_add(the_whole_address_may_be_the_target);
    suite_add(an_address_with_a_scheme_other_than_http_is_400);
    suite_add(a_query_of_any_visible_characters_does_not_change_the_answer);
    suite_add(a_path_may_have_what_browsers_do_not_escape);
    suite_add(an_empty_host_is_served);
    suite_add(nothing_behind_the_last_request_is_parsed);
    suite_add(an_upgrade_is_ignored);
    suite_add(an_unmodified_file_is_not_sent_again);
    suite_add(a_time_of_0_or_1_is_not_a_date_of_the_content);
    suite_add(if_none_match_outranks_if_modified_since);
    suite_add(a_missing_file_is_404_with_any_condition);
    suite_add(no_target_can_write_a_line_of_the_answer);
    suite_add(a_redirect_never_names_another_host);
    suite_add(the_longest_target_is_redirected);
    return suite_end();
}
