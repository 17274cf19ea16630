/* serve_bodies.c: serve from outside: requests with a body, which serve does
 * not need: it reads and drops a short one, and never takes a part of one for a
 * request.
 *
 * Judges: serve. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "asking.h"

#define POST "POST /a.txt HTTP/1.1\r\n" HOST
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"

/* The next request is answered, so the body has ended where it should. */
static void check_goes_on(void)
{
    ck_assert(!a.closes);
    ask(GET("/a.txt"));
    check_answer(&a, 200, "hello\n");
}

TEST(a_body_is_never_taken_for_a_request)
{
    begin();
    client_send(&c, "GET /a.txt HTTP/1.1\r\n" HOST "Content-Length: 31\r\n\r\n"
                    GET("/none") GET("/none"));
    client_take(&c, &a);
    check_answer(&a, 200, "hello\n");
    client_take(&c, &a); /* the second GET of /none is a request */
    check_page(&a, 404);
    check_goes_on();
    ask(POST CHUNKED "1f\r\n" GET("/none") "\r\n0\r\n\r\n");
    check_page(&a, 405);
    check_goes_on();
    end();
}

TEST(a_short_body_does_not_end_the_connection)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT",
                                          "DELETE", "PATCH", "OPTIONS", "BREW"};
    char request[256];

    begin();
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        snprintf(request, sizeof request, "%s /a.txt HTTP/1.1\r\n" HOST
                 "Content-Length: 5\r\n\r\nhello", methods[i]);
        ask(request);
        check_goes_on();
        snprintf(request, sizeof request, "%s /a.txt HTTP/1.1\r\n" HOST
                 CHUNKED "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n",
                 methods[i]);
        ask(request);
        check_goes_on();
    }
    ck_assert_int_eq(daemon_counter(&server, "accepted"), 1);
    end();
}

/* The answer comes before the rest of the body, and the connection stays. */
static void check_in_pieces(const char *head, const char *body, size_t len)
{
    ask(head);
    check_page(&a, 405);
    ck_assert(!a.closes);
    for (size_t i = 0; i < len; i++) {
        socket_send(c.fd, body + i, 1);
        if (i % 8 == 0) /* it has seen what was sent: it answers a signal */
            daemon_counter(&server, "connections");
    }
    check_goes_on();
}

TEST(a_body_that_arrives_after_the_answer_is_dropped)
{
    static const char chunks[] = "3\r\nabc\r\n10;q=\"\\\"\"\r\n0123456789abcdef"
                                 "\r\n000\r\nX: y\r\nZ: \r\n\r\n";
    static const char bytes[] = GET("/none");

    begin();
    check_in_pieces(POST "Content-Length: 31\r\n\r\n", bytes, 31);
    check_in_pieces(POST CHUNKED, chunks, sizeof chunks - 1);
    end();
}

/* Sends len bytes of a body, framed by their number. */
static void send_length(size_t len)
{
    static char bytes[1 << 17];
    char head[128];

    snprintf(head, sizeof head, POST "Content-Length: %zu\r\n\r\n", len);
    client_send(&c, head);
    socket_send(c.fd, bytes, len);
    client_take(&c, &a);
    check_page(&a, 405);
}

TEST(a_body_of_64_kib_is_read_and_a_longer_one_ends_the_connection)
{
    begin();
    send_length(1);
    check_goes_on();
    send_length(65536);
    check_goes_on();
    send_length(65537);
    ck_assert(a.closes);
    client_expect_end(&c);
    end();
}

static void send_chunks(void)
{
    static char bytes[1024];

    for (int i = 0; i < 64; i++) {
        client_send(&c, "400\r\n");
        socket_send(c.fd, bytes, sizeof bytes);
        client_send(&c, "\r\n");
    }
    client_send(&c, "0\r\n\r\n" GET("/a.txt"));
}

TEST(a_chunked_body_over_64_kib_ends_the_connection)
{
    begin();
    client_send(&c, POST CHUNKED);
    client_take(&c, &a);
    check_page(&a, 405);
    send_chunks();
    client_expect_end(&c);
    end();
}

/* The server is stopped while the client sends. Its last receive of the body
 * passes the limit, and brings the end of the body and the next request. */
TEST(a_chunked_body_that_passes_64_kib_at_its_end_ends_the_connection)
{
    begin();
    client_send(&c, POST CHUNKED);
    client_take(&c, &a);
    check_page(&a, 405);
    check_res(kill(server.pid, SIGSTOP), 0);
    send_chunks();
    check_res(kill(server.pid, SIGCONT), 0);
    client_expect_end(&c);
    end();
}

