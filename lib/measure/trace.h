/* trace.h: records SQEs and CQEs, and writes them to a file at the end.
 * Introduced in phase 6. Needs: nothing.
 *
 *     trace_start(&(struct trace_options){.path = "trace.json"});
 *     ring_hook = trace_hook;   (trace_command.h does both)
 *     ...
 *     rc = trace_finish();
 *
 * The trace makes no ring operation, so it does not change what it records. An
 * event costs less than 100 ns, most of which is the clock. The trace keeps the
 * last events_max events in memory. The file says how many older ones were
 * dropped.
 *
 * The file has one of three formats:
 *
 *   TRACE_TEXT        a line per event, for eyes: time, ring, direction,
 *                     operation, result, and the time since the SQE
 *   TRACE_CHROME      one JSON document for chrome://tracing and
 *                     ui.perfetto.dev: a process per ring, a slice per
 *                     operation; slices of the same time are in different rows
 *   TRACE_JSON_LINES  a JSON object per line and event, and a last one with
 *                     the counts, for programs
 *
 * If the process ends early (sys_end.h: by an assertion, by a signal such as
 * SIGINT, or because the kernel refuses a ring), the file is written, too.
 * After a fault or SIGKILL it is empty. */
#ifndef ONE_RING_TRACE_H
#define ONE_RING_TRACE_H

#include <liburing.h>
#include <stdint.h>

struct ring;

#define TRACE_EVENTS_DEFAULT 65536u /* of 64 bytes: 4 MiB */

enum trace_format {
    TRACE_TEXT,
    TRACE_CHROME,
    TRACE_JSON_LINES,
    TRACE_BY_NAME /* .json is TRACE_CHROME, .jsonl TRACE_JSON_LINES; other
                     names are TRACE_TEXT */
};

struct trace_options {
    const char *path; /* borrowed until trace_start returns; NULL: stderr */
    enum trace_format format;
    uint32_t events_max; /* 0 means TRACE_EVENTS_DEFAULT */
};

/* Creates or empties the file, and starts to record. Call it before the process
 * makes rings or threads. A process has at most one trace.
 *
 * Returns 0        success
 *         -EBADF   the file would become stdin, stdout, or stderr, because
 *                  that one is closed
 *         -ENOMEM  no memory for the events
 *         -errno   as open(2) */
int trace_start(const struct trace_options *options);

/* Record an SQE before its submit, and a CQE. ring is the descriptor of the
 * ring. Any thread may call these. */
void trace_sqe(int ring, const struct io_uring_sqe *sqe);
void trace_cqe(int ring, const struct io_uring_cqe *cqe);

/* Counts CQEs that were overwritten before the caller could record them. */
void trace_lose(uint32_t count);

/* A value for ring_hook. Calls trace_sqe or trace_cqe. */
void trace_hook(const struct ring *ring, const struct io_uring_sqe *sqe,
                const struct io_uring_cqe *cqe);

/* Writes the file and closes it. No ring may be in use. Does nothing if no
 * trace was started.
 *
 * Returns 0        success
 *         -ENOSPC  the disk is full
 *         -errno   as write(2) or close(2) */
int trace_finish(void);

#endif
