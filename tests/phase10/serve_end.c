/* serve_end.c: serve from outside: SIGTERM ends idle connections, and the busy
 * ones when they are done or out of time.
 *
 * Judges: serve. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "limited.h"

/* The end. */

/* Takes a line from the server's stderr. It must be this one, or be about the
 * server's rights, and then the next one must be it. */
static void expect_line(const char *line)
{
    char got[512] = "";

    for (size_t len = 0; len + 1 < sizeof got && !strchr(got, '\n'); len++)
        check_res(read(server.err, got + len, 1), 1);
    if (strstr(got, "confined: ") != NULL)
        expect_line(line);
    else
        ck_assert_str_eq(got, line);
}

TEST(sigterm_ends_idle_connections_and_finishes_the_others)
{
    static struct client busy;
    struct pollfd none;

    begin(NULL);
    expect_f();
    ask_huge(&busy);
    check_res(kill(server.pid, SIGTERM), 0);
    client_expect_end(&c);
    expect_line("serve: waits up to 10 s for requests in flight; a second "
                "signal ends them at once\n");
    none = (struct pollfd){.fd = server.err, .events = POLLIN};
    ck_assert_int_eq(poll(&none, 1, 100), 0); /* it has not ended */
    check_res(drain(&busy), HUGE_LEN);
    ck_assert_int_eq(daemon_wait(&server), 0);
    client_close(&busy);
    client_close(&c);
    site_remove();
}

/* They were sent before anybody spoke of an end. */
TEST(sigterm_finds_requests_that_wait_and_answers_the_next_as_the_last)
{
    begin(NULL);
    client_close(&c);
    ask_huge(&c);
    client_send(&c, GET("/f") GET("/f"));
    daemon_counter(&server, "connections");
    check_res(kill(server.pid, SIGTERM), 0);
    daemon_counter(&server, "connections");
    take_huge(&c);
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    ck_assert(a.closes);
    client_close(&c);
    ck_assert_int_eq(daemon_wait(&server), 0);
    site_remove();
}

TEST(sigterm_closes_busy_requests_after_drain_ms)
{
    begin("--drain-ms", "200", NULL);
    client_close(&c);
    ask_huge(&c);
    check_res(kill(server.pid, SIGTERM), 0);
    ck_assert_int_eq(daemon_wait(&server), 0);
    check_res(drain(&c), -ECONNRESET);
    client_close(&c);
    site_remove();
}

TEST(a_second_sigterm_does_not_wait)
{
    begin("--drain-ms", "3600000", NULL);
    client_close(&c);
    ask_huge(&c);
    check_res(kill(server.pid, SIGTERM), 0);
    daemon_counter(&server, "connections"); /* it has read the first */
    check_res(kill(server.pid, SIGINT), 0);
    ck_assert_int_eq(daemon_wait(&server), 0);
    check_res(drain(&c), -ECONNRESET);
    client_close(&c);
    site_remove();
}

int main(void)
{
    suite_begin("serve_end");
    suite_stage("interruptions");
    suite_add(sigterm_ends_idle_connections_and_finishes_the_others);
    suite_add(
        sigterm_finds_requests_that_wait_and_answers_the_next_as_the_last);
    suite_add(sigterm_closes_busy_requests_after_drain_ms);
    suite_add(a_second_sigterm_does_not_wait);
    return suite_end();
}
