/* hello.c: the parser with input from a socket: cut input, bodies, errors, the
 * end.
 *
 * Judges: hello. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon.h"
#include "suite.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define ANSWER(connection, body)                                               \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n"    \
    "Connection: " connection "\r\n\r\n" body
#define HELLO ANSWER("keep-alive", "hello, world\n")

static struct daemon d;

static int start(void)
{
    daemon_start(&d, "hello", NULL);
    return daemon_connect(&d);
}

static void stop(int fd)
{
    close(fd);
    daemon_stop(&d);
}

static void send_text(int fd, const char *text)
{
    socket_send(fd, text, strlen(text));
}

static void check_receives(int fd, const char *expected)
{
    char got[1024];
    size_t len = strlen(expected);

    check(len < sizeof got);
    socket_receive(fd, got, len);
    got[len] = '\0';
    ck_assert_str_eq(got, expected);
}

/* All that comes to the end begins like this. */
static void check_ends_with(int fd, const char *status_line)
{
    char got[1024];
    long n = socket_receive_all(fd, got, sizeof got);

    check(n > (long)strlen(status_line));
    ck_assert_msg(memcmp(got, status_line, strlen(status_line)) == 0, "%.*s",
                  (int)n, got);
}

TEST(a_request_is_answered_and_the_connection_goes_on)
{
    int fd = start();

    send_text(fd, GET);
    check_receives(fd, HELLO);
    send_text(fd, GET);
    check_receives(fd, HELLO);
    stop(fd);
}

TEST(two_and_a_half_requests_in_one_chunk_are_two_and_then_the_third)
{
    int fd = start();

    send_text(fd, GET GET "GET / HTT");
    check_receives(fd, HELLO HELLO);
    send_text(fd, "P/1.1\r\nHost: a\r\n\r\n");
    check_receives(fd, HELLO);
    stop(fd);
}

TEST(a_request_byte_by_byte_is_a_request)
{
    static const char request[] = "\r\n" GET;
    int fd = start(), one = 1;

    check_res(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), 0);
    for (size_t i = 0; i < sizeof request - 1; i++)
        socket_send(fd, request + i, 1);
    check_receives(fd, HELLO);
    stop(fd);
}

TEST(many_requests_at_once_are_answered_in_order)
{
    int fd = start();

    for (int i = 0; i < 2000; i++)
        send_text(fd, GET);
    for (int i = 0; i < 2000; i++)
        check_receives(fd, HELLO);
    stop(fd);
}

TEST(a_body_is_read_and_not_taken_for_a_request)
{
    int fd = start();

    send_text(fd, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n");
    send_text(fd, GET GET);
    check_receives(fd, HELLO HELLO);
    send_text(fd, "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                  "\r\n1b\r\n" GET "\r\n0\r\nA: b\r\n\r\n" GET);
    check_receives(fd, HELLO HELLO);
    stop(fd);
}

TEST(a_head_request_gets_the_length_and_no_body)
{
    int fd = start();

    send_text(fd, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" GET);
    check_receives(fd, ANSWER("keep-alive", "") HELLO);
    stop(fd);
}

TEST(a_request_to_close_is_answered_and_the_connection_ends)
{
    int fd = start();

    send_text(fd, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    check_receives(fd, ANSWER("close", "hello, world\n"));
    socket_expect_end(fd);
    close(fd);
    fd = daemon_connect(&d);
    send_text(fd, "GET / HTTP/1.0\r\n\r\n");
    check_receives(fd, ANSWER("close", "hello, world\n"));
    socket_expect_end(fd);
    stop(fd);
}

TEST(an_error_is_answered_and_the_connection_ends)
{
    static const struct {
        const char *request, *status_line;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/2.0\r\n", "HTTP/1.1 505 "},
        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n",
         "HTTP/1.1 501 "},
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n",
         "HTTP/1.1 413 "},
        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx",
         "HTTP/1.1 400 "},
    };
    int fd = start();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        send_text(fd, rows[i].request);
        check_ends_with(fd, rows[i].status_line);
        close(fd);
        fd = daemon_connect(&d);
    }
    stop(fd);
}

TEST(a_method_that_is_not_for_reading_is_405)
{
    int fd = start();

    send_text(fd, "DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    check_ends_with(fd, "HTTP/1.1 405 ");
    stop(fd);
}

TEST(a_body_that_waits_for_100_gets_it_first)
{
    int fd = start();

    send_text(fd, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                  "Expect: 100-continue\r\n\r\n");
    check_receives(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    send_text(fd, "hi");
    check_receives(fd, HELLO);
    stop(fd);
}

TEST(a_head_of_the_longest_kind_passes_through_the_buffer)
{
    static char head[32768];
    int fd = start();
    size_t len =
        (size_t)snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: a");

    memset(head + len, 'x', sizeof head - len - 4);
    for (; len < sizeof head - 4096; len += 4096)
        memcpy(head + len, "\r\nX: ", 5);
    memcpy(head + sizeof head - 4, "\r\n\r\n", 4);
    for (int i = 0; i < 20; i++) {
        socket_send(fd, head, sizeof head);
        send_text(fd, GET);
    }
    for (int i = 0; i < 40; i++)
        check_receives(fd, HELLO);
    stop(fd);
}

int main(void)
{
    suite_begin("hello");
    suite_add(a_request_is_answered_and_the_connection_goes_on);
    suite_add(two_and_a_half_requests_in_one_chunk_are_two_and_then_the_third);
    suite_add(a_request_byte_by_byte_is_a_request);
    suite_add(many_requests_at_once_are_answered_in_order);
    suite_add(a_body_is_read_and_not_taken_for_a_request);
    suite_add(a_head_request_gets_the_length_and_no_body);
    suite_add(a_request_to_close_is_answered_and_the_connection_ends);
    suite_add(an_error_is_answered_and_the_connection_ends);
    suite_add(a_method_that_is_not_for_reading_is_405);
    suite_add(a_body_that_waits_for_100_gets_it_first);
    suite_add(a_head_of_the_longest_kind_passes_through_the_buffer);
    return suite_end();
}
