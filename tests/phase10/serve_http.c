/* serve_http.c: the server from outside: requests, answers, connections. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define HOST "Host: a\r\n"

static struct client c;
static struct answer a;

/* The server with one file, and a connection to it. */
static void begin(void)
{
    start(NULL);
    site_text("root/a.txt", "hello\n");
    client_open(&c);
}

static void end(void)
{
    client_close(&c);
    stop();
}

/* Sends a request as it is and takes the answer. */
static void ask(const char *request)
{
    client_send(&c, request);
    if (strncmp(request, "HEAD", 4) == 0)
        client_take_head(&c, &a);
    else
        client_take(&c, &a);
}

static void reopen(void)
{
    client_close(&c);
    client_open(&c);
}

/* A request on a connection of its own, which the answer ends. */
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
    ck_assert(!a.closes && !a.keeps_alive);
    end();
}

TEST(a_connection_carries_one_request_after_the_other)
{
    begin();
    for (int i = 0; i < 100; i++) {
        ask(GET("/a.txt"));
        check_answer(&a, 200, "hello\n");
        ask(GET("/b.txt"));
        check_page(&a, 404);
        ck_assert(!a.closes);
    }
    ck_assert_int_eq(daemon_counter(&server, "accepted"), 1);
    end();
}

/* What changes with the time of day is made the same. */
static const char *without_date(const struct answer *answer)
{
    static char head[2][sizeof answer->head];
    static int latest;
    char *copy = head[latest ^= 1], *date;

    strcpy(copy, answer->head);
    date = strstr(copy, "Date: ");
    memset(date, 'x', 35);
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

TEST(a_thousand_requests_in_one_send_are_answered_in_order)
{
    static char requests[128 * 1024];
    char name[32], text[32];
    size_t len = 0;

    begin();
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "root/%d", i);
        snprintf(text, sizeof text, "this is %d", i);
        site_text(name, text);
    }
    for (int i = 0; i < 1000; i++)
        len += (size_t)snprintf(requests + len, sizeof requests - len,
                                "GET /%d HTTP/1.1\r\n" HOST "\r\n", i % 11);
    socket_send(c.fd, requests, len);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "this is %d", i % 11);
        client_take(&c, &a);
        if (i % 11 == 10)
            check_page(&a, 404);
        else
            check_answer(&a, 200, text);
    }
    end();
}

/* Each of many connections gets the request in two parts, cut elsewhere. The
 * second is sent when the server has certainly seen the first: it has answered
 * a signal since. */
TEST(a_request_cut_anywhere_is_answered_the_same)
{
    static const char request[] =
        "\r\nGET /a.txt?q HTTP/1.1\r\n" HOST "X: y\r\n"
        "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
    static struct client clients[sizeof request];
    size_t len = sizeof request - 1;

    begin();
    for (size_t cut = 1; cut < len; cut++) {
        client_open(&clients[cut]);
        socket_send(clients[cut].fd, request, cut);
    }
    daemon_await_counter(&server, "connections", (long)len);
    daemon_counter(&server, "connections");
    for (size_t cut = 1; cut < len; cut++)
        socket_send(clients[cut].fd, request + cut, len - cut);
    for (size_t cut = 1; cut < len; cut++) {
        client_take(&clients[cut], &a);
        check_answer(&a, 200, "hello\n");
        client_close(&clients[cut]);
    }
    end();
}

TEST(a_request_byte_by_byte_is_a_request)
{
    static const char request[] = GET("/a.txt") GET("/a.txt");
    int one = 1;

    begin();
    check_res(setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), 0);
    for (size_t i = 0; i < sizeof request - 1; i++)
        socket_send(c.fd, request + i, 1);
    for (int i = 0; i < 2; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello\n");
    }
    end();
}

/* Heads of all lengths, back to back, so that the ends of receive buffers fall
 * on every position of a request. */
