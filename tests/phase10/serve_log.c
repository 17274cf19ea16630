/* serve_log.c: serve from outside: its access log has a line for each answer,
 * whatever clients send, and never holds up an answer.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limited.h"

#define LINES_MAX 20000

static char text[8 << 20]; /* the log, with a NUL */
static char *lines[LINES_MAX];

/* Starts serve with a log beside its root. */
#define begin_log(format, ...)                                                 \
    (site_make(), make_files(),                                                \
     daemon_start(&server, "serve", "--root", site_root, "--log", format,      \
                  "--log-file", site_path("log"), __VA_ARGS__),                \
     client_open(&c))

/* Reads a log and returns how many whole lines it has. */
static int read_lines(const char *name)
{
    int fd = open(site_path(name), O_RDONLY | O_CLOEXEC), count = 0;
    size_t len = 0;
    ssize_t got = 1;
    char *at = text, *end;

    while (fd >= 0 && got > 0) {
        ck_assert_uint_lt(len, sizeof text - 1);
        got = read(fd, text + len, sizeof text - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    text[len] = '\0';
    for (; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        *end = '\0';
        ck_assert_int_lt(count, LINES_MAX);
        lines[count++] = at;
    }
    return count;
}

static void await_lines(const char *name, int count)
{
    long start = now_ms();

    while (read_lines(name) < count) {
        ck_assert_msg(now_ms() - start < DAEMON_DEADLINE_MS, "%s has: %s",
                      name, text);
        poll(NULL, 0, 5);
    }
    ck_assert_int_eq(read_lines(name), count);
}

/* The line of a log after its time has these words. */
static void check_line(int number, const char *expected)
{
    const char *at = strstr(lines[number], "] ");

    ck_assert_msg(strncmp(lines[number], "127.0.0.1 - - [", 15) == 0, "'%s'",
                  lines[number]);
    ck_assert_ptr_nonnull(at);
    ck_assert_msg(strncmp(at + 2, expected, strlen(expected)) == 0,
                  "'%s' is not '%s'", at + 2, expected);
}

/* A line of the log ends in seconds, fewer than a client waits. */
static void check_seconds(int number)
{
    const char *last = strrchr(lines[number], ' ');
    char *end;

    ck_assert_ptr_nonnull(strchr(last, '.'));
    ck_assert_int_lt((long)(strtod(last, &end) * 1000), DAEMON_DEADLINE_MS);
    ck_assert_msg(*end == '\0', "'%s'", lines[number]);
}

TEST(each_answer_is_logged_with_its_status_and_bytes)
{
    begin_log("combined", NULL);
    expect_f();
    client_send(&c, HEAD("/f"));
    client_take_head(&c, &a);
    client_get(&c, "/none?q", &a);
    check_page(&a, 404);
    await_lines("log", 3);
    check_line(0, "\"GET /f HTTP/1.1\" 200 5 \"-\" \"-\" ");
    check_line(1, "\"HEAD /f HTTP/1.1\" 200 0 \"-\" \"-\" ");
    check_seconds(0);
    check_seconds(1);
    check_line(2, "\"GET /none?q HTTP/1.1\" 404 ");
    ck_assert_int_eq(atoi(strstr(lines[2], "\" 404 ") + 6), (int)a.body_len);
    client_send(&c, "GET /f HTTP/1.0\r\nUser-Agent: x y\r\n"
                    "Referer: http://r/\r\n\r\n");
    client_take(&c, &a);
    await_lines("log", 4);
    check_line(3, "\"GET /f HTTP/1.0\" 200 5 \"http://r/\" \"x y\" ");
    check_seconds(3);
    end();
}

/* The first request for a large file makes no copy. */
TEST(a_part_of_a_file_is_logged_with_the_bytes_of_the_part)
{
    begin_log("combined", NULL);
    client_send(&c, "GET /big HTTP/1.1\r\nHost: a\r\n"
                    "Range: bytes=10-19\r\n\r\n");
    client_take(&c, &a);
    ck_assert_int_eq(a.status, 206);
    ck_assert_uint_eq(a.body_len, 10);
    await_lines("log", 1);
    check_line(0, "\"GET /big HTTP/1.1\" 206 10 ");
    end();
}

TEST(a_line_of_json_is_an_object)
{
    begin_log("json", NULL);
    expect_big(&c);
    await_lines("log", 1);
    ck_assert_msg(strncmp(lines[0], "{\"time\":\"20", 11) == 0, "%s", lines[0]);
    ck_assert_ptr_nonnull(strstr(lines[0], "Z\",\"remote\":\"127.0.0.1\","
                                 "\"method\":\"GET\",\"target\":\"/big\","
                                 "\"version\":\"1.1\",\"status\":200,"
                                 "\"bytes\":5242880,\"seconds\":"));
    end();
}

TEST(input_that_is_not_a_request_is_logged)
{
    begin_log("combined", "--header-ms", "100", NULL);
    client_send(&c, "nonsense\r\n\r\n");
    client_take(&c, &a);
    check_page(&a, 400);
    await_lines("log", 1);
    check_line(0, "\"-\" 400 ");
    client_close(&c);
    client_open(&c);
    client_send(&c, "GET /slow");
    client_take(&c, &a);
    check_page(&a, 408);
    await_lines("log", 2);
    check_line(1, "\"-\" 408 ");
    end();
}

TEST(no_client_can_forge_a_line)
{
    begin_log("combined", NULL);
    client_send(&c, "GET /f HTTP/1.1\r\nHost: a\r\n"
                    "User-Agent: \"\\\t\x9b" "2J\xff 200 0\r\n\r\n");
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    await_lines("log", 1);
    ck_assert_ptr_nonnull(strstr(lines[0], " \"\\x22\\x5c\\x09\\x9b2J\\xff "
                                           "200 0\" 0."));
    end();
}

/* Pipelined answers are sent together: each line has its own bytes. */
TEST(pipelined_answers_have_a_line_each)
{
    static char requests[200 * sizeof GET("/f")];

    begin_log("combined", NULL);
    for (int i = 0; i < 200; i++)
        strcat(requests, i % 2 == 0 ? GET("/f") : HEAD("/f"));
    client_send(&c, requests);
    for (int i = 0; i < 100; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello");
        client_take_head(&c, &a);
    }
    await_lines("log", 200);
    for (int i = 0; i < 200; i++)
        check_line(i, i % 2 == 0 ? "\"GET /f HTTP/1.1\" 200 5 "
                                 : "\"HEAD /f HTTP/1.1\" 200 0 ");
    end();
}

/* The second request waits for the disk while the first answer is sent. */
TEST(a_line_has_its_own_request_if_its_answer_waits)
{
    begin_log("combined", NULL);
    expect_f();
    client_send(&c, GET("/f") "GET /none HTTP/1.1\r\nHost: a\r\n"
                    "User-Agent: mine\r\n\r\n" GET("/f") GET("/also"));
    for (int i = 0; i < 4; i++) {
        client_take(&c, &a);
        ck_assert_int_eq(a.status, i % 2 == 0 ? 200 : 404);
    }
    await_lines("log", 5);
    check_line(1, "\"GET /f HTTP/1.1\" 200 5 \"-\" \"-\"");
    check_line(2, "\"GET /none HTTP/1.1\" 404 ");
    ck_assert_ptr_nonnull(strstr(lines[2], " \"-\" \"mine\" 0."));
    check_line(3, "\"GET /f HTTP/1.1\" 200 5 \"-\" \"-\"");
    check_line(4, "\"GET /also HTTP/1.1\" 404 ");
    end();
}

/* They have no line, so nothing of them may be kept. */
TEST(pipelined_checks_of_health_leave_nothing_in_the_log)
{
    static char requests[16 * 900];
    char agent[770] = {0};
    size_t len = 0;

    begin_log("combined", "--health", NULL);
    memset(agent, 'x', sizeof agent - 1);
    for (int i = 0; i < 16; i++)
        len += (size_t)sprintf(requests + len, "GET /healthz HTTP/1.1\r\n"
                               "Host: a\r\nUser-Agent: %s\r\n\r\n", agent);
    for (int i = 0; i < 20; i++)
        client_send(&c, requests);
    for (int i = 0; i < 20 * 16; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "ok\n");
    }
    expect_f();
    await_lines("log", 1);
    check_line(0, "\"GET /f HTTP/1.1\" 200 5 ");
    end();
}

TEST(a_line_states_the_bytes_that_were_really_sent)
{
    struct linger reset = {.l_onoff = 1};
    long long sent;

    begin_log("combined", NULL);
    client_close(&c);
    ask_huge(&c);
    ck_assert_int_eq(setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset,
                                sizeof reset), 0);
    client_close(&c);
    await_lines("log", 1);
    check_line(0, "\"GET /huge HTTP/1.1\" 200 ");
    sent = atoll(strstr(lines[0], "\" 200 ") + 6);
    ck_assert_int_gt(sent, 0);
    ck_assert_int_lt(sent, HUGE_LEN);
    client_open(&c);
    end();
}

