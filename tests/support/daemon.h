/* daemon.h: a server under test: started, asked, signalled, and ended.
 *
 * Test support. Needs: suite.h.
 *
 *     struct daemon d;
 *
 *     daemon_start(&d, "echo", "--max-conns", "8", NULL);
 *     int fd = daemon_connect(&d);
 *     ...
 *     check(daemon_counter(&d, "connections") == 1);
 *     daemon_stop(&d);
 *
 * The program is taken from $BIN and listens on a free port. Everything that
 * waits has a deadline, and a check fails when it passes.
 *
 * It may be somebody else's program. What any server has, its fds, its memory
 * and its processor time, is asked of the kernel. What only ours has, counters
 * and options, is asked for with daemon_why_no_... before a test is added. */
#ifndef TESTS_DAEMON_H
#define TESTS_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#define DAEMON_DEADLINE_MS 20000

struct daemon {
    pid_t pid;
    int out; /* its stdout */
    int err; /* its stderr */
    unsigned port;
    char address[128]; /* as it says: "tcp://127.0.0.1:80", "unix:/path" */
    unsigned rings;    /* as --threads said: each prints counters */
    char log[1 << 16]; /* what stderr has said */
    size_t log_len;
};

/* Starts $BIN/PROGRAM with these options, ended by NULL, at --port 0 unless
 * they name one, and waits for "listening on". */
void daemon_start(struct daemon *daemon, const char *program, ...);

/* Starts it without waiting for a line: it may fail. */
void daemon_spawn(struct daemon *daemon, const char *program, ...);

/* Sends SIGTERM, waits for the end, and checks that it exits with 0. A
 * learner's server may also die of the signal: one test checks that it does
 * not, and the others do not fail for it. */
void daemon_stop(struct daemon *daemon);

/* Waits for the end and returns the exit code, or 128 + signal. */
int daemon_wait(struct daemon *daemon);

/* Asks for the counters (SIGUSR1) and returns one of them; of several rings,
 * the sum. */
long daemon_counter(struct daemon *daemon, const char *name);

/* Asks again and again until the counter has the value, or more. */
void daemon_await_counter(struct daemon *daemon, const char *name, long value);
void daemon_await_counter_at_least(struct daemon *daemon, const char *name,
                                   long value);

/* Why $BIN/PROGRAM cannot be asked so: it prints no counters, its --help does
 * not name the option. NULL: it can. For suite_add_unless; static storage. */
const char *daemon_why_no_counters(const char *program);
const char *daemon_why_no_option(const char *program, const char *option);

/* How many fds the process has open; its resident memory in KiB; and the
 * processor time that it has used, in clock ticks. */
int daemon_fd_count(const struct daemon *daemon);
long daemon_rss_kib(const struct daemon *daemon);
long daemon_cpu_ticks(const struct daemon *daemon);

/* Waits until the process has that many fds open. */
void daemon_await_fd_count(const struct daemon *daemon, int count);

/* A blocking socket, connected, whose reads and writes fail after the
 * deadline: to its port on 127.0.0.1, or to any address. */
int daemon_connect(const struct daemon *daemon);
int socket_connect(const struct sockaddr *address, socklen_t len);

/* Waits until nobody listens at its port any more: it has read a signal. */
void daemon_await_refusal(const struct daemon *daemon);

/* Sends all; reads len bytes exactly; reads to the end (at most len bytes) and
 * returns how many came, or -errno if the connection was reset. */
void socket_send(int fd, const void *bytes, size_t len);
void socket_receive(int fd, void *bytes, size_t len);
long socket_receive_all(int fd, void *bytes, size_t len);

/* Whether the peer has closed: waits for the end; nothing may come before. */
void socket_expect_end(int fd);

/* Waits until the peer has reset the connection, and reads nothing. */
void socket_expect_reset(int fd);

#endif
