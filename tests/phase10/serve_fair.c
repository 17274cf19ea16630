/* serve_fair.c: serve from outside: no client can take more than its share of
 * slots, time, or memory.
 *
 * Judges: serve. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "limited.h"

/* Connects from another address of this machine: 127.0.0.2. */
static void client_open_as_other(struct client *client)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET};

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)server.port);
    memset(client, 0, sizeof *client);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(client->fd, 0);
    ck_assert_int_eq(bind(client->fd, (struct sockaddr *)&from, sizeof from),
                     0);
    ck_assert_int_eq(connect(client->fd, (struct sockaddr *)&to, sizeof to), 0);
}

static void await_closed(struct client *client)
{
    char byte;
    long got = client_read(client, &byte, 1);

    ck_assert_msg(got == 0 || got == -ECONNRESET, "it got %ld", got);
    client_close(client);
}

TEST(an_address_has_a_limited_number_of_connections)
{
    static struct client others[4], more;

    begin("--max-per-address", "3", "--threads", "2", NULL);
    for (int i = 0; i < 2; i++) {
        client_open(&others[i]);
        client_get(&others[i], "/f", &a);
        check_answer(&a, 200, "hello");
    }
    expect_f();
    client_open(&more);
    await_closed(&more);
    ck_assert_int_eq(daemon_counter(&server, "over_quota"), 1);
    expect_f(); /* those that it has are served on */
    client_close(&others[0]);
    daemon_await_counter(&server, "connections", 2);
    client_open(&more);
    client_get(&more, "/f", &a);
    check_answer(&a, 200, "hello");
    client_close(&more);
    client_close(&others[1]);
    end();
}

/* Otherwise one address could end the idle connections of all others. */
TEST(a_client_over_its_limit_takes_no_idle_slot)
{
    static struct client others[2], mine, more;

    begin("--max-per-address", "2", "--max-conns", "4", NULL);
    client_open(&mine);
    client_get(&mine, "/f", &a);
    expect_f();
    for (int i = 0; i < 2; i++) {
        client_open_as_other(&others[i]);
        client_get(&others[i], "/f", &a);
        check_answer(&a, 200, "hello");
    }
    for (int i = 0; i < 5; i++) {
        client_open(&more);
        await_closed(&more);
    }
    ck_assert_int_eq(daemon_counter(&server, "evicted"), 0);
    for (int i = 0; i < 2; i++) {
        client_get(&others[i], "/f", &a);
        check_answer(&a, 200, "hello");
        client_close(&others[i]);
    }
    client_close(&mine);
    end();
}

TEST(a_connection_ends_after_its_last_request)
{
    begin("--max-requests", "3", NULL);
    for (int i = 0; i < 3; i++) {
        client_get(&c, "/f", &a);
        check_answer(&a, 200, "hello");
        ck_assert_int_eq(a.closes, i == 2);
    }
    client_expect_end(&c);
    client_close(&c);
    client_open(&c);
    for (int i = 0; i < 5; i++) /* pipelined: the rest gets no answer */
        client_send(&c, GET("/f"));
    for (int i = 0; i < 3; i++)
        client_take(&c, &a);
    ck_assert(a.closes);
    client_expect_end(&c);
    end();
}

/* Both have sent when the server wakes up; the greedy one was first. The other
 * one asks how many answers there were before its own. */
