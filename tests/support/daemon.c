/* daemon.c: a server under test; see daemon.h.
 *
 * Test support. Needs: daemon.h. */
#include "daemon.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "suite.h"

#define ARGUMENTS_MAX 32

/* How long a program may take to print its counters or its help. If it does not
 * print them, its tests are skipped. The limit is long enough for a busy
 * machine, and every unit waits that long for a program without counters. */
#define PROBE_MS 10000
#define QUIET_MS 300

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until fd has data or has reached its end. */
static void wait_readable(int fd, const char *what)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int rc;

    do
        rc = poll(&poll_fd, 1, DAEMON_DEADLINE_MS);
    while (rc < 0 && errno == EINTR);
    ck_assert_msg(rc == 1, "waited too long for %s", what);
}

/* Fails, with the server's messages on stderr. */
static void abort_not_listening(struct daemon *daemon)
{
    ssize_t got;

    wait_readable(daemon->err, "the end of the server");
    got = read(daemon->err, daemon->log, sizeof daemon->log - 1);
    daemon->log[got > 0 ? got : 0] = '\0';
    ck_abort_msg("the server ended before it printed \"listening on ADDRESS\"; "
                 "stderr: %.300s",
                 daemon->log);
}

/* Reads the server's first line, which has the address. */
static void read_address(struct daemon *daemon)
{
    char line[256];
    size_t len = 0;
    char *colon;

    while (len == 0 || line[len - 1] != '\n') {
        wait_readable(daemon->out, "the line \"listening on\"");
        if (read(daemon->out, line + len, 1) != 1)
            abort_not_listening(daemon);
        ck_assert(++len < sizeof line);
    }
    line[len - 1] = '\0';
    ck_assert_msg(strncmp(line, "listening on ", 13) == 0,
                  "the first line is '%s', not \"listening on ADDRESS\"", line);
    snprintf(daemon->address, sizeof daemon->address, "%.127s", line + 13);
    colon = strrchr(line, ':');
    daemon->port = colon != NULL ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

static void run(char **argv, const int out[2], const int err[2])
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no server outlives its test */
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    close(out[0]);
    close(out[1]);
    close(err[0]);
    close(err[1]);
    execv(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

/* Starts argv, with its output in pipes. Returns false on failure. */
static bool spawn(struct daemon *daemon, char **argv)
{
    int out[2], err[2];

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        return false;
    daemon->pid = fork();
    if (daemon->pid == 0)
        run(argv, out, err);
    close(out[1]);
    close(err[1]);
    daemon->out = out[0];
    daemon->err = err[0];
    return daemon->pid > 0;
}

/* Starts the program with the options in list. Adds --port 0 if they have no
 * --port. */
static void spawn_with(struct daemon *daemon, const char *program, va_list list)
{
    static char path[4096];
    char *argv[ARGUMENTS_MAX] = {path};
    bool has_port = false;
    int count = 1;

    snprintf(path, sizeof path, "%s/%s", suite_bin(), program);
    memset(daemon, 0, sizeof *daemon);
    daemon->rings = 1;
    while ((argv[count] = va_arg(list, char *)) != NULL) {
        if (strcmp(argv[count - 1], "--threads") == 0)
            daemon->rings = (unsigned)strtoul(argv[count], NULL, 10);
        has_port |= strcmp(argv[count], "--port") == 0;
        ck_assert(++count < ARGUMENTS_MAX - 2);
    }
    if (!has_port) {
        argv[count] = "--port";
        argv[count + 1] = "0";
    }
    ck_assert(spawn(daemon, argv));
}

void daemon_spawn(struct daemon *daemon, const char *program, ...)
{
    va_list list;

    va_start(list, program);
    spawn_with(daemon, program, list);
    va_end(list);
}

void daemon_start(struct daemon *daemon, const char *program, ...)
{
    va_list list;

    va_start(list, program);
    spawn_with(daemon, program, list);
    va_end(list);
    read_address(daemon);
}

int daemon_wait(struct daemon *daemon)
{
    long deadline = now_ms() + DAEMON_DEADLINE_MS;
    int status;

    /* Read the server's stderr until it ends, which is when the server exits. A
     * full pipe would block the server. */
    while (now_ms() < deadline) {
        static char bytes[4096];

        wait_readable(daemon->err, "the end of the server");
        ssize_t got = read(daemon->err, bytes, sizeof bytes);

        if (got == 0)
            break;
        if (got > 0)
            fwrite(bytes, 1, (size_t)got, stderr);
    }
    ck_assert(children_wait(daemon->pid, &status, 0) == daemon->pid);
    close(daemon->out);
    close(daemon->err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void daemon_stop(struct daemon *daemon)
{
    int code;

    ck_assert(kill(daemon->pid, SIGTERM) == 0);
    code = daemon_wait(daemon);
    if (code == 128 + SIGTERM && suite_is_learners())
        return;
    ck_assert_msg(code == 0, "after SIGTERM it ended with %d%s, not 0", code,
                  code > 128 ? " (a signal)" : "");
}

/* The last line of a ring's counters; see server_print_counters. */
static const char last_counter[] = "\noperations ";

/* Returns how many complete blocks of counters the log has. */
static unsigned blocks_in(const char *log)
{
    unsigned count = 0;

    while ((log = strstr(log, last_counter)) != NULL &&
           (log = strchr(log + 1, '\n')) != NULL)
        count++;
    return count;
}

static long sum_in(const char *log, const char *name)
{
    char wanted[64];
    long sum = 0;

    snprintf(wanted, sizeof wanted, "\n%s ", name);
    log = strstr(log, wanted);
    ck_assert_msg(log != NULL, "no counter '%s'", name);
    for (; log != NULL; log = strstr(log + 1, wanted))
        sum += strtol(log + strlen(wanted), NULL, 10);
    return sum;
}

long daemon_counter(struct daemon *daemon, const char *name)
{
    daemon->log[0] = '\n'; /* so that a newline is before every line */
    daemon->log_len = 1;
    ck_assert(kill(daemon->pid, SIGUSR1) == 0);
    do {
        ssize_t got;

        wait_readable(daemon->err, "the counters");
        got = read(daemon->err, daemon->log + daemon->log_len,
                   sizeof daemon->log - daemon->log_len - 1);
        ck_assert_msg(got > 0, "the server ended when asked for counters");
        daemon->log_len += (size_t)got;
        daemon->log[daemon->log_len] = '\0';
    } while (blocks_in(daemon->log) < daemon->rings);
    return sum_in(daemon->log, name);
}

void daemon_await_counter(struct daemon *daemon, const char *name, long value)
{
    long deadline = now_ms() + DAEMON_DEADLINE_MS;
    long is;

    while ((is = daemon_counter(daemon, name)) != value)
        ck_assert_msg(now_ms() < deadline, "%s is %ld, not %ld", name, is,
                      value);
}

void daemon_await_counter_at_least(struct daemon *daemon, const char *name,
                                   long value)
{
    long deadline = now_ms() + DAEMON_DEADLINE_MS;
    long is;

    while ((is = daemon_counter(daemon, name)) < value)
        ck_assert_msg(now_ms() < deadline, "%s is %ld, less than %ld", name, is,
                      value);
}

/* Reads from fd until the text arrives, the input ends, or limit_ms have
 * passed. Returns true if the text arrived. Makes no check, because it runs
 * outside of a test. */
static bool says(int fd, const char *text, int limit_ms)
{
    static char bytes[1 << 14];
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    long deadline = now_ms() + limit_ms;
    size_t len = 0;

    while (now_ms() < deadline && len < sizeof bytes - 1 &&
           poll(&ready, 1, (int)(deadline - now_ms())) == 1) {
        ssize_t got = read(fd, bytes + len, sizeof bytes - 1 - len);

        if (got <= 0)
            return false;
        len += (size_t)got;
        bytes[len] = '\0';
        if (strstr(bytes, text) != NULL)
            return true;
    }
    return false;
}

/* Starts the program with these arguments, calls ask, and kills the program.
 * Returns the result of ask. */
static bool try(char **argv, bool (*ask)(struct daemon *, const char *),
                const char *what)
{
    struct daemon *daemon = calloc(1, sizeof *daemon);
    bool answer = false;

    if (daemon != NULL && spawn(daemon, argv)) {
        answer = ask(daemon, what);
        kill(daemon->pid, SIGKILL);
        children_wait(daemon->pid, NULL, 0);
        close(daemon->out);
        close(daemon->err);
    }
    free(daemon);
    return answer;
}

static bool prints_counters(struct daemon *daemon, const char *last)
{
    return says(daemon->out, "listening on ", DAEMON_DEADLINE_MS) &&
           kill(daemon->pid, SIGUSR1) == 0 &&
           says(daemon->err, last, PROBE_MS);
}

static bool helps_with(struct daemon *daemon, const char *option)
{
    return says(daemon->out, option, PROBE_MS);
}

const char *daemon_why_no_counters(const char *program)
{
    static char path[4096];
    char *argv[] = {path, "--port", "0", NULL};

    snprintf(path, sizeof path, "%s/%s", suite_bin(), program);
    return try(argv, prints_counters, last_counter)
               ? NULL
               : "it prints no counters on SIGUSR1, as ours does";
}

const char *daemon_why_no_option(const char *program, const char *option)
{
    static char reasons[8][64];
    static int count;
    static char path[4096];
    char *argv[] = {path, "--help", NULL}, *all[] = {path, "--help-all", NULL};

    snprintf(path, sizeof path, "%s/%s", suite_bin(), program);
    if (try(argv, helps_with, option) || try(all, helps_with, option) ||
        count == 8)
        return NULL;
    snprintf(reasons[count], sizeof reasons[count], "it has no option %s",
             option);
    return reasons[count++];
}

/* Returns true if the program ends with 2, which means that it cannot run here.
 * Leaves the program to be waited for. */
static bool ends_with_usage(const struct daemon *daemon)
{
    long deadline = now_ms() + DAEMON_DEADLINE_MS;
    siginfo_t info = {0};

    while (info.si_pid == 0 && now_ms() < deadline &&
           waitid(P_PID, (id_t)daemon->pid, &info,
                  WEXITED | WNOHANG | WNOWAIT) == 0)
        poll(NULL, 0, 1);
    return info.si_code == CLD_EXITED && info.si_status == 2;
}

/* Returns true if the program listens, or if it fails although it can run here:
 * then its tests have to fail, too. Otherwise stores its message in text, which
 * has 200 bytes. A learner's program may end with any code. */
static bool listens(struct daemon *daemon, const char *text)
{
    char *message = (char *)text;
    ssize_t got;

    if (says(daemon->out, "listening on ", DAEMON_DEADLINE_MS))
        return true;
    got = read(daemon->err, message, 199);
    message[got > 0 ? got : 0] = '\0';
    message[strcspn(message, "\n")] = '\0';
    return got >= 0 && getenv("LEARNER") == NULL && !ends_with_usage(daemon);
}

const char *daemon_why_no_start(const char *program)
{
    static char reasons[8][200], last[64];
    static const char *last_reason;
    static int count;
    static char path[4096];
    char *argv[] = {path, "--port", "0", NULL};

    if (strcmp(last, program) == 0)
        return last_reason;
    snprintf(last, sizeof last, "%s", program);
    snprintf(path, sizeof path, "%s/%s", suite_bin(), program);
    last_reason = suite_why_no(program) != NULL ? "it is not there" : NULL;
    if (last_reason == NULL && !try(argv, listens, reasons[count % 8]))
        last_reason = reasons[count++ % 8];
    return last_reason;
}

int daemon_fd_count(const struct daemon *daemon)
{
    char path[64];
    DIR *dir;
    int count = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)daemon->pid);
    dir = opendir(path);
    ck_assert(dir != NULL);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2; /* "." and ".." */
}

/* Returns true if the thread with this stat file sleeps, or is gone. */
static bool thread_sleeps(const char *path)
{
    char text[512];
    const char *at = NULL;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        return true;
    if (fgets(text, sizeof text, file) != NULL)
        at = strrchr(text, ')'); /* the end of the name; the state is next */
    fclose(file);
    return at == NULL || at[2] == 'S' || at[2] == 'I';
}

/* Returns true if all threads of the server sleep. */
static bool sleeps(const struct daemon *daemon)
{
    char path[300];
    struct dirent *entry;
    bool all_sleep = true;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)daemon->pid);
    dir = opendir(path);
    ck_assert(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/stat",
                 (int)daemon->pid, entry->d_name);
        all_sleep &= entry->d_name[0] == '.' || thread_sleeps(path);
    }
    closedir(dir);
    return all_sleep;
}

