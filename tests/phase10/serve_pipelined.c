/* serve_pipelined.c: serve from outside: many requests in one packet, whose
 * answers are sent together, in order, and within bounds.
 *
 * Judges: serve. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "leases.h"
#include "limited.h"

/* Operations that are not sends: looking up the root once per second, and
 * starting a receive again. */
#define OTHER_OPERATIONS 12

static void send_many(const char *request, int count)
{
    static char requests[64 * 1024];
    size_t len = 0;

    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(requests + len, sizeof requests - len, "%s",
                                request);
    ck_assert_uint_lt(len, sizeof requests - 1);
    socket_send(c.fd, requests, len);
}

TEST(pipelined_answers_share_a_send)
{
    long before;

    begin(NULL);
    expect_f();
    before = daemon_counter(&server, "operations");
    send_many(GET("/f"), 100);
    for (int i = 0; i < 100; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello");
    }
    ck_assert_int_le(daemon_counter(&server, "operations") - before,
                     OTHER_OPERATIONS);
    end();
}

TEST(a_head_and_a_body_in_memory_share_a_send)
{
    long before;

    begin(NULL);
    site_pattern("root/100k", 100000);
    for (int i = 0; i < 2; i++)
        client_get(&c, "/100k", &a);
    before = daemon_counter(&server, "operations");
    for (int i = 0; i < 20; i++) {
        client_get(&c, "/100k", &a);
        ck_assert(is_pattern(a.body, 100000, 0));
    }
    ck_assert_int_le(daemon_counter(&server, "operations") - before,
                     20 + OTHER_OPERATIONS);
    end();
}

