/* serve_monitor.c: serve from outside: its counters as text for Prometheus, and
 * its health.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limited.h"

/* Returns the value of a metric in the last answer; -1: it has none. */
static long long metric(const char *name)
{
    char wanted[128];
    const char *at;

    snprintf(wanted, sizeof wanted, "\n%s ", name);
    a.body[a.body_len] = '\0';
    at = strstr(a.body, wanted);
    return at != NULL ? atoll(at + strlen(wanted)) : -1;
}

static void get_metrics(void)
{
    client_get(&c, "/m", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_str_eq(answer_field(&a, "Content-Type"),
                     "text/plain; charset=utf-8");
}

TEST(each_metric_has_a_help_line_and_a_type)
{
    int count = 0;

    begin("--metrics", "/m", NULL);
    get_metrics();
    a.body[a.body_len] = '\0';
    for (char *at = a.body; *at != '\0';) {
        char help[64], name[64], again[64], type[16];
        unsigned long long value;
        int used = 0;

        ck_assert_msg(sscanf(at, "# HELP %63s %*[^\n]\n# TYPE %63s %15s\n"
                             "%63s %llu%n", help, name, type, again, &value,
                             &used) == 5 && used > 0, "%.200s", at);
        ck_assert_str_eq(help, name);
        ck_assert_str_eq(again, name);
        ck_assert_msg(strncmp(name, "serve_", 6) == 0, "%s", name);
        ck_assert_str_eq(type, strstr(name, "_total") != NULL ? "counter"
                                                              : "gauge");
        at += used;
        ck_assert_int_eq(*at++, '\n');
        count++;
    }
    ck_assert_int_ge(count, 25);
    end();
}

TEST(metrics_count_what_was_answered)
{
    begin("--metrics", "/m", NULL);
    for (int i = 0; i < 10; i++)
        expect_f();
    for (int i = 0; i < 3; i++) {
        client_get(&c, "/none", &a);
        check_page(&a, 404);
    }
    get_metrics();
    ck_assert_int_eq(metric("serve_requests_2xx_total"), 10);
    ck_assert_int_eq(metric("serve_requests_4xx_total"), 3);
    ck_assert_int_eq(metric("serve_requests_5xx_total"), 0);
    ck_assert_int_eq(metric("serve_cache_hits_total"), 9);
    ck_assert_int_eq(metric("serve_connections"), 1);
    ck_assert_int_eq(metric("serve_log_dropped_total"), 0);
    ck_assert_int_gt(metric("serve_sent_bytes_total"), 10 * 5);
    get_metrics();
    ck_assert_int_eq(metric("serve_requests_2xx_total"), 11);
    ck_assert_int_eq(daemon_counter(&server, "requests_2xx"), 12);
    end();
}

/* One ring answers; the connections are spread over all of them. */
TEST(metrics_are_the_sum_of_all_rings)
{
    static struct client clients[32];

    begin("--metrics", "/m", "--threads", "4", NULL);
    for (int i = 0; i < 32; i++)
        client_open(&clients[i]);
    for (int i = 0; i < 32; i++) {
        client_get(&clients[i], "/f", &a);
        check_answer(&a, 200, "hello");
    }
    daemon_await_counter(&server, "dormant", 33);
    get_metrics();
    ck_assert_int_eq(metric("serve_requests_2xx_total"), 32);
    ck_assert_int_eq(metric("serve_connections"), 33);
    ck_assert_int_eq(metric("serve_accepted_total"), 33);
    for (int i = 0; i < 32; i++)
        client_close(&clients[i]);
    end();
}

/* The text of the metrics is written while other answers wait for a reader. */
TEST(a_slow_reader_gets_whole_metrics)
{
    static struct client slow;
    static char requests[400 * sizeof GET("/m")];

    begin("--metrics", "/m", "--send-buf", "8192", NULL);
    for (int i = 0; i < 400; i++)
        strcat(requests, GET("/m"));
    client_open(&slow);
    client_send(&slow, requests);
    do /* until the numbers have more digits */
        get_metrics();
    while (metric("serve_requests_2xx_total") < 2000);
    for (int i = 0; i < 400; i++) {
        client_take(&slow, &a);
        ck_assert_int_eq(a.status, 200);
        ck_assert_int_eq(a.body[a.body_len - 1], '\n');
        ck_assert_int_ge(metric("serve_connections"), 2);
    }
    client_close(&slow);
    end();
}

TEST(metrics_and_health_are_not_logged)
{
    static char log[4096];
    ssize_t len;
    int fd;

    site_make();
    make_files();
    daemon_start(&server, "serve", "--root", site_root, "--metrics", "/m",
                 "--health", "--log", "combined", "--log-file",
                 site_path("log"), NULL);
    client_open(&c);
    get_metrics();
    client_get(&c, "/healthz", &a);
    check_answer(&a, 200, "ok\n");
    expect_f();
    client_close(&c);
    daemon_stop(&server);
    fd = open(site_path("log"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    len = read(fd, log, sizeof log - 1);
    ck_assert_int_gt(len, 0);
    close(fd);
    ck_assert_ptr_nonnull(strstr(log, "GET /f "));
    ck_assert_ptr_eq(strchr(log, '\n'), log + len - 1);
    site_remove();
}

TEST(an_old_client_without_a_host_can_ask_for_health)
{
    begin("--health", NULL);
    client_send(&c, "GET /healthz HTTP/1.0\r\n\r\n");
    client_take(&c, &a);
    check_answer(&a, 200, "ok\n");
    client_close(&c);
    client_open(&c);
    client_send(&c, HEAD("/healthz"));
    client_take_head(&c, &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_int_eq(a.length, 3);
    client_send(&c, "POST /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    client_take(&c, &a);
    check_page(&a, 405);
    end();
}

TEST(a_stopping_server_is_not_healthy)
{
    static struct client lazy;

    begin("--health", NULL);
    client_get(&c, "/healthz", &a);
    check_answer(&a, 200, "ok\n");
    client_close(&c);
    daemon_await_counter(&server, "connections", 0);
    ask_huge(&lazy); /* the server waits for it */
    client_open(&c);
    daemon_await_counter(&server, "connections", 2);
    kill(server.pid, SIGTERM);
    daemon_await_refusal(&server);
    client_get(&c, "/healthz", &a);
    check_answer(&a, 503, "stopping\n");
    ck_assert(a.closes);
    client_close(&c);
    take_huge(&lazy);
    client_close(&lazy);
    ck_assert_int_eq(daemon_wait(&server), 0);
    site_remove();
}

TEST(without_options_both_are_files)
{
    begin(NULL);
    client_get(&c, "/healthz", &a);
    check_page(&a, 404);
    site_text("root/healthz", "a file");
    client_get(&c, "/healthz", &a);
    check_answer(&a, 200, "a file");
    end();
}

int main(void)
{
    const char *no_option = daemon_why_no_option("serve", "metrics");
    const char *no_counters = daemon_why_no_counters("serve");
    const char *reason = no_option != NULL ? no_option : no_counters;

    suite_begin("serve_monitor");
    suite_add_unless(reason, each_metric_has_a_help_line_and_a_type);
    suite_add_unless(reason, metrics_count_what_was_answered);
    suite_add_unless(reason, metrics_are_the_sum_of_all_rings);
    suite_add_unless(reason, a_slow_reader_gets_whole_metrics);
    suite_add_unless(reason, metrics_and_health_are_not_logged);
    suite_add_unless(reason, an_old_client_without_a_host_can_ask_for_health);
    suite_add_unless(reason, a_stopping_server_is_not_healthy);
    suite_add_unless(reason, without_options_both_are_files);
    return suite_end();
}
