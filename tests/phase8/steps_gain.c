/* steps_gain.c: what each step of phase8/steps saves.
 *
 * Each test runs a step and the step before it under the same load. The step
 * before it fails the condition, so that the test shows why there is another
 * step.
 *
 * Judges: echo-oneshot, echo-multishot, echo-direct.
 * Judges: echo-skip, echo-bundle, echo-zc, echo-threads. */
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "echoing.h"

#define MESSAGES 200

static const char *why_not_both(const char *before, const char *after)
{
    const char *reason = daemon_why_no_start(before);

    return reason != NULL ? reason : daemon_why_no_start(after);
}

/* Returns how much a counter grows per message of 64 bytes, times 100. option
 * may be NULL. */
static long per_message(const char *program, const char *counter,
                        const char *option, const char *value)
{
    static char message[65] =
        "sixty-four bytes, or as many as a reader sees at a glance, say...";
    long before, after;
    int fd;

    daemon_start(&d, program, option, value, NULL);
    fd = daemon_connect(&d);
    check_echo(fd, "the first message is not counted");
    before = daemon_counter(&d, counter);
    for (int i = 0; i < MESSAGES; i++) {
        char back[64];

        socket_send(fd, message, 64);
        socket_receive(fd, back, 64);
    }
    after = daemon_counter(&d, counter);
    close(fd);
    daemon_stop(&d);
    return (after - before) * 100 / MESSAGES;
}

/* Returns the server's resident memory in KiB. The kernel counts resident pages
 * per processor, and daemon_rss_kib may miss 128 KiB per processor. This file
 * has the exact sum (Linux 4.14). */
static long exact_rss_kib(void)
{
    char path[64], line[256];
    long kib = -1;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)d.pid);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    while (kib < 0 && fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, "Rss: %ld kB", &kib);
    fclose(file);
    check(kib >= 0);
    return kib;
}

/* Returns the memory of a connection, in bytes, after an echo of 16 KiB. */
static long idle_bytes(const char *program)
{
    static int fds[300];
    static char message[16384];
    long kib = 0;

    daemon_start(&d, program, NULL);
    for (int i = 0; i < 300; i++) {
        fds[i] = daemon_connect(&d);
        if (i == 100) /* from here on the pool has its pages */
            kib = exact_rss_kib();
        for (int round = 0; round < (i < 100 ? 5 : 1); round++) {
            socket_send(fds[i], message, sizeof message);
            socket_receive(fds[i], message, sizeof message);
        }
    }
    kib = exact_rss_kib() - kib;
    for (int i = 0; i < 300; i++)
        close(fds[i]);
    daemon_stop(&d);
    return kib * 1024 / 200;
}

TEST(multishot_needs_one_sqe_per_message_and_oneshot_two)
{
    long oneshot = per_message("echo-oneshot", "operations", NULL, NULL);
    long multishot = per_message("echo-multishot", "operations", NULL, NULL);

    ck_assert_int_ge(oneshot, 200);
    ck_assert_int_lt(oneshot, 210);
    ck_assert_int_ge(multishot, 100);
    ck_assert_int_lt(multishot, 110);
}

TEST(an_idle_connection_holds_a_buffer_in_oneshot_and_none_in_multishot)
{
    ck_assert_int_gt(idle_bytes("echo-oneshot"), 16000);
    ck_assert_int_lt(idle_bytes("echo-multishot"), 4096);
}

/* Returns how many descriptors a hundred connections need. */
static int descriptors(const char *program)
{
    int fds[100], before, count;

    daemon_start(&d, program, NULL);
    before = daemon_fd_count(&d);
    for (int i = 0; i < 100; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 100; i++)
        check_echo(fds[i], "served");
    count = daemon_fd_count(&d) - before;
    for (int i = 0; i < 100; i++)
        close(fds[i]);
    daemon_stop(&d);
    return count;
}

TEST(a_connection_needs_a_descriptor_in_multishot_and_none_in_direct)
{
    ck_assert_int_eq(descriptors("echo-multishot"), 100);
    ck_assert_int_eq(descriptors("echo-direct"), 0);
}

TEST(skip_needs_one_cqe_per_message_and_direct_two)
{
    long direct = per_message("echo-direct", "cqes", NULL, NULL);
    long skip = per_message("echo-skip", "cqes", NULL, NULL);

    ck_assert_int_ge(direct, 200);
    ck_assert_int_lt(direct, 210);
    ck_assert_int_ge(skip, 100);
    ck_assert_int_lt(skip, 110);
}

#define LARGE (48 * 1024)

/* Returns how many CQEs a message of 48 KiB costs, with buffers of 4 KiB. The
 * server is stopped until all of the message is in its socket. */