TEST(a_malformed_body_that_arrives_with_its_head_is_answered_400)
{
    static const char *const bodies[] = {
        "x\r\n", "5\r\nhello0\r\n\r\n", "1\nx\r\n0\r\n\r\n", "-1\r\n",
        "0\r\nno field\r\n\r\n", "0\r\nX : y\r\n\r\n",
    };
    char request[512];

    begin();
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        reopen();
        snprintf(request, sizeof request, POST CHUNKED "%s%s", bodies[i],
                 GET("/a.txt"));
        ask(request);
        check_page(&a, 400);
        ck_assert(a.closes);
        client_expect_end(&c);
    }
    reopen();
    ask(POST CHUNKED "100001\r\n"); /* over 1 MiB */
    check_page(&a, 413);
    ck_assert(a.closes);
    end();
}

/* The answer was sent. A second one would belong to no request. */
TEST(a_body_that_turns_malformed_after_the_answer_ends_the_connection)
{
    begin();
    ask(POST CHUNKED);
    check_page(&a, 405);
    client_send(&c, "5\r\nhelloX" GET("/a.txt"));
    client_expect_end(&c);
    end();
}

TEST(a_client_that_stops_sending_within_a_body_gets_its_answer)
{
    begin();
    client_send(&c, POST "Content-Length: 5\r\n\r\nhel");
    shutdown(c.fd, SHUT_WR);
    client_take(&c, &a);
    check_page(&a, 405);
    client_expect_end(&c);
    reopen();
    client_send(&c, POST "Content-Length: 5\r\n\r\nhello" GET("/a.txt"));
    shutdown(c.fd, SHUT_WR);
    client_take(&c, &a);
    check_page(&a, 405);
    client_take(&c, &a);
    check_answer(&a, 200, "hello\n");
    client_expect_end(&c);
    end();
}

/* The pages fill the outbox, and the file is larger than the socket. */
TEST(a_client_that_sends_no_more_gets_a_large_answer_whole)
{
    begin();
    site_pattern("root/large", (size_t)8 << 20);
    client_send(&c, GET("/large") GET("/large"));
    shutdown(c.fd, SHUT_WR);
    for (int i = 0; i < 2; i++) {
        client_take(&c, &a);
        ck_assert_int_eq(a.status, 200);
        ck_assert(is_pattern(a.body, (size_t)8 << 20, 0));
    }
    client_expect_end(&c);
    end();
}

TEST(a_body_that_does_not_arrive_ends_the_connection_after_header_ms)
{
    start("--header-ms", "200", NULL);
    site_text("root/a.txt", "hello\n");
    client_open(&c);
    ask(POST "Content-Length: 5\r\n\r\nhel");
    check_page(&a, 405);
    ck_assert(!a.closes);
    client_expect_end(&c);
    end();
}

TEST(expect_100_continue_gets_the_final_answer_at_once)
{
    begin();
    ask(POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    check_page(&a, 405);
    ck_assert(a.closes);
    reopen();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\n\r\n");
    check_answer(&a, 200, "hello\n");
    check_goes_on();
    /* This client did not wait. */
    ask(POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
    check_page(&a, 405);
    ck_assert(a.closes || (check_goes_on(), true));
    end();
}

TEST(an_expectation_that_is_not_100_continue_is_417)
{
    begin();
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n");
    check_page(&a, 417);
    check_goes_on();
    ask(POST "Expect: 100-continue, tea\r\nContent-Length: 5\r\n\r\nhello");
    check_page(&a, 417);
    ask("GET /a.txt HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
    check_answer(&a, 200, "hello\n"); /* 1.0 has no expectations */
    end();
}

int main(void)
{
    suite_begin("serve_bodies");
    suite_add(a_body_is_never_taken_for_a_request);
    suite_add(a_short_body_does_not_end_the_connection);
    suite_add(a_body_that_arrives_after_the_answer_is_dropped);
    suite_add(a_body_of_64_kib_is_read_and_a_longer_one_ends_the_connection);
    suite_add(a_chunked_body_over_64_kib_ends_the_connection);
    suite_add(
        a_chunked_body_that_passes_64_kib_at_its_end_ends_the_connection);
    suite_add(a_malformed_body_that_arrives_with_its_head_is_answered_400);
    suite_add(a_body_that_turns_malformed_after_the_answer_ends_the_connection);
    suite_add(a_client_that_stops_sending_within_a_body_gets_its_answer);
    suite_add(a_client_that_sends_no_more_gets_a_large_answer_whole);
    suite_add_unless(
        daemon_why_no_option("serve", "--header-ms"),
        a_body_that_does_not_arrive_ends_the_connection_after_header_ms);
    suite_add(expect_100_continue_gets_the_final_answer_at_once);
    suite_add(an_expectation_that_is_not_100_continue_is_417);
    return suite_end();
}