/* The file could be read, and the client has gone: that is not a 500. */
TEST(a_client_that_has_gone_is_not_an_error_of_the_server)
{
    struct linger reset = {.l_onoff = 1};

    begin_log("combined", NULL);
    for (int i = 0; i < 20; i++) {
        kill(server.pid, SIGSTOP);
        client_send(&c, GET("/huge"));
        ck_assert_int_eq(setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset,
                                    sizeof reset), 0);
        client_close(&c);
        kill(server.pid, SIGCONT);
        daemon_await_counter(&server, "connections", 0);
        client_open(&c);
    }
    ck_assert_int_eq(daemon_counter(&server, "requests_5xx"), 0);
    end();
}

TEST(a_line_is_written_after_the_answer)
{
    begin_log("combined", NULL);
    client_close(&c);
    ask_huge(&c);
    daemon_await_counter_at_least(&server, "accepted", 1);
    ck_assert_int_eq(read_lines("log"), 0);
    take_huge(&c);
    await_lines("log", 1);
    ck_assert_ptr_nonnull(strstr(lines[0], " 200 67108864 "));
    end();
}

TEST(the_lines_of_several_rings_do_not_mix)
{
    static struct client clients[16];
    static char requests[50 * 400];
    char agent[300] = {0}, request[400];

    begin_log("combined", "--threads", "4", NULL);
    memset(agent, 'x', sizeof agent - 1);
    snprintf(request, sizeof request,
             "GET /f HTTP/1.1\r\nHost: a\r\nUser-Agent: %s\r\n\r\n", agent);
    for (int i = 0; i < 50; i++)
        strcat(requests, request);
    for (int i = 0; i < 16; i++)
        client_open(&clients[i]);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 16; i++)
            client_send(&clients[i], requests);
        for (int i = 0; i < 16 * 50; i++) {
            client_take(&clients[i % 16], &a);
            check_answer(&a, 200, "hello");
        }
    }
    ck_assert_int_eq(daemon_counter(&server, "log_dropped"), 0);
    await_lines("log", 4 * 16 * 50);
    for (int i = 0; i < 4 * 16 * 50; i++) {
        const char *end = strrchr(lines[i], '"');

        check_line(i, "\"GET /f HTTP/1.1\" 200 5 \"-\" \"xxx");
        ck_assert_int_eq(end - strchr(lines[i], 'x'), 299);
        ck_assert_ptr_eq(strchr(end, 'x'), NULL);
    }
    for (int i = 0; i < 16; i++)
        client_close(&clients[i]);
    end();
}