bool daemon_makes_ready(const struct daemon *daemon, struct pollfd *sockets,
                        nfds_t count)
{
    long deadline = now_ms() + DAEMON_DEADLINE_MS;

    do {
        int rc = poll(sockets, count, QUIET_MS);

        ck_assert(rc >= 0);
        if (rc > 0)
            return true;
        ck_assert_msg(now_ms() < deadline, "the server never sleeps");
    } while (!sleeps(daemon));
    return false;
}

void daemon_await_fd_count(const struct daemon *daemon, int count)
{
    long deadline = now_ms() + DAEMON_DEADLINE_MS;
    int is;

    while ((is = daemon_fd_count(daemon)) != count) {
        ck_assert_msg(now_ms() < deadline, "it has %d fds, not %d", is, count);
        poll(NULL, 0, 1);
    }
}

/* Returns a field of /proc/PID/stat, counted from 1 as in proc(5). */
static long stat_field(const struct daemon *daemon, int field)
{
    char path[64], text[1024];
    char *at;
    FILE *file;
    size_t len;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)daemon->pid);
    file = fopen(path, "r");
    ck_assert(file != NULL);
    len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    at = strrchr(text, ')'); /* the end of field 2, a name */
    ck_assert(at != NULL);
    for (int i = 2; i < field; i++)
        at = strchr(at + 1, ' ');
    return strtol(at, NULL, 10);
}

