/* access_log.h: one line per answer, written through the ring.
 *
 * What it teaches: a log must not delay the answers that it reports. A disk may
 * be full or slow, and the reader of a pipe may have stopped. So a ring adds
 * its lines to a buffer in memory, and one task writes them. When it begins a
 * write, two buffers change places:
 *
 *     answers --lines--> [ filling ]        [ being written ] --write--> file
 *                             `-- change places --'
 *
 * While one write is in flight, the other buffer takes the lines. If it is full
 * before the write has ended, lines are dropped and counted (log_dropped).
 *
 * Several rings write to one file. Each write has whole lines. The kernel does
 * not mix writes to a file with O_APPEND, nor writes to a pipe of at most
 * PIPE_BUF bytes. */
#ifndef PHASE10_ACCESS_LOG_H
#define PHASE10_ACCESS_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "future.h"
#include "log_line.h"
#include "task.h"

/* Bytes of each of the two buffers of a ring. The answers of one iteration of
 * the loop may have a thousand lines. Pages that are never
 * filled use no memory. */
#define ACCESS_LOG_LEN 262144u

/* The file that all rings write to. */
struct log_file {
    const char *name; /* borrowed; NULL: stdout */
    int fd;           /* owned unless it is stdout; never changes */
    atomic_bool is_regular;
    atomic_bool is_cut;    /* the last write ended inside a line */
    atomic_bool has_failed; /* the last write failed; already reported */
};

/* The log of one ring. */
struct access_log {
    enum log_format format; /* LOG_OFF: nothing else here is used */
    struct log_file *file;  /* borrowed */
    char *buffers[2];       /* ACCESS_LOG_LEN bytes each; owned as one map */
    unsigned filling;       /* index of the buffer that takes lines */
    size_t len;             /* bytes in it */
    struct task writer;
    struct future has_lines; /* the writer waits for it */
    bool is_ending;
    uint64_t dropped; /* lines */
};

/* Opens the file for appending, and creates it if necessary. name is borrowed;
 * NULL: stdout. Call it before other threads exist. Returns 0, or -errno from
 * open(2), for example -ENXIO: a FIFO that no process reads. */
int log_file_open(struct log_file *file, const char *name);

/* Opens the name again, because logrotate(8) has renamed the file. On failure,
 * prints a line and goes on with the old file. Suspends. */
void log_file_await_reopen(struct log_file *file);

/* Starts the log of a ring, in a task of that ring. Borrows file. Returns 0,
 * -ENOMEM, or -EAGAIN from task_spawn. */
int access_log_start(struct access_log *log, enum log_format format,
                     struct log_file *file);

/* Writes the buffered lines, and ends. Gives up if the file accepts nothing for
 * about a second. Accepts a log that was not started. Suspends. */
void access_log_await_end(struct access_log *log);

/* Adds a line, or drops it and counts it. Does not suspend. */
void access_log_add(struct access_log *log, const struct log_entry *entry);

#endif