TEST(sighup_opens_the_log_again)
{
    static char old[4096];

    begin_log("combined", NULL);
    expect_f();
    await_lines("log", 1);
    snprintf(old, sizeof old, "%s", site_path("log.1"));
    ck_assert_int_eq(rename(site_path("log"), old), 0);
    expect_f();
    await_lines("log.1", 2);
    kill(server.pid, SIGHUP);
    do
        poll(NULL, 0, 5);
    while (access(site_path("log"), F_OK) != 0);
    expect_f();
    await_lines("log", 1);
    await_lines("log.1", 2);
    end();
}

TEST(sighup_without_a_log_ends_nothing)
{
    begin(NULL);
    for (int i = 0; i < 10; i++) {
        kill(server.pid, SIGHUP);
        expect_f();
    }
    end();
}

/* The old file is better than none. */
TEST(a_log_that_cannot_be_opened_again_goes_on_in_the_old_file)
{
    static char old[4096];
    int reports = 0;

    begin_log("combined", NULL);
    expect_f();
    await_lines("log", 1);
    snprintf(old, sizeof old, "%s", site_path("log.1"));
    ck_assert_int_eq(rename(site_path("log"), old), 0);
    site_dir("log");
    kill(server.pid, SIGHUP);
    while (reports == 0) {
        (void)daemon_counter(&server, "connections");
        reports = strstr(server.log, "goes on in the old file") != NULL;
    }
    expect_f();
    await_lines("log.1", 2);
    end();
}