static long cqes_per_large_message(const char *program)
{
    static unsigned char message[LARGE], back[LARGE];
    long before, count;
    int fd;

    for (size_t i = 0; i < LARGE; i++)
        message[i] = byte_at(i);
    daemon_start(&d, program, "--buf-len", "4096", NULL);
    fd = daemon_connect(&d);
    check_echo(fd, "connected");
    before = daemon_counter(&d, "cqes");
    for (int i = 0; i < 20; i++) {
        ck_assert(kill(d.pid, SIGSTOP) == 0);
        socket_send(fd, message, LARGE);
        ck_assert(kill(d.pid, SIGCONT) == 0);
        socket_receive(fd, back, LARGE);
        ck_assert(memcmp(message, back, LARGE) == 0);
    }
    count = daemon_counter(&d, "cqes") - before;
    close(fd);
    daemon_stop(&d);
    return count / 20;
}

TEST(a_bundle_brings_many_buffers_in_one_cqe)
{
    long skip = cqes_per_large_message("echo-skip");
    long bundle = cqes_per_large_message("echo-bundle");

    ck_assert_int_ge(skip, LARGE / 4096);
    ck_assert_msg(bundle * 2 < skip, "%ld CQEs, and %ld", bundle, skip);
}

/* Returns how many receives find no buffer when 64 clients send 64 bytes at the
 * same moment to a pool of four buffers. */
static long empty_pools(const char *program)
{
    int fds[64];
    long count;

    daemon_start(&d, program, "--bufs", "4", NULL);
    for (int i = 0; i < 64; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 64; i++)
        check_echo(fds[i], "connected");
    ck_assert(kill(d.pid, SIGSTOP) == 0);
    for (int i = 0; i < 64; i++)
        socket_send(fds[i], "at the same moment", 18);
    ck_assert(kill(d.pid, SIGCONT) == 0);
    for (int i = 0; i < 64; i++) {
        char back[18];

        socket_receive(fds[i], back, 18);
        ck_assert(memcmp(back, "at the same moment", 18) == 0);
        close(fds[i]);
    }
    count = daemon_counter(&d, "enobufs");
    daemon_stop(&d);
    return count;
}

TEST(four_buffers_hold_the_messages_of_64_clients_if_they_fill_bit_by_bit)
{
    ck_assert_int_gt(empty_pools("echo-skip"), 0);
    ck_assert_int_eq(empty_pools("echo-bundle"), 0);
}

/* Every send is a zero-copy send, to a peer that reads slowly: its bytes must
 * not change before the second CQE. The pool is small, so they would. */
TEST(zc_keeps_its_bytes_until_the_second_cqe)
{
    struct sender sender = {.len = 4 * MIB};
    pthread_t thread;
    long sends, copied;

    daemon_start(&d, "echo-zc", "--zc-bytes", "1", "--bufs", "8", "--buf-len",
                 "4096", NULL);
    sender.fd = daemon_connect(&d);
    ck_assert(pthread_create(&thread, NULL, send_pattern, &sender) == 0);
    check_pattern(sender.fd, sender.len, 3000);
    pthread_join(thread, NULL);
    close(sender.fd);
    daemon_await_counter(&d, "connections", 0);
    sends = daemon_counter(&d, "zc_sends");
    copied = daemon_counter(&d, "zc_copied");
    ck_assert_int_ge(sends, 4 * (long)MIB / 32768);
    ck_assert_int_eq(copied, sends); /* loopback copies all of them */
    daemon_stop(&d);
}

/* A message has a CQE for its receive, and one or two for its send. */
TEST(zc_needs_two_more_cqes_per_message_and_gains_nothing_on_loopback)
{
    long bundle = per_message("echo-bundle", "cqes", NULL, NULL);
    long large = per_message("echo-zc", "cqes", NULL, NULL);
    long zc = per_message("echo-zc", "cqes", "--zc-bytes", "1");

    ck_assert_int_lt(bundle, 110);
    ck_assert_int_lt(large, 110); /* 64 bytes are below the default */
    ck_assert_int_ge(zc, 300);
    ck_assert_int_lt(zc, 310);
}