TEST(pipelined_answers_keep_their_order_with_errors_among_them)
{
    begin(NULL);
    site_dir("root/dir");
    for (int i = 0; i < 20; i++)
        client_send(&c, GET("/f") GET("/none") HEAD("/f") GET("/../x")
                    GET("/big") "DELETE /f HTTP/1.1\r\nHost: a\r\n\r\n"
                    GET("/dir") "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    client_send(&c, GET("/f") "this is not HTTP\r\n\r\n" GET("/f"));
    for (int i = 0; i < 20; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello");
        client_take(&c, &a);
        check_page(&a, 404);
        client_take_head(&c, &a);
        ck_assert_int_eq((int)a.length, 5);
        client_take(&c, &a);
        check_page(&a, 400);
        client_take(&c, &a);
        ck_assert(a.body_len == 5 * MIB && is_pattern(a.body, 5 * MIB, 0));
        client_take(&c, &a);
        check_page(&a, 405);
        client_take(&c, &a);
        ck_assert_int_eq(a.status, 301);
        client_take(&c, &a);
        ck_assert_int_eq(a.status, 204);
    }
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    client_take(&c, &a);
    check_page(&a, 400);
    ck_assert(a.closes);
    client_expect_end(&c);
    end();
}

/* Sizes around those at which an answer is copied, gathered, or read from the
 * file. */
static const size_t lens[] = {0, 1, 4095, 4096, 4097, 60000, 131072, 131073};
#define LENS (sizeof lens / sizeof *lens)

/* The server's sockets hold little, so that its sends are cut anywhere. */
TEST(pipelined_answers_are_exact_if_the_socket_takes_little_at_a_time)
{
    char name[32], request[64];

    begin("--send-buf", "4096", NULL);
    for (size_t i = 0; i < LENS; i++) {
        snprintf(name, sizeof name, "root/%zu", lens[i]);
        site_pattern(name, lens[i]);
    }
    for (size_t i = 0; i < 6 * LENS; i++) {
        snprintf(request, sizeof request,
                 "GET /%zu HTTP/1.1\r\nHost: a\r\n\r\n", lens[i * 3 % LENS]);
        client_send(&c, request);
    }
    for (size_t i = 0; i < 6 * LENS; i++) {
        client_take(&c, &a);
        ck_assert_int_eq(a.status, 200);
        ck_assert_uint_eq(a.body_len, lens[i * 3 % LENS]);
        ck_assert(is_pattern(a.body, a.body_len, 0));
    }
    end();
}

/* Sends requests until the server sleeps and reads none. Returns how many
 * bytes. */
static size_t send_until_full(void)
{
    static const char request[] = GET("/f");
    const size_t request_len = sizeof request - 1;
    struct pollfd writable = {.fd = c.fd, .events = POLLOUT};
    size_t sent = 0;

    while (daemon_makes_ready(&server, &writable, 1)) {
        ssize_t got = send(c.fd, request + sent % request_len,
                           request_len - sent % request_len, MSG_DONTWAIT);

        ck_assert(got > 0 || errno == EAGAIN);
        sent += got > 0 ? (size_t)got : 0;
    }
    return sent;
}

TEST(a_client_that_takes_no_answers_holds_bounded_memory)
{
    static const char request[] = GET("/f");
    const size_t request_len = sizeof request - 1;
    int small = 65536;
    size_t sent;
    long rss;

    begin(NULL);
    check_res(setsockopt(c.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    check_res(setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    for (int i = 0; i < 300; i++) /* until each receive buffer was used */
        expect_f();
    rss = daemon_rss_kib(&server);
    sent = send_until_full();
    ck_assert_int_lt(daemon_rss_kib(&server) - rss, 1024);
    check_get("/f", 200, "hello"); /* others are served */
    socket_send(c.fd, request + sent % request_len,
                request_len - sent % request_len);
    for (size_t i = 0; i <= sent / request_len; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello");
    }
    ck_assert_int_eq(daemon_counter(&server, "buffers_free"), 256);
    end();
}

/* The second file cannot be opened until this process releases it, which it
 * does when it has the first answer. */
TEST(an_answer_is_sent_before_the_server_opens_another_file)
{
    int fd;

    begin(NULL);
    expect_f();
    fd = take_lease();
    client_send(&c, GET("/f") GET("/leased") GET("/f"));
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    close(fd);
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    end();
}

/* Sets *len to the send buffer of the server's socket that is connected to
 * client. Returns NULL, or why it cannot be seen. */
static const char *get_send_buf(const struct client *client, int *len)
{
    struct sockaddr_in here, peer;
    socklen_t size = sizeof here, int_size = sizeof *len;
    int pid_fd = (int)syscall(SYS_pidfd_open, server.pid, 0);

    check_res(getsockname(client->fd, (struct sockaddr *)&here, &size), 0);
    for (int number = 3; number < 64; number++) {
        int fd = (int)syscall(SYS_pidfd_getfd, pid_fd, number, 0);

        if (fd < 0 && errno != EBADF)
            return "this process may not look into another";
        size = sizeof peer;
        if (fd >= 0 && getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
            peer.sin_port == here.sin_port) {
            check_res(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, len, &int_size), 0);
            close(fd);
            close(pid_fd);
            return NULL;
        }
        if (fd >= 0)
            close(fd);
    }
    ck_abort_msg("the server has no such socket");
}

/* The kernel doubles the value, for its bookkeeping, and may limit it. */
TEST(send_buf_bounds_the_bytes_on_the_way_to_a_client)
{
    static const char *const values[] = {"65536", "131072"};

    for (int i = 0; i < 2; i++) {
        int len = 0;

        start("--send-buf", values[i], NULL);
        make_files();
        client_open(&c);
        expect_f();
        if (get_send_buf(&c, &len) == NULL)
            ck_assert_int_eq(len, 2 * atoi(values[i]));
        expect_big(&c);
        end();
    }
}

/* Idle connections. */

#define IDLE 800

/* Measures the server's memory per idle connection, after one request on
 * each. */
TEST(an_idle_connection_takes_at_most_six_kib)
{
    static struct client idle[IDLE];
    long rss;

    start(NULL);
    make_files();
    rss = daemon_rss_kib(&server);
    for (int i = 0; i < IDLE; i++) {
        client_open(&idle[i]);
        client_get(&idle[i], "/f", &a);
    }
    daemon_await_counter(&server, "connections", IDLE);
    ck_assert_int_le(daemon_rss_kib(&server) - rss, 6 * IDLE);
    for (int i = 0; i < IDLE; i++) {
        client_get(&idle[i], "/f", &a);
        check_answer(&a, 200, "hello");
        client_close(&idle[i]);
    }
    client_open(&c);
    end();
}

int main(void)
{
    suite_begin("serve_pipelined");
    suite_stage("exotic");
    suite_add(pipelined_answers_share_a_send);
    suite_add(a_head_and_a_body_in_memory_share_a_send);
    suite_add(pipelined_answers_keep_their_order_with_errors_among_them);
    suite_add(pipelined_answers_are_exact_if_the_socket_takes_little_at_a_time);
    suite_add(a_client_that_takes_no_answers_holds_bounded_memory);
    suite_add_unless(no_leases(),
                     an_answer_is_sent_before_the_server_opens_another_file);
    suite_add(send_buf_bounds_the_bytes_on_the_way_to_a_client);
    suite_add(an_idle_connection_takes_at_most_six_kib);
    return suite_end();
}