TEST(requests_that_straddle_receive_buffers_are_answered_in_order)
{
    static char requests[1 << 20];
    static char filler[4001];
    size_t len = 0;
    int count = 0;

    begin();
    memset(filler, 'f', sizeof filler - 1);
    for (int i = 0; i < 4000; i += 13, count++)
        len += (size_t)snprintf(
            requests + len, sizeof requests - len,
            "GET /a.txt HTTP/1.1\r\n" HOST "X: %.*s\r\n\r\n", i, filler);
    ck_assert_uint_lt(len, sizeof requests - 1);
    socket_send(c.fd, requests, len);
    for (int i = 0; i < count; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello\n");
    }
    end();
}

TEST(other_methods_are_refused_with_what_is_allowed)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS",
                                          "TRACE", "PATCH"};
    char request[64];

    begin();
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        snprintf(request, sizeof request, "%s /a.txt HTTP/1.1\r\n" HOST "\r\n",
                 methods[i]);
        ask(request);
        check_page(&a, 405);
        ck_assert_str_eq(answer_field(&a, "Allow"), "GET, HEAD");
        ck_assert(!a.closes);
    }
    ask("OPTIONS * HTTP/1.1\r\n" HOST "\r\n");
    check_page(&a, 405);
    ask("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n");
    check_page(&a, 405);
    ask("BREW /a.txt HTTP/1.1\r\n" HOST "\r\n");
    check_page(&a, 501);
    ask("get /a.txt HTTP/1.1\r\n" HOST "\r\n");
    check_page(&a, 501);
    ask(GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    end();
}

TEST(what_is_no_request_is_answered_once_and_ends_the_connection)
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
    memset(at, 'x', 16384);
    strcpy(at + 16384, "\r\n\r\n");
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

TEST(a_name_longer_than_any_file_system_has_is_414)
{
    static char target[8000];

    begin();
    memset(target, 'x', 300);
    target[0] = '/';
    check_get(target, 414, NULL);
    for (size_t i = 0; i < 7000; i += 100)
        target[i] = '/';
    memset(target + 300, 'x', 6700);
    for (size_t i = 0; i < 7000; i += 100)
        target[i] = '/';
    check_get(target, 414, NULL);
    end();
}

