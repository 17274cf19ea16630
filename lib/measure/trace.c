/* trace.c: records SQEs and CQEs; see trace.h.
 * Introduced in phase 6. Needs: trace.h, trace_log.h, trace_out.h, ring.h,
 * sys.h, sys_end.h.
 *
 * What it teaches: a tool that observes a ring must not use the ring. Until the
 * program has closed its rings, or ends early, the trace writes only to
 * memory. */
#include "trace.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "ring.h"
#include "sys.h"
#include "sys_end.h"
#include "trace_log.h"
#include "trace_out.h"

static struct {
    struct trace_log log; /* log.events is NULL while there is no trace */
    enum trace_format format;
    int fd; /* owned */
} trace;

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int write_file(void)
{
    static struct trace_out out; /* too large for the stack of a task */

    out.fd = trace.fd;
    out.result = 0;
    out.len = 0;
    trace_log_pair(&trace.log);
    if (trace.format == TRACE_CHROME)
        trace_chrome_write(&out, &trace.log);
    else if (trace.format == TRACE_JSON_LINES)
        trace_lines_write(&out, &trace.log);
    else
        trace_text_write(&out, &trace.log);
    return trace_out_flush(&out);
}

/* Called when the process ends early. Other threads may still add events, and
 * some of these may then be missing or incomplete. */
static void trace_end_early(void)
{
    (void)write_file();
}

int trace_start(const struct trace_options *options)
{
    const char *path = options->path != NULL ? options->path : "";
    int rc;

    assert(trace.log.events == NULL);
    trace.format = options->format;
    if (trace.format == TRACE_BY_NAME)
        trace.format = ends_with(path, ".json")    ? TRACE_CHROME
                       : ends_with(path, ".jsonl") ? TRACE_JSON_LINES
                                                   : TRACE_TEXT;
    trace.fd = options->path == NULL
                   ? sys_duplicate(2, -1)
                   : sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (trace.fd < 0)
        return trace.fd;
    rc = trace.fd <= 2 ? -EBADF /* the file would get the program's output */
                       : trace_log_init(&trace.log,
                                        options->events_max != 0
                                            ? options->events_max
                                            : TRACE_EVENTS_DEFAULT);
    if (rc < 0)
        (void)sys_close(trace.fd);
    else
        sys_end_watch(trace_end_early);
    return rc;
}

void trace_sqe(int ring, const struct io_uring_sqe *sqe)
{
    struct trace_event *event = trace_log_begin(&trace.log);

    if (event == NULL)
        return;
    event->is_cqe = false;
    event->ring = ring;
    event->user_data = sqe->user_data;
    event->opcode = sqe->opcode;
    event->sqe_flags = sqe->flags;
    event->fd = sqe->fd;
    event->len = sqe->len;
    event->offset = sqe->off;
    event->flags = (uint32_t)sqe->rw_flags;
    trace_log_end(event);
}

void trace_cqe(int ring, const struct io_uring_cqe *cqe)
{
    struct trace_event *event = trace_log_begin(&trace.log);

    if (event == NULL)
        return;
    event->is_cqe = true;
    event->ring = ring;
    event->user_data = cqe->user_data;
    event->res = cqe->res;
    event->flags = cqe->flags;
    trace_log_end(event);
}

void trace_lose(uint32_t count)
{
    trace.log.lost += count;
}

void trace_hook(const struct ring *ring, const struct io_uring_sqe *sqe,
                const struct io_uring_cqe *cqe)
{
    if (sqe != NULL)
        trace_sqe(ring->uring.ring_fd, sqe);
    else
        trace_cqe(ring->uring.ring_fd, cqe);
}

int trace_finish(void)
{
    int rc, closed;

    if (trace.log.events == NULL)
        return 0;
    sys_end_watch(NULL);
    rc = write_file();
    closed = sys_close(trace.fd); /* a full disk may be reported only now */
    trace_log_finish(&trace.log);
    return rc < 0 ? rc : closed;
}
