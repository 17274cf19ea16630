/* serve_limits.c: serve from outside: buffers, rings, connections, descriptors
 * and threads are bounded, and the server releases all of them.
 *
 * Judges: serve. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limited.h"

TEST(one_receive_buffer_is_enough_for_all_clients)
{
    static struct client lazy, others[20];

    begin("--bufs", "1", NULL);
    ask_huge(&lazy);
    client_send(&lazy, GET("/f") GET("/f") "GET /");
    for (int i = 0; i < 20; i++) {
        client_open(&others[i]);
        client_send(&others[i], GET("/f") GET("/none") "GET /f HTTP");
    }
    for (int i = 0; i < 20; i++) {
        client_take(&others[i], &a);
        check_answer(&a, 200, "hello");
        client_take(&others[i], &a);
        check_page(&a, 404);
        client_send(&others[i], "/1.1\r\nHost: a\r\n\r\n");
        client_take(&others[i], &a);
        check_answer(&a, 200, "hello");
        expect_big(&others[i]);
        client_close(&others[i]);
    }
    take_huge(&lazy);
    for (int i = 0; i < 2; i++) {
        client_take(&lazy, &a);
        check_answer(&a, 200, "hello");
    }
    client_close(&lazy);
    end();
}

TEST(tiny_rings_change_no_byte)
{
    begin("--sq", "2", "--cq", "16", "--bufs", "2", NULL);
    for (int i = 0; i < 3; i++) {
        expect_f();
        expect_big(&c);
        client_get(&c, "/none", &a);
        check_page(&a, 404);
    }
    for (int i = 0; i < 100; i++)
        client_send(&c, GET("/f"));
    for (int i = 0; i < 100; i++) {
        client_take(&c, &a);
        check_answer(&a, 200, "hello");
    }
    end();
}

/* So many at a time, whose answers are all as long as one. */
static void ask_many(int count)
{
    static char requests[100 * sizeof GET("/f")], answers[100 * 1024];
    size_t len = 0, answer_len;

    expect_f();
    answer_len = strlen(a.head) + a.body_len;
    ck_assert_uint_lt(100 * answer_len, sizeof answers);
    for (int i = 0; i < 100; i++)
        len += (size_t)sprintf(requests + len, GET("/f"));
    for (; count > 0; count -= 100) {
        socket_send(c.fd, requests, len);
        socket_receive(c.fd, answers, 100 * answer_len);
    }
    check(memcmp(answers, "HTTP/1.1 200", 12) == 0);
    check(memcmp(answers + 100 * answer_len - 5, "hello", 5) == 0);
}

/* Asks for the big file until the server sends a copy of it from its memory. A
 * slow client needs more than two requests, because a copy expires. */
static void await_copy_of_big(void)
{
    long hits;
    int tries = 0;

    do {
        ck_assert_int_lt(tries++, 100);
        hits = daemon_counter(&server, "cache_hits");
        expect_big(&c);
    } while (daemon_counter(&server, "cache_hits") == hits);
}

/* Returns the server's resident memory while it has a copy of the big file: the
 * copy is there before and after. On a busy machine it may expire between. */
static long rss_with_copy(void)
{
    long rss, hits;
    int tries = 0;

    do {
        ck_assert_int_lt(tries++, 100);
        await_copy_of_big();
        rss = daemon_rss_kib(&server);
        hits = daemon_counter(&server, "cache_hits");
        expect_big(&c);
    } while (daemon_counter(&server, "cache_hits") == hits);
    expect_f(); /* the server has closed the big file */
    return rss;
}

TEST(ten_thousand_requests_leave_nothing_behind)
{
    long rss;
    int fds;

    begin(NULL);
    for (int i = 0; i < 300; i++) /* until each receive buffer was used */
        expect_f();
    ask_many(1000);
    rss = rss_with_copy();
    fds = daemon_fd_count(&server);
    ask_many(10000);
    ck_assert_int_lt(rss_with_copy() - rss, 512);
    ck_assert_int_eq(daemon_fd_count(&server), fds);
    ck_assert_int_eq(daemon_counter(&server, "buffers_free"), 256);
    end();
}

