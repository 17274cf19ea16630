/* serve_timeouts.c: serve from outside: clients that send or take too slowly
 * are cut off in time, and hold up no others.
 *
 * Judges: serve. */
#include <errno.h>
#include <poll.h>

#include "limited.h"

/* Time. */

/* A byte now and then keeps no request alive: its time runs from the first. */
TEST(a_head_that_dribbles_in_is_answered_408)
{
    static const char request[] = "GET /f HTTP/1.1\r\nHost: a\r\n"
                                  "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                                  "yyyyyyyyyyyyyy";
    struct pollfd answer;
    long start_ms;
    size_t i = 0;

    begin("--header-ms", "300", NULL);
    answer = (struct pollfd){.fd = c.fd, .events = POLLIN};
    start_ms = now_ms();
    do {
        ck_assert_uint_lt(i, sizeof request - 1);
        socket_send(c.fd, request + i++, 1);
    } while (poll(&answer, 1, 50) == 0);
    ck_assert_int_ge(now_ms() - start_ms, 300);
    client_take(&c, &a);
    check_page(&a, 408);
    ck_assert(a.closes);
    end();
}

/* The second head ends later than header_ms after the first one began. A busy
 * machine has a second for each. */
TEST(the_time_of_a_head_runs_from_its_own_first_byte)
{
    begin("--header-ms", "2000", NULL);
    for (int i = 0; i < 3; i++) {
        poll(NULL, 0, 1000);
        client_send(&c, "GET /f HTTP/1.1\r\n");
        poll(NULL, 0, 20);
        client_send(&c, "Host: a\r\n\r\n");
        client_take(&c, &a);
        check_answer(&a, 200, "hello");
    }
    end();
}

TEST(an_idle_connection_is_closed_without_a_word)
{
    static struct client mute, chatty;

    begin("--idle-ms", "1500", NULL); /* chatty has so long for its request */
    client_open(&mute);
    client_expect_end(&mute);
    client_open(&chatty);
    client_get(&chatty, "/f", &a);
    check_answer(&a, 200, "hello");
    client_expect_end(&chatty);
    client_close(&mute);
    client_close(&chatty);
    end();
}

TEST(empty_lines_are_no_request_and_get_no_answer)
{
    begin("--header-ms", "100", NULL);
    client_send(&c, "\r\n\r\n");
    client_expect_end(&c);
    end();
}

TEST(a_client_that_takes_nothing_is_closed_after_send_ms)
{
    begin("--send-ms", "200", NULL);
    client_close(&c);
    ask_huge(&c);
    daemon_await_counter(&server, "connections", 0);
    check_res(drain(&c), -ECONNRESET);
    end();
}

/* Five hundred that never finish their heads. */
TEST(many_slow_heads_hold_up_no_other_and_end_in_time)
{
    static struct client slow[500];

    begin("--header-ms", "1000", NULL);
    expect_f();
    for (int i = 0; i < 500; i++) {
        client_open(&slow[i]);
        client_send(&slow[i], "GET /f HTTP/1.1\r\nHost");
        if (i % 50 == 0)
            expect_f();
    }
    expect_big(&c);
    for (int i = 0; i < 500; i++) {
        client_take(&slow[i], &a);
        check_page(&a, 408);
        client_close(&slow[i]);
    }
    daemon_await_counter(&server, "connections", 1);
    ck_assert_int_eq(daemon_counter(&server, "buffers_free"), 256);
    expect_f();
    end();
}

/* Memory. */

/* Three times as many as there are buffers of any kind. */
TEST(clients_that_do_not_read_hold_up_no_other)
{
    static struct client lazy[300];
    long before;

    begin(NULL);
    for (int i = 0; i < 300; i++)
        ask_huge(&lazy[i]);
    before = daemon_rss_kib(&server);
    for (int i = 0; i < 300; i++) {
        client_send(&lazy[i], GET("/f"));
        client_send(&lazy[i], "GET /f HT");
    }
    for (int i = 0; i < 3; i++) {
        expect_f();
        expect_big(&c);
    }
    ck_assert_int_lt(daemon_rss_kib(&server) - before, 16 * 1024);
    for (int i = 0; i < 300; i++)
        client_close(&lazy[i]);
    daemon_await_counter(&server, "connections", 1);
    ck_assert_int_eq(daemon_counter(&server, "buffers_free"), 256);
    end();
}

/* A client that heeds Keep-Alive sends no request after that time, but its last
 * one may be on its way when the time has come. */
TEST(a_request_at_the_announced_end_of_the_idle_time_is_answered)
{
    bool is_in_time = false;

    begin("--idle-ms", "1000", NULL);
    for (int i = 0; i < 20 && !is_in_time; i++) {
        struct pollfd end;
        long start_ms;

        client_close(&c);
        client_open(&c);
        end = (struct pollfd){.fd = c.fd, .events = POLLIN};
        client_get(&c, "/f", &a);
        start_ms = now_ms();
        ck_assert_str_eq(answer_field(&a, "Keep-Alive"), "timeout=1");
        (void)poll(&end, 1, 1000);
        is_in_time = now_ms() - start_ms < 1300; /* else the machine is busy */
        if (is_in_time)
            client_get(&c, "/f", &a);
    }
    ck_assert(is_in_time);
    check_answer(&a, 200, "hello");
    client_expect_end(&c); /* it is closed in the end */
    end();
}

TEST(an_idle_time_below_a_second_is_not_announced)
{
    begin("--idle-ms", "999", NULL);
    client_get(&c, "/f", &a);
    ck_assert_ptr_null(answer_field(&a, "Keep-Alive"));
    end();
}

int main(void)
{
    suite_begin("serve_timeouts");
    suite_stage("interruptions");
    suite_add(a_head_that_dribbles_in_is_answered_408);
    suite_add(the_time_of_a_head_runs_from_its_own_first_byte);
    suite_add(an_idle_connection_is_closed_without_a_word);
    suite_add(a_request_at_the_announced_end_of_the_idle_time_is_answered);
    suite_add(an_idle_time_below_a_second_is_not_announced);
    suite_add(empty_lines_are_no_request_and_get_no_answer);
    suite_add(a_client_that_takes_nothing_is_closed_after_send_ms);
    suite_add(many_slow_heads_hold_up_no_other_and_end_in_time);
    suite_add(clients_that_do_not_read_hold_up_no_other);
    return suite_end();
}
