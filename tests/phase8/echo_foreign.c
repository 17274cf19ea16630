/* echo_foreign.c: phase 8's server from outside, with few buffers: no peer gets
 * a byte of another one, however long its echo waits in the server.
 *
 * Judges: echo. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "echoing.h"
#include "tally.h"

#define LAZY 4
#define MESSAGES 300

/* A byte that names its peer and its place. */
static unsigned char mark(int peer, size_t offset)
{
    return (unsigned char)((unsigned)peer * 61 + offset * 7 + (offset >> 12));
}

/* Sends until the server takes no more. Returns the number of bytes. */
static size_t send_marks(int fd, int peer)
{
    static unsigned char part[16384];
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    size_t total = 0;

    while (daemon_makes_ready(&d, &ready, 1)) {
        ssize_t sent;

        for (size_t i = 0; i < sizeof part; i++)
            part[i] = mark(peer, total + i);
        sent = send(fd, part, sizeof part, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
            continue;
        total += (size_t)sent;
        ck_assert_uint_lt(total, 256 * MIB);
    }
    return total;
}

static void check_marks(int fd, int peer, size_t from, size_t to)
{
    static unsigned char part[65536];

    while (from < to) {
        size_t len = to - from < sizeof part ? to - from : sizeof part;

        socket_receive(fd, part, len);
        for (size_t i = 0; i < len; i++, from++)
            if (part[i] != mark(peer, from))
                ck_abort_msg("peer %d: byte %zu is another's", peer, from);
    }
}

TEST(peers_that_do_not_read_get_no_foreign_byte)
{
    int lazy[LAZY], lively;
    size_t sent[LAZY], at = 0;
    struct tally before;

    daemon_start(&d, "echo", "--bufs", "32", NULL);
    before = tally_take(&d);
    for (int i = 0; i < LAZY; i++) {
        lazy[i] = daemon_connect(&d);
        sent[i] = send_marks(lazy[i], i);
    }
    /* These bytes go through every buffer that is free, many times. */
    lively = daemon_connect(&d);
    for (int i = 0; i < MESSAGES; i++) {
        unsigned char message[100];

        for (size_t j = 0; j < sizeof message; j++)
            message[j] = mark(LAZY, at + j);
        socket_send(lively, message, sizeof message);
        check_marks(lively, LAZY, at, at + sizeof message);
        at += sizeof message;
    }
    for (int i = 0; i < LAZY; i++) {
        check_marks(lazy[i], i, 0, sent[i]);
        close(lazy[i]);
    }
    close(lively);
    tally_check(&d, &before, "peers that did not read");
    daemon_stop(&d);
}

static const char *why_not(void)
{
    return either(daemon_why_no_option("echo", "--bufs"),
                  daemon_why_no_counters("echo"));
}

int main(void)
{
    suite_begin("echo_foreign");
    suite_add_unless(why_not(), peers_that_do_not_read_get_no_foreign_byte);
    return suite_end();
}