TEST(http_1_0_ends_with_the_answer_unless_it_asks_otherwise)
{
    begin();
    ask("GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    ck_assert(a.keeps_alive);
    ask("GET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    check_page(&a, 404);
    ck_assert(a.keeps_alive);
    ask("GET /a.txt HTTP/1.0\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    ck_assert(a.closes);
    end();
}

TEST(a_client_that_asks_for_the_end_gets_it)
{
    begin();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Connection: x, close\r\n\r\n"
        GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    ck_assert(a.closes);
    end();
}

TEST(a_client_that_sends_no_more_gets_all_answers)
{
    begin();
    client_send(&c, GET("/a.txt") GET("/a.txt"));
    shutdown(c.fd, SHUT_WR);
    for (int i = 0; i < 2; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello\n");
    }
    client_expect_end(&c);
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

TEST(empty_lines_before_a_request_are_ignored)
{
    begin();
    ask("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    end();
}

/* Bodies. */

TEST(a_body_is_never_taken_for_a_request)
{
    begin();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Content-Length: 31\r\n\r\n"
        GET("/none"));
    check_answer(&a, 200, "hello\n");
    ck_assert(a.closes);
    reopen();
    ask("POST /a.txt HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n" GET("/a.txt"));
    check_page(&a, 405);
    ck_assert(a.closes);
    end();
}

TEST(a_body_of_no_bytes_does_not_end_the_connection)
{
    begin();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    ask("POST /a.txt HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    check_page(&a, 405);
    ask(GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    end();
}

/* A client that sends all of its body before it looks at the answer, and the
 * server has always seen what it has sent so far: it has answered a signal. */
TEST(the_answer_arrives_though_the_client_still_sends)
{
    static char bytes[1 << 20];

    begin();
    client_send(&c, "POST /a.txt HTTP/1.1\r\n" HOST
                    "Content-Length: 1048576\r\n\r\n");
    for (size_t i = 0; i < sizeof bytes; i += 32768) {
        socket_send(c.fd, bytes + i, 32768);
        daemon_counter(&server, "connections");
    }
    client_take(&c, &a);
    check_page(&a, 405);
    end();
}

/* The server has closed its side. Whoever closes all of it at once resets a
 * client that is still sending, and the second send here would fail. */
TEST(after_the_last_answer_the_server_listens_for_a_while)
{
    begin();
    ask("POST /a.txt HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n");
    check_page(&a, 405);
    for (int i = 0; i < 20; i++) {
        client_send(&c, "more of the body");
        daemon_counter(&server, "connections");
    }
    ck_assert_int_eq(daemon_counter(&server, "connections"), 1);
    client_close(&c);
    daemon_await_counter(&server, "connections", 0);
    client_open(&c);
    end();
}

TEST(but_not_for_ever)
{
    begin();
    ask("GET /a.txt HTTP/1.0\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    daemon_await_counter(&server, "connections", 0);
    end();
}

TEST(who_expects_100_continue_gets_the_final_answer_at_once)
{
    begin();
    ask("POST /a.txt HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
        "Expect: 100-continue\r\n\r\n");
    check_page(&a, 405);
    ck_assert(a.closes);
    reopen();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    ck_assert(!a.closes);
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n");
    check_page(&a, 417);
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

TEST(what_is_missing_is_404_whatever_the_condition)
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
    ck_assert_str_eq(answer_field(&a, "Location"), "/d%0D%0AX-Evil:%201/");
    ck_assert_ptr_null(answer_field(&a, "X-Evil"));
    ask(GET("/none%0d%0aX-Evil:%201"));
    check_page(&a, 404);
    ck_assert_ptr_null(strstr(a.body, "Evil"));
    ck_assert_ptr_null(strstr(a.head, "Evil"));
    ask(GET("/d%0d%0aX-Evil:%201?%0d%0aX-Evil:1"));
    ck_assert_str_eq(answer_field(&a, "Location"),
                     "/d%0D%0AX-Evil:%201/?%0d%0aX-Evil:1");
    end();
}

TEST(a_redirect_never_names_another_host)
{
    begin();
    site_dir("root/evil.example");
    ask(GET("//evil.example"));
    ck_assert_int_eq(a.status, 301);
    ck_assert_str_eq(answer_field(&a, "Location"), "/evil.example/");
    ask(GET("/.//evil.example"));
    ck_assert_str_eq(answer_field(&a, "Location"), "/evil.example/");
    end();
}

/* A query of brackets, which the parser lets pass and a Location must
 * encode. */
TEST(the_longest_redirect_is_one)
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
    suite_add(a_connection_carries_one_request_after_the_other);
    suite_add(head_is_answered_as_get_is_but_for_the_body);
    suite_add(a_thousand_requests_in_one_send_are_answered_in_order);
    suite_add(a_request_cut_anywhere_is_answered_the_same);
    suite_add(a_request_byte_by_byte_is_a_request);
    suite_add(requests_that_straddle_receive_buffers_are_answered_in_order);
    suite_add(other_methods_are_refused_with_what_is_allowed);
    suite_add(what_is_no_request_is_answered_once_and_ends_the_connection);
    suite_add(a_path_that_is_refused_does_not_end_the_connection);
    suite_add(a_name_longer_than_any_file_system_has_is_414);
    suite_add(http_1_0_ends_with_the_answer_unless_it_asks_otherwise);
    suite_add(a_client_that_asks_for_the_end_gets_it);
    suite_add(a_client_that_sends_no_more_gets_all_answers);
    suite_add(the_whole_address_may_be_the_target);
    suite_add(empty_lines_before_a_request_are_ignored);
    suite_add(a_body_is_never_taken_for_a_request);
    suite_add(a_body_of_no_bytes_does_not_end_the_connection);
    suite_add(the_answer_arrives_though_the_client_still_sends);
    suite_add(after_the_last_answer_the_server_listens_for_a_while);
    suite_add(but_not_for_ever);
    suite_add(who_expects_100_continue_gets_the_final_answer_at_once);
    suite_add(an_upgrade_is_ignored);
    suite_add(an_unmodified_file_is_not_sent_again);
    suite_add(if_none_match_outranks_if_modified_since);
    suite_add(what_is_missing_is_404_whatever_the_condition);
    suite_add(no_target_can_write_a_line_of_the_answer);
    suite_add(a_redirect_never_names_another_host);
    suite_add(the_longest_redirect_is_one);
    return suite_end();
}