TEST(a_client_that_pipelines_ten_thousand_requests_starves_no_other)
{
    static char requests[10000 * sizeof GET("/f")];
    static struct client greedy;
    const char *counted;
    size_t len = 0;
    int size = 8 << 20;

    begin("--metrics", "/m", "--bufs", "64", NULL);
    expect_f(); /* there is a copy of it */
    client_open(&greedy);
    client_get(&greedy, "/f", &a);
    (void)setsockopt(greedy.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    daemon_await_counter(&server, "dormant", 2);
    for (int i = 0; i < 10000; i++)
        len += (size_t)sprintf(requests + len, GET("/f"));
    kill(server.pid, SIGSTOP);
    socket_send(greedy.fd, requests, len);
    client_send(&c, GET("/m"));
    kill(server.pid, SIGCONT);
    client_take(&c, &a);
    ck_assert_int_eq(a.status, 200);
    a.body[a.body_len] = '\0';
    counted = strstr(a.body, "\nserve_requests_2xx_total ");
    ck_assert_ptr_nonnull(counted);
    /* Two answers were before the stop. */
    ck_assert_int_lt(atoi(counted + 26), 2 + 2 * 64 + 1);
    for (int i = 0; i < 10000; i++)
        client_take(&greedy, &a);
    check_answer(&a, 200, "hello");
    client_close(&greedy);
    end();
}

/* Takes a little of the huge file, again and again, until it is cut off. */
static void read_slowly(struct client *client)
{
    static char part[1024];
    long got, start = now_ms();

    do {
        ck_assert_int_lt(now_ms() - start, DAEMON_DEADLINE_MS);
        poll(NULL, 0, 20);
        got = client_read(client, part, sizeof part);
    } while (got > 0);
    check_res(got, -ECONNRESET);
}

TEST(a_reader_below_the_minimum_rate_is_cut_off)
{
    int size = 4096;

    begin("--min-rate", "1000000", "--rate-ms", "1200", NULL);
    client_close(&c);
    ask_huge(&c);
    (void)setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    read_slowly(&c);
    ck_assert_int_eq(daemon_counter(&server, "too_slow"), 1);
    client_close(&c);
    client_open(&c);
    end();
}

TEST(a_client_that_takes_all_it_gets_is_not_slow)
{
    long start;

    begin("--min-rate", "200000", "--rate-ms", "1200", NULL);
    start = now_ms();
    while (now_ms() - start < 4000) { /* several times rate_ms */
        expect_f();
        poll(NULL, 0, 5);
    }
    expect_big(&c);
    ck_assert_int_eq(daemon_counter(&server, "too_slow"), 0);
    end();
}

/* Slots. */

#define SLOTS 16
#define SLOW 64
static struct client slow[SLOW];

static void open_slow_heads(const char *sent)
{
    for (int i = 0; i < SLOW; i++) {
        client_open(&slow[i]);
        client_send(&slow[i], sent);
    }
}

static void close_slow_heads(void)
{
    for (int i = 0; i < SLOW; i++)
        client_close(&slow[i]);
}

TEST(slow_heads_do_not_keep_a_live_client_out)
{
    begin("--max-conns", "16", "--header-ms", "600000", NULL);
    client_close(&c);
    open_slow_heads("GET /f HTTP/1.1\r\nHost:");
    client_open(&c);
    expect_f();
    expect_f();
    ck_assert_int_ge(daemon_counter(&server, "evicted"), SLOW + 1 - SLOTS);
    close_slow_heads();
    end();
}

TEST(slow_bodies_do_not_keep_a_live_client_out)
{
    begin("--max-conns", "16", "--header-ms", "600000", NULL);
    client_close(&c);
    open_slow_heads("POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n"
                    "\r\nbody");
    client_open(&c);
    expect_f();
    ck_assert_int_ge(daemon_counter(&server, "evicted"), SLOW + 1 - SLOTS);
    close_slow_heads();
    end();
}

/* The answer is sent, and the server waits for the client to close. */
TEST(lingering_connections_do_not_keep_a_live_client_out)
{
    begin("--max-conns", "16", NULL);
    client_close(&c);
    open_slow_heads("GET /f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                    "\r\n");
    client_open(&c);
    expect_f();
    ck_assert_int_ge(daemon_counter(&server, "evicted"), SLOW + 1 - SLOTS);
    close_slow_heads();
    end();
}

TEST(silent_clients_do_not_keep_a_live_client_out)
{
    begin("--max-conns", "16", "--idle-ms", "600000", NULL);
    client_close(&c);
    open_slow_heads("");
    client_open(&c);
    expect_f();
    close_slow_heads();
    end();
}

/* A head that takes its time loses its slot only if none is idle. */
TEST(an_idle_connection_ends_before_a_slow_head)
{
    static struct client idle, live;

    begin("--max-conns", "3", "--header-ms", "600000", NULL);
    client_send(&c, "GET /f HTTP/1.1\r\n");
    client_open(&slow[0]);
    client_send(&slow[0], "GET /f HTTP/1.1\r\n");
    client_open(&idle);
    client_get(&idle, "/f", &a);
    daemon_await_counter(&server, "dormant", 1);
    poll(NULL, 0, 600); /* the heads have had their grace */
    client_open(&live);
    client_get(&live, "/f", &a);
    check_answer(&a, 200, "hello");
    client_expect_end(&idle);
    ck_assert_int_eq(daemon_counter(&server, "evicted"), 1);
    client_send(&slow[0], "Host: a\r\n\r\n");
    client_take(&slow[0], &a);
    check_answer(&a, 200, "hello");
    client_send(&c, "Host: a\r\n\r\n");
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    client_close(&slow[0]);
    client_close(&idle);
    client_close(&live);
    end();
}

/* The oldest head goes, not the one that has just begun. */
TEST(the_oldest_head_goes_first)
{
    static struct client live;

    begin("--max-conns", "2", "--header-ms", "600000", NULL);
    client_send(&c, "GET /f HTTP/1.1\r\n");
    client_open(&slow[0]);
    client_get(&slow[0], "/f", &a);
    poll(NULL, 0, 600);
    client_send(&slow[0], "GET /f HTTP/1.1\r\n");
    daemon_await_counter(&server, "dormant", 0);
    client_open(&live);
    client_get(&live, "/f", &a);
    check_answer(&a, 200, "hello");
    client_expect_end(&c);
    client_send(&slow[0], "Host: a\r\n\r\n");
    client_take(&slow[0], &a);
    check_answer(&a, 200, "hello");
    client_close(&slow[0]);
    client_close(&live);
    end();
}

int main(void)
{
    const char *no_option = daemon_why_no_option("serve", "max-per-address");
    const char *no_counters = daemon_why_no_counters("serve");
    const char *reason = no_option != NULL ? no_option : no_counters;

    suite_begin("serve_fair");
    suite_add_unless(reason, an_address_has_a_limited_number_of_connections);
    suite_add_unless(reason, a_client_over_its_limit_takes_no_idle_slot);
    suite_add_unless(reason, a_connection_ends_after_its_last_request);
    suite_add_unless(
        reason,
        a_client_that_pipelines_ten_thousand_requests_starves_no_other);
    suite_add_unless(reason, a_reader_below_the_minimum_rate_is_cut_off);
    suite_add_unless(reason, a_client_that_takes_all_it_gets_is_not_slow);
    suite_add_unless(reason, slow_heads_do_not_keep_a_live_client_out);
    suite_add_unless(reason, slow_bodies_do_not_keep_a_live_client_out);
    suite_add_unless(reason,
                     lingering_connections_do_not_keep_a_live_client_out);
    suite_add_unless(reason, silent_clients_do_not_keep_a_live_client_out);
    suite_add_unless(reason, an_idle_connection_ends_before_a_slow_head);
    suite_add_unless(reason, the_oldest_head_goes_first);
    return suite_end();
}
