/* trace.h: records SQEs and CQEs, and writes them to a file at the end.
 * Introduced in phase 6. Needs: nothing.
 *
 *     trace_start(&(struct trace_options){.path = "trace.json"});
 *     ring_hook = trace_hook;   (trace_command.h does both)
 *     ...
 *     rc = trace_finish();
 *
 * The trace does not submit operations, so it records only the program's
 * operations. An event costs less than 100 ns, mostly for reading the clock.
 * The trace keeps the last events_max events in memory. The file also has the
 * number of events that were dropped.
 *
 * The file has one of three formats:
 *
 *   TRACE_TEXT        for people, a line per event: time, ring, direction,
 *                     operation, result, and the time since the SQE
 *   TRACE_CHROME      for chrome://tracing and ui.perfetto.dev, one JSON
 *                     document: a process per ring, and a slice per operation;
 *                     slices that overlap are in different rows
 *   TRACE_JSON_LINES  for programs, a JSON object per line: one for each event,
 *                     and a last one with the counts
 *
 * The file is also written if the process ends early (sys_end.h): by an
 * assertion, by a signal such as SIGINT, or because the kernel refuses a ring.
 * After a fault such as SIGSEGV, or after SIGKILL, the file is empty. */
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
    TRACE_BY_NAME /* the end of path: .json is TRACE_CHROME, .jsonl is
                     TRACE_JSON_LINES, and any other is TRACE_TEXT */
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
 *         -EBADF   stdin, stdout, or stderr is closed, so the file would get
 *                  descriptor 0, 1, or 2
 *         -ENOMEM  no memory for the events
 *         -errno   from open(2) */
int trace_start(const struct trace_options *options);

/* trace_sqe records an SQE; call it before the submit. trace_cqe records a CQE.
 * ring is the descriptor of the ring. Any thread may call these functions. */
void trace_sqe(int ring, const struct io_uring_sqe *sqe);
void trace_cqe(int ring, const struct io_uring_cqe *cqe);

/* Adds count to the number of lost CQEs, which were overwritten before the
 * caller could record them. */
void trace_lose(uint32_t count);

/* Calls trace_sqe if sqe is not NULL, else trace_cqe. Set ring_hook to this
 * function. */
void trace_hook(const struct ring *ring, const struct io_uring_sqe *sqe,
                const struct io_uring_cqe *cqe);

/* Writes the file and closes it. Call it when no ring is in use. Does nothing
 * if no trace was started.
 *
 * Returns 0        success
 *         -ENOSPC  the disk is full
 *         -errno   from write(2) or close(2) */
int trace_finish(void);

#endif
