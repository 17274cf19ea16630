/* serve_connection.c: serve from outside: where a request ends and the next
 * begins, however the bytes arrive, and when the connection ends.
 *
 * Judges: serve. */
#include <poll.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "asking.h"

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

TEST(http_1_0_ends_with_the_answer_unless_kept_alive)
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

TEST(connection_close_ends_the_connection)
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

TEST(empty_lines_before_a_request_are_ignored)
{
    begin();
    ask("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
    end();
}

/* Bodies. */

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

/* The server has shut down its sending side. If it closed the socket at once,
 * the kernel would reset a client that still sends, and a later send would
 * fail. */
TEST(after_the_last_answer_the_server_still_reads_for_a_while)
{
    begin();
    ask("POST /a.txt HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n");
    check_page(&a, 405);
    ck_assert(a.closes);
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

/* For two seconds: an upload over a slow line, whose answer is read last. */
TEST(a_slow_upload_that_is_refused_does_not_lose_its_answer)
{
    static char bytes[10000];

    begin();
    client_send(&c, "POST /a.txt HTTP/1.1\r\n" HOST
                    "Content-Length: 1000000\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        (void)poll(NULL, 0, 100);
        socket_send(c.fd, bytes, sizeof bytes);
    }
    client_take(&c, &a);
    check_page(&a, 405);
    end();
}

TEST(a_large_upload_that_is_refused_does_not_lose_its_answer)
{
    static char bytes[65536];

    begin();
    client_send(&c, "POST /a.txt HTTP/1.1\r\n" HOST
                    "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 400; i++) {
        client_send(&c, "10000\r\n");
        socket_send(c.fd, bytes, sizeof bytes);
        client_send(&c, "\r\n");
    }
    client_take(&c, &a);
    check_page(&a, 405);
    end();
}

/* The answer is in flight for two seconds, and the client sends all the time.
 * If the server closed, the first byte after that would destroy the rest. */
TEST(bytes_behind_the_last_request_do_not_destroy_its_answer)
{
    static char part[65536], bytes[4096];
    size_t have = 0, len = (size_t)5 << 20;

    begin();
    site_pattern("root/big", len);
    client_send(&c, "GET /big HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
                    GET("/a.txt") GET("/a.txt"));
    client_take_only_head(&c, &a);
    while (have < len) {
        long got = client_read(&c, part, sizeof part);

        ck_assert_int_gt(got, 0);
        ck_assert(is_pattern(part, (size_t)got, have));
        have += (size_t)got;
        socket_send(c.fd, bytes, sizeof bytes);
        (void)poll(NULL, 0, 25);
    }
    client_expect_end(&c);
    end();
}

TEST(after_the_last_answer_the_server_closes_in_time)
{
    begin();
    ask("GET /a.txt HTTP/1.0\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    daemon_await_counter(&server, "connections", 0);
    end();
}

int main(void)
{
    suite_begin("serve_connection");
    suite_add(a_connection_carries_one_request_after_the_other);
    suite_add(a_thousand_requests_in_one_send_are_answered_in_order);
    suite_add(a_request_cut_anywhere_is_answered_the_same);
    suite_add(a_request_byte_by_byte_is_a_request);
    suite_add(requests_that_straddle_receive_buffers_are_answered_in_order);
    suite_add(http_1_0_ends_with_the_answer_unless_kept_alive);
    suite_add(connection_close_ends_the_connection);
    suite_add(a_client_that_sends_no_more_gets_all_answers);
    suite_add(empty_lines_before_a_request_are_ignored);
    suite_add(a_body_of_no_bytes_does_not_end_the_connection);
    suite_add(the_answer_arrives_though_the_client_still_sends);
    suite_add(after_the_last_answer_the_server_still_reads_for_a_while);
    suite_add(a_slow_upload_that_is_refused_does_not_lose_its_answer);
    suite_add(a_large_upload_that_is_refused_does_not_lose_its_answer);
    suite_add(bytes_behind_the_last_request_do_not_destroy_its_answer);
    suite_add(after_the_last_answer_the_server_closes_in_time);
    return suite_end();
}
