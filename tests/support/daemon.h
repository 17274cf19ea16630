/* daemon.h: a server under test: started, asked, signalled, and ended.
 *
 * Test support. Needs: suite.h.
 *
 *     struct daemon d = daemon_start("echo", "--max-conns", "8", NULL);
 *     int fd = daemon_connect(&d);
 *     ...
 *     check(daemon_counter(&d, "connections") == 1);
 *     daemon_stop(&d);
 *
 * The program is taken from $BIN and listens on a free port. Everything that
 * waits has a deadline, and a check fails when it passes. */
#ifndef TESTS_DAEMON_H
#define TESTS_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DAEMON_DEADLINE_MS 20000

struct daemon {
    pid_t pid;
    int out; /* its stdout */
    int err; /* its stderr */
    unsigned port;
    char log[1 << 16]; /* what stderr has said */
    size_t log_len;
};

/* Starts $BIN/PROGRAM --port 0 with these options, ended by NULL, and waits for
 * "listening on". */
void daemon_start(struct daemon *daemon, const char *program, ...);

/* Sends SIGTERM, waits for the end, and checks that it exits with 0. */
void daemon_stop(struct daemon *daemon);

/* Waits for the end and returns the exit code, or 128 + signal. */
int daemon_wait(struct daemon *daemon);

/* Asks for the counters (SIGUSR1) and returns one of them. */
long daemon_counter(struct daemon *daemon, const char *name);

/* Asks again and again until the counter has the value. */
void daemon_await_counter(struct daemon *daemon, const char *name, long value);

/* How many fds the process has open; its resident memory in KiB; and the
 * processor time that it has used, in clock ticks. */
int daemon_fd_count(const struct daemon *daemon);
long daemon_rss_kib(const struct daemon *daemon);
long daemon_cpu_ticks(const struct daemon *daemon);

/* A blocking socket, connected, whose reads and writes fail after the deadline. */
int daemon_connect(const struct daemon *daemon);

/* Sends all; reads len bytes exactly; reads to the end (at most len bytes) and
 * returns how many came, or -errno if the connection was reset. */
void socket_send(int fd, const void *bytes, size_t len);
void socket_receive(int fd, void *bytes, size_t len);
long socket_receive_all(int fd, void *bytes, size_t len);

/* Whether the peer has closed: waits for the end; nothing may come before. */
void socket_expect_end(int fd);

#endif
