/* echo_process.c: phase 8's server from outside, as a process: without free
 * descriptors, when idle, with a full stderr and a storm of signals.
 *
 * Judges: echo. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "echoing.h"

#define CLIENTS 200
#define IDLE_MAX 1000

/* Starts it with 16 fds more than it needs: the 17th client finds none. The
 * server divides its limit among connections and other files, and has room for
 * all clients: but it inherits files that it does not know of. The hard limit
 * is low, too, since the server raises the soft one. */
static void start_with_few_fds(void)
{
    const unsigned limit = 4 * CLIENTS;
    static int idle[IDLE_MAX];
    int fds = start_counted(), count = 0;
    struct rlimit few = {limit, limit};

    daemon_stop(&d);
    while (fds + count < (int)limit - 16 && count < IDLE_MAX)
        idle[count++] = open("/dev/null", O_RDONLY); /* not O_CLOEXEC */
    ck_assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
    daemon_start(&d, "echo", NULL);
    for (int i = 0; i < count; i++)
        close(idle[i]);
}

TEST(without_fds_the_server_neither_spins_nor_forgets_a_client)
{
    static int fds[CLIENTS];

    start_with_few_fds();
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = daemon_connect(&d);
    check_echo(fds[0], "served");
    if (no_counters == NULL)
        daemon_await_counter_at_least(&d, "emfile", 1);
    long ticks = daemon_cpu_ticks(&d), emfile = 0;
    if (no_counters == NULL)
        emfile = daemon_counter(&d, "emfile");
    uint64_t began = now_ns();
    for (int i = 0; i < 20; i++) { /* a second's worth of waiting, and work */
        check_echo(fds[0], "still served");
        poll(NULL, 0, 50);
    }
    long seconds = 1 + (long)((now_ns() - began) / 1000000000);
    ck_assert_int_le(daemon_cpu_ticks(&d) - ticks,
                     seconds * sysconf(_SC_CLK_TCK) / 20);
    if (no_counters == NULL)
        ck_assert_int_lt(daemon_counter(&d, "emfile") - emfile, 100 * seconds);
    for (int i = 0; i < CLIENTS; i++) {
        check_echo(fds[i], "at last");
        close(fds[i]);
    }
    daemon_stop(&d);
}

/* With ten thousand connections more, only the ring is larger. */
TEST(connections_that_never_were_use_no_memory)
{
    long rss_kib[2];

    for (int i = 0; i < 2; i++) {
        daemon_start(&d, "echo", "--max-conns", i == 0 ? "100" : "10000", NULL);
        check_echo(daemon_connect(&d), "one");
        rss_kib[i] = daemon_rss_kib(&d);
        daemon_stop(&d);
    }
    ck_assert_int_lt(rss_kib[1] - rss_kib[0], 1024);
}

TEST(an_idle_server_uses_no_processor_time)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);
    long enters = 0;

    check_echo(fd, "hello");
    daemon_await_idle(&d);
    if (no_counters == NULL)
        enters = daemon_counter(&d, "enters");
    poll(NULL, 0, 1000);
    /* The signal that asks for the counters is all that has happened. */
    if (no_counters == NULL)
        ck_assert_int_lt(daemon_counter(&d, "enters") - enters, 10);
    close(fd);
    daemon_stop(&d);
}

/* Nobody reads its stderr: what does not fit is dropped, not waited for. */
TEST(a_full_stderr_does_not_stop_the_server)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    for (int i = 0; i < 400; i++) {
        ck_assert(kill(d.pid, SIGUSR1) == 0);
        check_echo(fd, "still served");
    }
    close(fd);
    daemon_stop(&d);
}

/* Each stands for a message to each ring; one under way is enough. */
TEST(twenty_thousand_signals_disturb_no_ring)
{
    int fds[16];

    daemon_start(&d, "echo", "--threads", "3", NULL);
    for (int i = 0; i < 16; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 20000; i++)
        ck_assert(kill(d.pid, SIGUSR1) == 0);
    for (int i = 0; i < 16; i++) {
        check_echo(fds[i], "still served");
        close(fds[i]);
    }
    daemon_stop(&d);
}

/* Sent by a peer that is gone, if anything were written without care. */
TEST(a_sigpipe_does_not_end_the_server)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    check_echo(fd, "hello");
    ck_assert(kill(d.pid, SIGPIPE) == 0);
    check_echo(fd, "still served");
    close(fd);
    daemon_stop(&d);
}

TEST(every_descriptor_is_closed_on_exec)
{
    char path[64], line[128];
    int checked = 0;

    daemon_start(&d, "echo", "--threads", "2", NULL);
    int client = daemon_connect(&d);
    check_echo(client, "hello");
    for (int fd = 3; fd < 64; fd++) {
        unsigned flags = 0;
        FILE *file;

        if (fcntl(fd, F_GETFD) == 0)
            continue; /* it came from whoever runs the tests */
        snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)d.pid, fd);
        file = fopen(path, "r");
        if (file == NULL)
            continue;
        while (fgets(line, sizeof line, file) != NULL)
            sscanf(line, "flags: %o", &flags);
        fclose(file);
        ck_assert_msg(flags & O_CLOEXEC, "fd %d is not closed on exec", fd);
        checked++;
    }
    ck_assert_int_ge(checked, 4);
    close(client);
    daemon_stop(&d);
}

int main(void)
{
    const char *no_threads = daemon_why_no_option("echo", "--threads");

    no_counters = daemon_why_no_counters("echo");
    suite_begin("echo_process");
    suite_stage("interruptions");
    suite_add(without_fds_the_server_neither_spins_nor_forgets_a_client);
    suite_add_unless(daemon_why_no_option("echo", "--max-conns"),
                     connections_that_never_were_use_no_memory);
    suite_add(an_idle_server_uses_no_processor_time);
    suite_add(a_sigpipe_does_not_end_the_server);
    suite_add_unless(no_counters, a_full_stderr_does_not_stop_the_server);
    suite_add_unless(either(no_counters, no_threads),
                     twenty_thousand_signals_disturb_no_ring);
    suite_add_unless(no_threads, every_descriptor_is_closed_on_exec);
    return suite_end();
}
