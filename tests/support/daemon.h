/* daemon.h: starts a server under test, queries it, signals it, and ends it.
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
 * The program is in $BIN and listens on a free port. Every wait has a deadline;
 * when it passes, a check fails.
 *
 * The program may be a learner's. The number of its fds, its memory and its CPU
 * time come from the kernel, so every server has them. Only our servers have
 * counters and certain options: call daemon_why_no_... before you add a test
 * that needs them. */
#ifndef TESTS_DAEMON_H
#define TESTS_DAEMON_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#define DAEMON_DEADLINE_MS 60000

struct daemon {
    pid_t pid;
    int out; /* its stdout */
    int err; /* its stderr */
    unsigned port;
    char address[128]; /* as printed: "tcp://127.0.0.1:80", "unix:/path" */
    unsigned rings;    /* the value of --threads; each ring prints counters */
    char log[1 << 16]; /* the text from stderr */
    size_t log_len;
};

/* Starts $BIN/PROGRAM with these options, which end with NULL. Adds --port 0 if
 * they have no --port. Waits for the line "listening on". */
void daemon_start(struct daemon *daemon, const char *program, ...);

/* Works like daemon_start, but does not wait for the line, so the program may
 * fail. */
void daemon_spawn(struct daemon *daemon, const char *program, ...);

/* Sends SIGTERM, waits until the server has ended, and checks that its exit
 * code is 0. Accepts a learner's server that dies of the signal, because one
 * test checks that it does not, and the other tests should not fail, too. */
void daemon_stop(struct daemon *daemon);

/* Waits until the server has ended. Returns its exit code, or 128 + signal. */
int daemon_wait(struct daemon *daemon);

/* Requests the counters (SIGUSR1) and returns one of them, as the sum over all
 * rings. */
long daemon_counter(struct daemon *daemon, const char *name);

/* Waits until the counter is equal to value, or at least value. */
void daemon_await_counter(struct daemon *daemon, const char *name, long value);
void daemon_await_counter_at_least(struct daemon *daemon, const char *name,
                                   long value);

/* Returns NULL if $BIN/PROGRAM prints counters, or if its --help or its
 * --help-all names the option. Otherwise returns a reason for
 * suite_add_unless. Static storage. */
const char *daemon_why_no_counters(const char *program);
const char *daemon_why_no_option(const char *program, const char *option);

/* Returns NULL if $BIN/PROGRAM starts and listens. Otherwise returns what it
 * printed on stderr, or that there is no such program. The text is valid until
 * the ninth program that does not start. Remembers the last program. */
const char *daemon_why_no_start(const char *program);

/* Returns how many fds the process has open, its resident memory in KiB, or the
 * CPU time that it has used, in clock ticks. */
int daemon_fd_count(const struct daemon *daemon);
long daemon_rss_kib(const struct daemon *daemon);
long daemon_cpu_ticks(const struct daemon *daemon);

/* Checks that in one of five seconds the server uses no more than one tick of
 * CPU time. On a shared machine the kernel may charge a process for the time of
 * others. */
void daemon_await_idle(const struct daemon *daemon);

/* Waits until one of the sockets is ready, as poll does. Returns false once the
 * server sleeps and none has been ready for 300 ms. On a busy machine a server
 * that waits for a processor takes no bytes either, but it does not sleep. */
bool daemon_makes_ready(const struct daemon *daemon, struct pollfd *sockets,
                        nfds_t count);

/* Waits until the process has that many fds open. */
void daemon_await_fd_count(const struct daemon *daemon, int count);

/* Returns a blocking socket that is connected to the server's port on
 * 127.0.0.1, or to address. Its reads and writes fail after the deadline. */
int daemon_connect(const struct daemon *daemon);
int socket_connect(const struct sockaddr *address, socklen_t len);

/* Waits until the server's port refuses connections. The server closes its
 * listener after it has read a signal. */
void daemon_await_refusal(const struct daemon *daemon);

/* Sends all bytes, or receives exactly len bytes. socket_receive_all receives
 * until the end, fewer than len bytes. It returns their number, or -errno if
 * the connection was reset. */
void socket_send(int fd, const void *bytes, size_t len);
void socket_receive(int fd, void *bytes, size_t len);
long socket_receive_all(int fd, void *bytes, size_t len);

/* Waits until the peer closes the connection, and checks that no data comes
 * before that. */
void socket_expect_end(int fd);

/* Waits until the peer has reset the connection. Reads nothing. */
void socket_expect_reset(int fd);

#endif