TEST(a_thousand_connections_leave_nothing_behind)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int fds;

    begin(NULL);
    expect_f();
    fds = daemon_fd_count(&server);
    for (int i = 0; i < 1000; i++) {
        static struct client other;

        client_open(&other);
        client_send(&other, i % 2 ? GET("/f") : GET("/big"));
        if (i % 4 == 1)
            client_take(&other, &a);
        else if (i % 4 == 2)
            setsockopt(other.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        client_close(&other);
    }
    daemon_await_counter(&server, "connections", 1);
    daemon_await_fd_count(&server, fds);
    ck_assert_int_eq(daemon_counter(&server, "buffers_free"), 256);
    expect_f();
    end();
}

/* Connections and descriptors. */

TEST(clients_beyond_the_limit_wait_until_others_leave)
{
    static struct client clients[12];

    start("--max-conns", "4", NULL);
    make_files();
    for (int i = 0; i < 12; i++)
        client_open(&clients[i]);
    for (int i = 0; i < 12; i++) {
        client_get(&clients[i], "/f", &a);
        check_answer(&a, 200, "hello");
        ck_assert_int_le(daemon_counter(&server, "connections"), 4);
        client_close(&clients[i]);
    }
    client_open(&c);
    end();
}

#define CLIENTS 24
#define IDLE_MAX 128

/* Starts a server that may have so many descriptors more than it needs to serve
 * one client. It divides its limit among connections and files, and has room
 * for all clients: but it inherits descriptors that it does not know of. The
 * limit has to be there from the start: the kernel notes it when an accept is
 * armed. */
static void begin_with_few_fds(int more)
{
    const int limit = 4 * CLIENTS;
    struct rlimit few = {(rlim_t)limit, (rlim_t)limit};
    int idle[IDLE_MAX], used, count = 0;

    begin(NULL);
    expect_f();
    used = daemon_fd_count(&server);
    end();
    while (used + count + more < limit && count < IDLE_MAX)
        idle[count++] = open("/dev/null", O_RDONLY); /* not O_CLOEXEC */
    check_res(setrlimit(RLIMIT_NOFILE, &few), 0);
    start(NULL);
    for (int i = 0; i < count; i++)
        close(idle[i]);
    make_files();
    client_open(&c);
    expect_f();
}

/* Of 64 descriptors 32 are for connections and 16 for files. The files run out
 * while descriptors are free: a connection must not be without one. */
/* Of 64 descriptors, 16 are for files, and two of these for copies. */
TEST(beyond_its_share_of_descriptors_a_file_is_not_opened)
{
    static struct client clients[14];
    struct rlimit few = {64, 64};

    check_res(setrlimit(RLIMIT_NOFILE, &few), 0);
    begin(NULL);
    expect_f();
    for (int i = 0; i < 14; i++)
        ask_huge(&clients[i]);
    client_get(&c, "/huge", &a);
    check_page(&a, 503);
    expect_f();
    site_text("root/new", "copied");
    client_get(&c, "/new", &a);
    check_answer(&a, 200, "copied");
    client_get(&c, "/none", &a);
    check_page(&a, 404);
    ck_assert_int_eq(daemon_counter(&server, "emfile"), 0);
    client_close(&clients[0]);
    do {
        client_send(&c, HEAD("/huge"));
        client_take_head(&c, &a);
    } while (a.status == 503);
    ck_assert_int_eq(a.status, 200);
    for (int i = 1; i < 14; i++)
        client_close(&clients[i]);
    end();
}

/* Eight descriptors more, and twenty-four clients. Files in memory are still
 * served. Files that would have to be opened are refused for now. */
