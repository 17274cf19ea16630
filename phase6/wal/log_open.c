/* log_open.c: creates a log, or recovers it after a power cut; see log.h.
 *
 * What it teaches: bytes that a program reads after a crash may not be on disk.
 * If an fsync fails, Linux marks the pages as clean and keeps them in memory. A
 * second process reads them, a second fsync finds nothing to write, and both
 * report success. So this file writes the last batch once more. For every
 * other batch, the batch after it proves that it is durable. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>

#include "commit.h"
#include "log.h"

/* Opens path, and checks and locks the file. Closes it after a failure. */
static int log_await_open_locked(struct aio *file, const char *path,
                                 const char *mode, int operation)
{
    struct statx status;
    int rc = aio_await_open(file, path, mode);

    if (rc < 0)
        return rc;
    rc = aio_await_stat(file, &status);
    if (rc == 0 && !S_ISREG(status.stx_mode))
        rc = -ESPIPE;
    /* flock(2) has no opcode. Without LOCK_NB it would block the thread. */
    if (rc == 0 && flock(file->fd, operation | LOCK_NB) < 0)
        rc = -errno;
    if (rc < 0)
        (void)aio_await_close(file);
    return rc;
}

int log_await_open_read(struct aio *file, const char *path)
{
    return log_await_open_locked(file, path, "r", LOCK_SH);
}

/* Makes the entry of path in its directory durable. Without this, a power cut
 * may leave a directory without the new file. Some file systems do not sync
 * directories, and return -EINVAL. */
static int log_await_sync_directory(const char *path)
{
    static char directory[PATH_MAX]; /* too large for the stack */
    const char *slash = strrchr(path, '/');
    int len = slash == NULL || slash == path ? 1 : (int)(slash - path);
    int fd, rc;

    snprintf(directory, sizeof directory, "%.*s", len,
             slash == NULL ? "." : path);
    fd = await_openat(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fd;
    rc = await_fsync(fd, 0);
    (void)await_close(fd);
    return rc == -EINVAL ? 0 : rc;
}

/* Writes the head of a new log to the file, which has no record. */
static int log_await_create(struct log *log)
{
    struct log_head head;
    int rc = aio_await_truncate(&log->file, 0);

    if (rc < 0)
        return rc;
    if (getrandom(&log->log_id, sizeof log->log_id, 0) < 0)
        return -errno;
    head = log_head_make(log->log_id);
    return commit_await_bytes(log->file.fd, (const char *)&head, sizeof head,
                              0);
}

/* Writes the bytes [from, end) again, and makes them durable: the fsync of the
 * process that wrote them may have failed. Uses the memory of the first
 * batch. */
static int log_await_rewrite(struct log *log, uint64_t from, uint64_t end)
{
    int rc = 0;

    while (rc == 0 && from < end) {
        size_t len = end - from < LOG_BATCH_MAX ? (size_t)(end - from)
                                                : LOG_BATCH_MAX;

        rc = aio_await_pread(&log->file, log->memory[0], len, from);
        if (rc >= 0 && (size_t)rc < len)
            rc = -EIO;
        if (rc >= 0)
            rc = commit_await_bytes(log->file.fd, log->memory[0], len, from);
        from += len;
    }
    return rc;
}

/* Reads all records, cuts the file after the last one, and makes the rest
 * durable. The cut also removes reserved space, so that no byte of a torn batch
 * remains after a later, shorter batch. */
static int log_await_recover(struct log *log, struct scan *scan)
{
    struct record record;
    int rc;

    log->log_id = scan->log_id;
    do
        rc = scan_await_next(scan, &record);
    while (rc > 0);
    if (rc == 0)
        rc = aio_await_truncate(&log->file, scan->offset);
    if (rc == 0)
        rc = log_await_rewrite(log, scan->batch_offset, scan->offset);
    if (rc == 0)
        rc = aio_await_fsync(&log->file); /* the new length, too */
    return rc;
}

int log_await_open(struct log *log, const char *path, struct scan *scan,
                   uint64_t *torn_len)
{
    int rc;

    *log = (struct log){.reserves = true};
    do { /* another process may create or remove the file between the two */
        rc = log_await_open_locked(&log->file, path, "r+", LOCK_EX);
        if (rc == -ENOENT)
            rc = log_await_open_locked(&log->file, path, "x+", LOCK_EX);
    } while (rc == -EEXIST);
    if (rc < 0)
        return rc;
    rc = scan_await_start(scan, &log->file);
    if (rc >= 0)
        rc = rc == 0 ? log_await_create(log) : log_await_recover(log, scan);
    if (rc == 0)
        rc = log_await_sync_directory(path);
    if (rc < 0) {
        (void)aio_await_close(&log->file);
        return rc;
    }
    *torn_len = scan->torn_len;
    log->next = scan->last + 1;
    log->durable = scan->last;
    log->reserved = scan->offset;
    log->collecting = (struct log_batch){
        .bytes = log->memory[0],
        .offset = scan->offset,
    };
    return 0;
}
