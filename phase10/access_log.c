/* access_log.c: one line per answer; see access_log.h. */
#include "access_log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "err.h"
#include "sys.h"
#include "sys_net.h"

static_assert(LOG_LINE_MAX <= PIPE_BUF, "a pipe does not split a line");

/* The writer checks whether it must end after this time without progress. */
#define QUIET_NS UINT64_C(1000000000)

/* O_NONBLOCK: the open of a FIFO without a reader fails instead of waiting. */
#define OPEN_FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK)
#define OPEN_MODE 0644

/* Records whether fd is a regular file, and makes each write to it append.
 * Clears O_NONBLOCK: with it, some file systems fail writes through a ring with
 * -EAGAIN, although no poll would report when to try again. */
static int log_file_set_up(struct log_file *file, int fd)
{
    struct stat is;
    int rc = sys_stat(fd, &is);

    if (rc < 0)
        return rc;
    atomic_store(&file->is_regular, S_ISREG(is.st_mode));
    if (file->name == NULL && !S_ISREG(is.st_mode))
        return 0; /* others may use this pipe or terminal, too */
    rc = sys_set_open_flags(fd, O_APPEND);
    return rc < 0 ? rc : 0;
}

int log_file_open(struct log_file *file, const char *name)
{
    int rc;

    file->name = name;
    file->fd = STDOUT_FILENO;
    if (name != NULL)
        file->fd = sys_open(name, OPEN_FLAGS, OPEN_MODE);
    if (file->fd < 0)
        return file->fd;
    rc = log_file_set_up(file, file->fd);
    if (rc < 0 && name != NULL)
        sys_close(file->fd);
    return rc;
}

static void log_file_report(const struct log_file *file, int result,
                            const char *what)
{
    char line[512];

    (void)snprintf(line, sizeof line, "serve: --log-file '%.300s': %s (%s); "
                   "%s\n", file->name != NULL ? file->name : "stdout",
                   err_words(result), err_name(result), what);
    sys_print_error(line, strlen(line));
}

/* Replaces the open file in one step, so that each write goes to the old file
 * or to the new one. A write in flight goes to the old one. */
void log_file_await_reopen(struct log_file *file)
{
    int fd, rc;

    if (file->name == NULL)
        return;
    fd = await_openat(AT_FDCWD, file->name, OPEN_FLAGS, OPEN_MODE);
    rc = fd < 0 ? fd : log_file_set_up(file, fd);
    if (rc == 0)
        rc = sys_duplicate(fd, file->fd);
    if (rc < 0)
        log_file_report(file, rc, "the log goes on in the old file");
    if (fd >= 0)
        await_close(fd);
}

/* Returns the length of the whole lines to write at once. */
static size_t piece_of(const struct log_file *file, const char *bytes,
                       size_t len)
{
    if (atomic_load(&file->is_regular) || len <= PIPE_BUF)
        return len;
    for (len = PIPE_BUF; bytes[len - 1] != '\n'; len--)
        continue;
    return len;
}

/* Writes some of the bytes. Waits until the file accepts some, unless the log
 * is ending. Returns the number of bytes written, or -errno. */
static int access_log_await_write(struct access_log *log, const char *bytes,
                                  size_t len)
{
    int rc;

    do {
        deadline_set_ns(QUIET_NS);
        rc = await_write(log->file->fd, bytes, len, AWAIT_STREAM);
        if (rc == -EAGAIN) { /* stdout may be non-blocking */
            rc = await_poll(log->file->fd, POLLOUT);
            rc = rc < 0 ? rc : -EAGAIN;
        }
        deadline_clear();
    } while (rc == -EAGAIN || (rc == -ETIME && !log->is_ending));
    return rc == 0 ? -EIO : rc;
}

/* Writes a newline after a line that a short write has cut, so that the next
 * line is separate from it. */
static int access_log_await_mend(struct access_log *log)
{
    int rc = 0;

    if (atomic_exchange(&log->file->is_cut, false))
        rc = access_log_await_write(log, "\n", 1);
    if (rc < 0)
        atomic_store(&log->file->is_cut, true);
    return rc;
}

/* Writes lines. After a failure, counts those that were not written. */
static void access_log_await_lines(struct access_log *log, const char *bytes,
                                   size_t len)
{
    struct log_file *file = log->file;
    int rc = access_log_await_mend(log);

    while (rc >= 0 && len > 0) {
        rc = access_log_await_write(log, bytes, piece_of(file, bytes, len));
        if (rc > 0) {
            bytes += rc;
            len -= (size_t)rc;
            atomic_store(&file->is_cut, bytes[-1] != '\n');
        }
    }
    if (rc >= 0) {
        atomic_store(&file->is_cut, false);
        atomic_store(&file->has_failed, false);
        return;
    }
    for (size_t i = 0; i < len; i++)
        log->dropped += bytes[i] == '\n';
    if (!atomic_exchange(&file->has_failed, true))
        log_file_report(file, rc, "lines are dropped and counted until it "
                        "takes some again (log_dropped)");
}

static int access_log_run(void *arg) /* task body */
{
    struct access_log *log = arg;

    while (log->len > 0 || !log->is_ending) {
        const char *bytes = log->buffers[log->filling];
        size_t len = log->len;

        if (len == 0) {
            log->has_lines = (struct future){0};
            (void)future_wait(&log->has_lines);
            continue;
        }
        log->filling ^= 1;
        log->len = 0;
        access_log_await_lines(log, bytes, len);
    }
    return 0;
}

int access_log_start(struct access_log *log, enum log_format format,
                     struct log_file *file)
{
    void *memory;
    int rc;

    log->format = format;
    log->file = file;
    if (format == LOG_OFF)
        return 0;
    rc = sys_map(&memory, 2 * ACCESS_LOG_LEN);
    if (rc < 0)
        return rc;
    log->buffers[0] = memory;
    log->buffers[1] = log->buffers[0] + ACCESS_LOG_LEN;
    rc = task_spawn(&log->writer, "access log", access_log_run, log);
    if (rc < 0)
        sys_unmap(memory, 2 * ACCESS_LOG_LEN);
    return rc;
}

static void access_log_wake(struct access_log *log)
{
    if (!log->has_lines.is_done)
        future_complete(&log->has_lines, 0);
}

void access_log_await_end(struct access_log *log)
{
    if (log->format == LOG_OFF)
        return;
    log->is_ending = true;
    access_log_wake(log);
    task_join(&log->writer);
    sys_unmap(log->buffers[0], 2 * ACCESS_LOG_LEN);
}

void access_log_add(struct access_log *log, const struct log_entry *entry)
{
    if (ACCESS_LOG_LEN - log->len < LOG_LINE_MAX) {
        log->dropped++;
        return;
    }
    log->len += (size_t)log_line_write(log->buffers[log->filling] + log->len,
                                       log->format, entry);
    access_log_wake(log);
}