/* Returns how many threads of a program use the CPU while four clients send. */
static int busy_threads(const char *program, const char *option,
                        const char *value)
{
    char pattern[64];
    int fds[4], count = 0;
    glob_t tasks;

    daemon_start(&d, program, option, value, NULL);
    for (int i = 0; i < 4; i++)
        fds[i] = daemon_connect(&d);
    for (int round = 0; round < 50; round++)
        for (int i = 0; i < 4; i++)
            check_echo(fds[i], "one of four");
    snprintf(pattern, sizeof pattern, "/proc/%d/task/*/schedstat", (int)d.pid);
    ck_assert(glob(pattern, 0, NULL, &tasks) == 0);
    for (size_t i = 0; i < tasks.gl_pathc; i++) {
        FILE *file = fopen(tasks.gl_pathv[i], "r");
        unsigned long long run_ns, wait_ns, slices = 0;

        ck_assert(file != NULL);
        ck_assert(fscanf(file, "%llu %llu %llu", &run_ns, &wait_ns,
                         &slices) == 3);
        fclose(file);
        count += slices > 20; /* it has slept and run for most messages */
    }
    globfree(&tasks);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    daemon_stop(&d);
    return count;
}

TEST(four_connections_keep_four_threads_busy_and_not_only_one)
{
    ck_assert_int_eq(busy_threads("echo-skip", NULL, NULL), 1);
    ck_assert_int_eq(busy_threads("echo-threads", "--threads", "4"), 4);
}

/* Stores how many connections each ring has, in the order of their reports. */
static void count_per_ring(const int *fds, int count, long per_ring[2])
{
    char *at;

    for (int i = 0; i < count; i++)
        check_echo(fds[i], "served");
    (void)daemon_counter(&d, "connections");
    at = strstr(d.log, "connections ");
    for (int i = 0; i < 2; i++) {
        ck_assert(at != NULL);
        per_ring[i] = strtol(at + strlen("connections "), NULL, 10);
        at = strstr(at + 1, "connections ");
    }
}

TEST(connections_take_turns_over_the_rings)
{
    int fds[10];
    long per_ring[2];

    daemon_start(&d, "echo-threads", "--threads", "2", NULL);
    for (int i = 0; i < 10; i++)
        fds[i] = daemon_connect(&d);
    count_per_ring(fds, 10, per_ring);
    ck_assert_int_eq(per_ring[0], 5);
    ck_assert_int_eq(per_ring[1], 5);
    for (int i = 0; i < 10; i++)
        close(fds[i]);
    daemon_await_counter(&d, "connections", 0);
    daemon_stop(&d);
}

/* Both tables have 30 slots. When only the first has free ones, a connection
 * that is handed over stays. */
TEST(a_connection_stays_if_the_table_of_the_other_ring_is_full)
{
    struct rlimit limit, few;
    int fds[70];

    ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    few = limit;
    few.rlim_cur = 30;
    ck_assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
    daemon_start(&d, "echo-threads", "--threads", "2", NULL);
    ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int i = 0; i < 70; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 57; i++) /* the listener has a slot, too */
        check_echo(fds[i], "served");
    for (int i = 0; i < 40; i += 2)
        close(fds[i]);
    for (int i = 57; i < 70; i++)
        check_echo(fds[i], "in the first ring");
    for (int i = 0; i < 70; i++)
        if (i >= 40 || i % 2 == 1)
            close(fds[i]);
    daemon_await_counter(&d, "connections", 0);
    daemon_stop(&d);
}

int main(void)
{
    const char *reason;

    suite_begin("steps_gain");
    reason = why_not_both("echo-oneshot", "echo-multishot");
    suite_add_unless(reason,
                     multishot_needs_one_sqe_per_message_and_oneshot_two);
    suite_add_unless(
        reason,
        an_idle_connection_holds_a_buffer_in_oneshot_and_none_in_multishot);
    suite_add_unless(
        why_not_both("echo-multishot", "echo-direct"),
        a_connection_needs_a_descriptor_in_multishot_and_none_in_direct);
    suite_add_unless(why_not_both("echo-direct", "echo-skip"),
                     skip_needs_one_cqe_per_message_and_direct_two);
    reason = why_not_both("echo-skip", "echo-bundle");
    suite_add_unless(reason, a_bundle_brings_many_buffers_in_one_cqe);
    suite_add_unless(
        reason,
        four_buffers_hold_the_messages_of_64_clients_if_they_fill_bit_by_bit);
    reason = why_not_both("echo-bundle", "echo-zc");
    suite_add_unless(reason, zc_keeps_its_bytes_until_the_second_cqe);
    suite_add_unless(
        reason,
        zc_needs_two_more_cqes_per_message_and_gains_nothing_on_loopback);
    suite_add_unless(why_not_both("echo-skip", "echo-threads"),
                     four_connections_keep_four_threads_busy_and_not_only_one);
    reason = daemon_why_no_start("echo-threads");
    suite_add_unless(reason, connections_take_turns_over_the_rings);
    suite_add_unless(reason,
                     a_connection_stays_if_the_table_of_the_other_ring_is_full);
    return suite_end();
}