TEST(without_descriptors_the_server_neither_spins_nor_forgets)
{
    static struct client clients[CLIENTS];
    long ticks, emfile, start_ms, took_ms;

    begin_with_few_fds(8);
    for (int i = 0; i < CLIENTS; i++)
        client_open(&clients[i]);
    while (daemon_counter(&server, "emfile") == 0)
        poll(NULL, 0, 10);
    client_get(&c, "/big", &a);
    check_page(&a, 503);
    ck_assert_str_eq(answer_field(&a, "Retry-After"), "1");
    ck_assert(!a.closes);
    ticks = daemon_cpu_ticks(&server);
    emfile = daemon_counter(&server, "emfile");
    start_ms = now_ms();
    poll(NULL, 0, 500);
    ticks = daemon_cpu_ticks(&server) - ticks;
    emfile = daemon_counter(&server, "emfile") - emfile;
    took_ms = now_ms() - start_ms; /* a busy machine takes longer */
    ck_assert_int_lt(ticks, 1 + took_ms * sysconf(_SC_CLK_TCK) / 4000);
    ck_assert_int_lt(emfile, took_ms / 25);
    for (int i = 0; i < CLIENTS; i++) {
        client_get(&clients[i], "/none", &a);
        ck_assert(a.status == 404 || a.status == 503);
        client_close(&clients[i]);
    }
    daemon_await_counter(&server, "connections", 1);
    expect_f();
    expect_big(&c);
    end();
}

/* Threads. */

/* How many the process has that the kernel has not made to do the ring's
 * work. */
static int threads_of_its_own(void)
{
    char path[64], name[400];
    struct dirent *entry;
    int count = 0;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)server.pid);
    dir = opendir(path);
    ck_assert(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        FILE *file;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s/comm", path, entry->d_name);
        file = fopen(name, "r");
        if (file == NULL)
            continue; /* gone: a worker */
        count += fgets(name, sizeof name, file) != NULL &&
                 strncmp(name, "iou-", 4) != 0;
        fclose(file);
    }
    closedir(dir);
    return count;
}

TEST(no_thread_runs_but_the_one_that_runs_the_ring)
{
    begin(NULL);
    for (int i = 0; i < 10; i++) {
        expect_f();
        expect_big(&c);
        client_get(&c, "/none", &a);
        ck_assert_int_eq(threads_of_its_own(), 1);
    }
    end();
}

TEST(several_rings_share_one_port)
{
    static struct client clients[64];

    start("--threads", "3", NULL);
    make_files();
    ck_assert_int_eq(threads_of_its_own(), 3);
    for (int i = 0; i < 64; i++) {
        client_open(&clients[i]);
        client_send(&clients[i], GET("/f") GET("/big"));
    }
    for (int i = 0; i < 64; i++) {
        client_take(&clients[i], &a);
        check_answer(&a, 200, "hello");
        client_take(&clients[i], &a);
        ck_assert(is_pattern(a.body, 5 * MIB, 0));
    }
    /* Each ring keeps its own copies, and all of them see the change. */
    for (int round = 0; round < 5; round++) {
        site_text("root/f", round % 2 ? "even" : "odd");
        for (int i = 0; i < 64; i++) {
            client_get(&clients[i], "/f", &a);
            check_answer(&a, 200, round % 2 ? "even" : "odd");
        }
    }
    for (int i = 0; i < 64; i++)
        client_close(&clients[i]);
    stop();
}

TEST(an_idle_server_uses_no_processor_time)
{
    long enters;

    begin(NULL);
    expect_f();
    daemon_await_idle(&server);
    enters = daemon_counter(&server, "enters");
    poll(NULL, 0, 1000);
    ck_assert_int_lt(daemon_counter(&server, "enters") - enters, 10);
    end();
}

int main(void)
{
    suite_begin("serve_limits");
    suite_stage("exotic");
    suite_add(one_receive_buffer_is_enough_for_all_clients);
    suite_add(tiny_rings_change_no_byte);
    suite_add(ten_thousand_requests_leave_nothing_behind);
    suite_add(a_thousand_connections_leave_nothing_behind);
    suite_add(clients_beyond_the_limit_wait_until_others_leave);
    suite_add(beyond_its_share_of_descriptors_a_file_is_not_opened);
    suite_add(without_descriptors_the_server_neither_spins_nor_forgets);
    suite_add(no_thread_runs_but_the_one_that_runs_the_ring);
    suite_add(several_rings_share_one_port);
    suite_add(an_idle_server_uses_no_processor_time);
    return suite_end();
}
