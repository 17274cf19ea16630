/* echo.c: phase 8's server from outside: every byte comes back, to one client
 * and to a thousand, whatever the sizes of its buffers and rings.
 *
 * Judges: echo. */
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echoing.h"

static void echo_to_slow_reader(size_t len, size_t part_len)
{
    struct sender sender = {.fd = daemon_connect(&d), .len = len};
    pthread_t thread;

    ck_assert(pthread_create(&thread, NULL, send_pattern, &sender) == 0);
    check_pattern(sender.fd, len, part_len);
    pthread_join(thread, NULL);
    close(sender.fd);
}

TEST(sent_bytes_come_back)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    check_echo(fd, "hello");
    check_echo(fd, "and again");
    close(fd);
    daemon_stop(&d);
}

/* Around every size at which something is split: buffers, and bursts. */
TEST(messages_of_every_size_come_back)
{
    static const size_t sizes[] = {1, 2, 1460, 4096, 16383, 16384, 16385,
                                   32768, 65536, 131071, 131072, 131073};
    static unsigned char message[131073], back[sizeof message];

    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = byte_at(i);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        socket_send(fd, message, sizes[i]);
        socket_receive(fd, back, sizes[i]);
        ck_assert(memcmp(message, back, sizes[i]) == 0);
    }
    for (size_t i = 0; i < 2000; i++) /* and one by one, without waiting */
        socket_send(fd, message + i, 1);
    socket_receive(fd, back, 2000);
    ck_assert(memcmp(message, back, 2000) == 0);
    close(fd);
    daemon_stop(&d);
}

TEST(sixty_four_mebibytes_come_back_exactly_to_a_slow_reader)
{
    int fds = start_counted();

    echo_to_slow_reader(64 * MIB, 4096);
    check_quiet(fds);
    daemon_stop(&d);
}

TEST(two_receive_buffers_are_enough_for_exact_bytes)
{
    daemon_start(&d, "echo", "--bufs", "2", NULL);
    echo_to_slow_reader(4 * MIB, 65536);
    daemon_stop(&d);
}

TEST(one_receive_buffer_serves_many_in_turn)
{
    int fds[20];

    daemon_start(&d, "echo", "--bufs", "1", NULL);
    for (int i = 0; i < 20; i++)
        fds[i] = daemon_connect(&d);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 20; i++)
            socket_send(fds[i], &round, sizeof round);
        for (int i = 0; i < 20; i++) {
            int back;

            socket_receive(fds[i], &back, sizeof back);
            ck_assert_int_eq(back, round);
        }
    }
    for (int i = 0; i < 20; i++)
        close(fds[i]);
    daemon_stop(&d);
}

TEST(tiny_rings_change_no_byte)
{
    daemon_start(&d, "echo", "--sq", "2", "--cq", "16", NULL);
    echo_to_slow_reader(4 * MIB, 65536);
    daemon_stop(&d);
}

/* More clients than the ring has slots for their operations: those who are let
 * in have all they need, and the others wait outside. */
TEST(a_tiny_ring_serves_many_in_turn)
{
    int fds[20];

    daemon_start(&d, "echo", "--sq", "2", "--cq", "16", NULL);
    for (int i = 0; i < 20; i++) {
        fds[i] = daemon_connect(&d);
        socket_send(fds[i], "at last", 7);
    }
    for (int i = 0; i < 20; i++) {
        char back[7];

        socket_receive(fds[i], back, 7);
        close(fds[i]);
    }
    daemon_stop(&d);
}

TEST(a_half_closed_peer_gets_the_rest_and_then_the_end)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);
    char back[8];

    socket_send(fd, "goodbye", 8);
    shutdown(fd, SHUT_WR);
    socket_receive(fd, back, 8);
    ck_assert_str_eq(back, "goodbye");
    socket_expect_end(fd);
    close(fd);
    daemon_stop(&d);
}

TEST(a_thousand_clients_are_served_at_once)
{
    static int fds[1000];

    int before = start_counted();
    for (int i = 0; i < 1000; i++)
        fds[i] = daemon_connect(&d);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++)
            check_echo(fds[i], "are you there?");
    ck_assert_int_ge(daemon_fd_count(&d), before + 1000);
    for (int i = 0; i < 1000; i++)
        close(fds[i]);
    check_quiet(before);
    daemon_stop(&d);
}

/* Buffers are for those who have data, not for those who may have some. */
TEST(idle_connections_hold_no_buffer_and_little_memory)
{
    static int fds[900];
    long rss_kib;

    daemon_start(&d, "echo", NULL);
    for (int i = 0; i < 100; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 100; i++)
        check_echo(fds[i], "one of the first");
    rss_kib = daemon_rss_kib(&d);
    for (int i = 100; i < 900; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 100; i < 900; i++)
        check_echo(fds[i], "one of the others");
    if (no_counters == NULL) {
        ck_assert_int_eq(daemon_counter(&d, "connections"), 900);
        ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    }
    ck_assert_int_lt(daemon_rss_kib(&d) - rss_kib, 800 * 24);
    for (int i = 0; i < 900; i++)
        close(fds[i]);
    daemon_stop(&d);
}

TEST(clients_beyond_the_limit_wait_until_others_leave)
{
    int fds[12];

    daemon_start(&d, "echo", "--max-conns", "4", NULL);
    for (int i = 0; i < 12; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 12; i++) {
        check_echo(fds[i], "at last");
        ck_assert_int_le(daemon_counter(&d, "connections"), 4);
        close(fds[i]);
    }
    daemon_await_counter(&d, "closed", 12);
    ck_assert_int_ge(daemon_counter(&d, "accepts_paused"), 1);
    daemon_stop(&d);
}

int main(void)
{
    const char *no_bufs = daemon_why_no_option("echo", "--bufs");
    const char *no_rings = daemon_why_no_option("echo", "--cq");

    no_counters = daemon_why_no_counters("echo");
    suite_begin("echo");
    suite_add(sent_bytes_come_back);
    suite_add(messages_of_every_size_come_back);
    suite_add(sixty_four_mebibytes_come_back_exactly_to_a_slow_reader);
    suite_add(a_half_closed_peer_gets_the_rest_and_then_the_end);
    suite_add(a_thousand_clients_are_served_at_once);
    suite_add(idle_connections_hold_no_buffer_and_little_memory);
    suite_add_unless(no_bufs, two_receive_buffers_are_enough_for_exact_bytes);
    suite_add_unless(no_bufs, one_receive_buffer_serves_many_in_turn);
    suite_add_unless(no_rings, tiny_rings_change_no_byte);
    suite_add_unless(no_rings, a_tiny_ring_serves_many_in_turn);
    suite_add_unless(
        either(no_counters, daemon_why_no_option("echo", "--max-conns")),
        clients_beyond_the_limit_wait_until_others_leave);
    return suite_end();
}