long daemon_rss_kib(const struct daemon *daemon)
{
    return stat_field(daemon, 24) * (sysconf(_SC_PAGESIZE) / 1024);
}

long daemon_cpu_ticks(const struct daemon *daemon)
{
    return stat_field(daemon, 14) + stat_field(daemon, 15);
}

void daemon_await_idle(const struct daemon *daemon)
{
    long ticks = 2;

    for (int i = 0; i < 5 && ticks > 1; i++) {
        long before = daemon_cpu_ticks(daemon);

        poll(NULL, 0, 1000);
        ticks = daemon_cpu_ticks(daemon) - before;
    }
    ck_assert_msg(ticks <= 1, "it used %ld ticks in an idle second", ticks);
}

int socket_connect(const struct sockaddr *address, socklen_t len)
{
    struct timeval limit = {.tv_sec = DAEMON_DEADLINE_MS / 1000};
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ck_assert_msg(connect(fd, address, len) == 0, "connect: %s",
                  strerror(errno));
    return fd;
}

int daemon_connect(const struct daemon *daemon)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)daemon->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    return socket_connect((struct sockaddr *)&address, sizeof address);
}

void daemon_await_refusal(const struct daemon *daemon)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)daemon->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    long deadline = now_ms() + DAEMON_DEADLINE_MS;
    int rc;

    do {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_msg(now_ms() < deadline, "it goes on listening");
        rc = connect(fd, (struct sockaddr *)&address, sizeof address);
        rc = rc == 0 ? 0 : errno;
        close(fd);
        poll(NULL, 0, 1);
    } while (rc != ECONNREFUSED);
}

