/* victim.c: the process of the server under attack; see victim.h. */
#include "victim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "sys.h"

#define LINE_MAX_LEN 4096
#define POLL_MS 20

/* Runs in the child. Sets the limit of open files, which adversary has raised
 * for its own peers. */
static void exec_command(struct victim *victim, unsigned port, int out)
{
    static char words[VICTIM_WORDS_MAX][512];
    static char *argv[VICTIM_WORDS_MAX + 1];
    struct rlimit files;

    for (int i = 0; i < VICTIM_WORDS_MAX && victim->command[i] != NULL; i++) {
        const char *word = victim->command[i];
        const char *at = strstr(word, "{port}");

        argv[i] = victim->command[i];
        if (at == NULL)
            continue;
        snprintf(words[i], sizeof words[i], "%.*s%u%s", (int)(at - word), word,
                 port, at + strlen("{port}"));
        argv[i] = words[i];
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = victim->files_max;
        if (victim->is_limited) /* the server may raise the soft limit */
            files.rlim_max = victim->files_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    dup2(out, STDOUT_FILENO);
    execvp(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

/* Returns true if a connection to the target is accepted now. */
static bool accepts(const struct target *target)
{
    int fd = target_connect(target, 0), error = 0;
    socklen_t len = sizeof error;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    if (fd < 0)
        return false;
    if (poll(&ready, 1, POLL_MS) != 1 ||
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
        error = EAGAIN;
    close(fd);
    return error == 0;
}

/* Reads what the server prints. Returns true when it prints where it listens.
 * If it has never printed that, returns true when the port accepts connections.
 * That alone proves nothing: after a kill, the kernel may keep the listener of
 * a server with a ring for some milliseconds. */
static bool is_listening(struct victim *victim, struct target *target,
                         char *line, size_t *len)
{
    struct pollfd ready = {.fd = victim->out, .events = POLLIN};
    ssize_t got = 0;
    char *at;

    if (poll(&ready, 1, POLL_MS) == 1)
        got = read(victim->out, line + *len, LINE_MAX_LEN - 1 - *len);
    *len += got > 0 ? (size_t)got : 0;
    line[*len] = '\0';
    at = strstr(line, "listening on ");
    if (at != NULL && strchr(at, '\n') != NULL) {
        victim->prints_line = true;
        *strchr(at, '\n') = '\0';
        at = strrchr(at, ':');
        if (target_port(target) == 0 && at != NULL)
            target_set_port(target, (unsigned)strtoul(at + 1, NULL, 10));
        return target_port(target) != 0;
    }
    if (got == 0)
        sys_pause_ns(POLL_MS * UINT64_C(1000000));
    return !victim->prints_line && target_port(target) != 0 &&
           accepts(target);
}

const char *victim_start(struct victim *victim, struct target *target,
                         unsigned limit_ms)
{
    static char line[LINE_MAX_LEN];
    uint64_t end_ms = target_now_ms() + limit_ms;
    size_t len = 0;
    int out[2];

    line[0] = '\0';
    if (pipe2(out, O_CLOEXEC) < 0)
        return "no pipe for its stdout";
    victim->has_ended = false;
    victim->pid = fork();
    if (victim->pid == 0)
        exec_command(victim, target_port(target), out[1]);
    close(out[1]);
    victim->out = out[0];
    if (victim->pid < 0)
        return "fork failed";
    while (!is_listening(victim, target, line, &len)) {
        if (!victim_is_alive(victim))
            return "it ended before it listened";
        if (target_now_ms() > end_ms)
            return "it did not listen in time";
    }
    return NULL;
}

static int count_fds(pid_t pid)
{
    char path[64];
    int count = 0;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    dir = opendir(path);
    if (dir == NULL)
        return -1;
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

/* Returns how long the threads used a processor or waited for one. So a busy
 * machine does not hide a thread that never sleeps. */
static long read_busy_ms(pid_t pid)
{
    char path[64], text[128];
    unsigned long long ran_ns, waited_ns, busy_ns = 0;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    dir = opendir(path);
    if (dir == NULL)
        return -1;
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/schedstat", (int)pid,
                 entry->d_name);
        if (entry->d_name[0] != '.' &&
            sys_read_text(path, text, sizeof text) > 0 &&
            sscanf(text, "%llu %llu", &ran_ns, &waited_ns) == 2)
            busy_ns += ran_ns + waited_ns;
    }
    closedir(dir);
    return (long)(busy_ns / 1000000);
}

struct figures victim_look(const struct victim *victim)
{
    struct figures figures = {-1, -1, -1};
    char path[64], text[128];
    long pages;

    if (victim->pid == 0)
        return figures;
    figures.fds = count_fds(victim->pid);
    figures.busy_ms = read_busy_ms(victim->pid);
    snprintf(path, sizeof path, "/proc/%d/statm", (int)victim->pid);
    if (sys_read_text(path, text, sizeof text) > 0 &&
        sscanf(text, "%*d %ld", &pages) == 1)
        figures.rss_kib = pages * (sysconf(_SC_PAGESIZE) / 1024);
    return figures;
}

bool victim_sleeps(const struct victim *victim)
{
    char path[300], text[512];
    const char *name_end;
    bool all_sleep = true;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)victim->pid);
    dir = victim->pid != 0 ? opendir(path) : NULL;
    if (dir == NULL)
        return true;
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/stat",
                 (int)victim->pid, entry->d_name);
        if (entry->d_name[0] == '.' ||
            sys_read_text(path, text, sizeof text) <= 0)
            continue;
        name_end = strrchr(text, ')');
        all_sleep &= name_end == NULL || strchr("SI", name_end[2]) != NULL;
    }
    closedir(dir);
    return all_sleep;
}

bool victim_is_alive(struct victim *victim)
{
    if (victim->pid == 0 || victim->has_ended)
        return !victim->has_ended;
    if (victim->command != NULL)
        victim->has_ended =
            waitpid(victim->pid, &victim->status, WNOHANG) == victim->pid;
    else
        victim->has_ended = kill(victim->pid, 0) < 0 && errno == ESRCH;
    if (victim->has_ended && victim->out >= 0) {
        close(victim->out);
        victim->out = -1;
    }
    return !victim->has_ended;
}

bool victim_wait(struct victim *victim, unsigned limit_ms)
{
    uint64_t end_ms = target_now_ms() + limit_ms;

    while (victim_is_alive(victim)) {
        if (target_now_ms() > end_ms)
            return false;
        poll(NULL, 0, 1);
    }
    return true;
}

struct figures victim_settle(const struct victim *victim, int fds_max,
                             unsigned limit_ms)
{
    uint64_t end_ms = target_now_ms() + limit_ms;
    struct figures figures = victim_look(victim);

    while (figures.fds > fds_max && target_now_ms() < end_ms) {
        poll(NULL, 0, 10);
        figures = victim_look(victim);
    }
    return figures;
}

void victim_describe_end(const struct victim *victim, char text[64])
{
    if (victim->command == NULL)
        snprintf(text, 64, "its process is gone");
    else if (WIFSIGNALED(victim->status))
        snprintf(text, 64, "signal %d (SIG%s)", WTERMSIG(victim->status),
                 sigabbrev_np(WTERMSIG(victim->status)));
    else
        snprintf(text, 64, "exit code %d", WEXITSTATUS(victim->status));
}

void victim_finish(struct victim *victim)
{
    if (victim->command == NULL || victim->pid <= 0)
        return;
    if (victim_is_alive(victim))
        kill(victim->pid, SIGKILL);
    (void)victim_wait(victim, 10000);
}