TEST(what_is_buffered_is_written_at_the_end)
{
    begin_log("combined", NULL);
    for (int i = 0; i < 100; i++)
        client_send(&c, GET("/f"));
    for (int i = 0; i < 100; i++)
        client_take(&c, &a);
    client_close(&c);
    daemon_stop(&server);
    ck_assert_int_eq(read_lines("log"), 100);
    site_remove();
}

/* Opens a FIFO for the log, and starts serve. Returns the reading end. */
static int begin_fifo(void)
{
    int fd;

    site_make();
    make_files();
    ck_assert_int_eq(mkfifo(site_path("log"), 0600), 0);
    fd = open(site_path("log"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    (void)fcntl(fd, F_SETPIPE_SZ, 4096);
    daemon_start(&server, "serve", "--root", site_root, "--log", "combined",
                 "--log-file", site_path("log"), NULL);
    client_open(&c);
    return fd;
}

static int requested;

/* Requests until so many lines were dropped. Returns how often the server has
 * printed that. */
static int reports_until_dropped(const char *error, long count)
{
    long start = now_ms(), dropped;
    int reports = 0;

    do {
        ck_assert_int_lt(now_ms() - start, DAEMON_DEADLINE_MS);
        expect_f();
        requested++;
        dropped = daemon_counter(&server, "log_dropped");
        for (char *at = server.log; (at = strstr(at, error)) != NULL; at++)
            reports++;
    } while (dropped < count);
    return reports;
}

TEST(a_reader_that_stops_holds_up_no_answer)
{
    int fifo = begin_fifo();

    for (int i = 0; i < 5000; i++) {
        expect_f();
        if (i % 500 == 499)
            expect_big(&c);
    }
    daemon_await_counter_at_least(&server, "log_dropped", 1);
    /* It ends in time, although the pipe takes nothing. */
    end();
    close(fifo);
}

TEST(a_reader_that_goes_away_ends_nothing)
{
    int fifo = begin_fifo();

    expect_f();
    close(fifo);
    ck_assert_int_eq(reports_until_dropped("(EPIPE)", 10), 1);
    end();
}

TEST(a_pipe_does_not_split_lines)
{
    int fifo = begin_fifo();
    static char requests[40 * sizeof GET("/f")], got[1 << 20];
    size_t len = 0;
    int count = 0;

    for (int i = 0; i < 40; i++)
        strcat(requests, GET("/f"));
    for (int i = 0; i < 10; i++) {
        client_send(&c, requests);
        for (int j = 0; j < 40; j++)
            client_take(&c, &a);
    }
    while (count < 400) {
        struct pollfd ready = {.fd = fifo, .events = POLLIN};
        ssize_t n;

        ck_assert_int_eq(poll(&ready, 1, DAEMON_DEADLINE_MS), 1);
        n = read(fifo, got + len, sizeof got - len);
        ck_assert_int_gt(n, 0);
        for (ssize_t i = 0; i < n; i++)
            count += got[len + (size_t)i] == '\n';
        len += (size_t)n;
        ck_assert_int_eq(got[len - 1], '\n');
    }
    end();
    close(fifo);
}

/* Instead of a full disk: no file of the server may become longer. */
TEST(a_full_disk_ends_nothing_and_is_reported_once)
{
    const struct rlimit limit = {1000, 1000};

    begin_log("combined", NULL);
    ck_assert_int_eq(prlimit(server.pid, RLIMIT_FSIZE, &limit, NULL), 0);
    ck_assert_int_eq(reports_until_dropped("(EFBIG)", 10), 1);
    ck_assert_int_gt(read_lines("log"), 5);
    /* Each line is in the file or counted, also the one that was cut. */
    daemon_await_counter(&server, "log_dropped",
                         requested - read_lines("log"));
    end();
}

TEST(without_a_file_the_log_is_on_stdout)
{
    char line[200];
    size_t len = 0;

    site_make();
    make_files();
    daemon_start(&server, "serve", "--root", site_root, "--log", "combined",
                 NULL);
    client_open(&c);
    expect_f();
    do {
        struct pollfd ready = {.fd = server.out, .events = POLLIN};

        ck_assert_uint_lt(len, sizeof line);
        ck_assert_int_eq(poll(&ready, 1, DAEMON_DEADLINE_MS), 1);
        ck_assert_int_eq(read(server.out, line + len, 1), 1);
    } while (line[len++] != '\n');
    line[len] = '\0';
    ck_assert_msg(strstr(line, "\"GET /f HTTP/1.1\" 200 5 ") != NULL, "%s",
                  line);
    end();
}

int main(void)
{
    const char *no_log = daemon_why_no_option("serve", "log");
    const char *no_counters = daemon_why_no_counters("serve");
    const char *reason = no_log != NULL ? no_log : no_counters;

    suite_begin("serve_log");
    suite_add_unless(reason,
                     each_answer_is_logged_with_its_status_and_bytes);
    suite_add_unless(reason,
                     a_part_of_a_file_is_logged_with_the_bytes_of_the_part);
    suite_add_unless(reason, a_line_of_json_is_an_object);
    suite_add_unless(reason, input_that_is_not_a_request_is_logged);
    suite_add_unless(reason, no_client_can_forge_a_line);
    suite_add_unless(reason, pipelined_answers_have_a_line_each);
    suite_add_unless(reason,
                     a_line_has_its_own_request_if_its_answer_waits);
    suite_add_unless(reason,
                     pipelined_checks_of_health_leave_nothing_in_the_log);
    suite_add_unless(reason, a_line_states_the_bytes_that_were_really_sent);
    suite_add_unless(reason,
                     a_client_that_has_gone_is_not_an_error_of_the_server);
    suite_add_unless(reason, a_line_is_written_after_the_answer);
    suite_add_unless(reason, the_lines_of_several_rings_do_not_mix);
    suite_add_unless(reason, sighup_opens_the_log_again);
    suite_add_unless(reason, sighup_without_a_log_ends_nothing);
    suite_add_unless(reason,
                     a_log_that_cannot_be_opened_again_goes_on_in_the_old_file);
    suite_add_unless(reason, what_is_buffered_is_written_at_the_end);
    suite_add_unless(reason, a_reader_that_stops_holds_up_no_answer);
    suite_add_unless(reason, a_reader_that_goes_away_ends_nothing);
    suite_add_unless(reason, a_pipe_does_not_split_lines);
    suite_add_unless(reason, a_full_disk_ends_nothing_and_is_reported_once);
    suite_add_unless(reason, without_a_file_the_log_is_on_stdout);
    return suite_end();
}