void socket_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

        ck_assert_msg(sent > 0, "send: %s", strerror(errno));
        at += sent;
        len -= (size_t)sent;
    }
}

void socket_receive(int fd, void *bytes, size_t len)
{
    char *at = bytes;

    while (len > 0) {
        ssize_t got = recv(fd, at, len, 0);

        ck_assert_msg(got > 0, "%zu bytes are missing: %s", len,
                      got == 0 ? "the end" : strerror(errno));
        at += got;
        len -= (size_t)got;
    }
}

long socket_receive_all(int fd, void *bytes, size_t len)
{
    size_t have = 0;

    for (;;) {
        ssize_t got = recv(fd, (char *)bytes + have, len - have, 0);

        if (got == 0)
            return (long)have;
        if (got < 0)
            return -errno;
        have += (size_t)got;
        ck_assert_msg(have < len, "more came than there is room for");
    }
}

void socket_expect_end(int fd)
{
    char byte;

    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
}

void socket_expect_reset(int fd)
{
    struct pollfd ready = {.fd = fd, .events = 0}; /* only errors */

    ck_assert_msg(poll(&ready, 1, DAEMON_DEADLINE_MS) == 1,
                  "waited too long for a reset");
    ck_assert(ready.revents & (POLLERR | POLLHUP));
}
