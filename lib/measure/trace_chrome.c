/* trace_chrome.c: writes a log as a Chrome trace; see trace_out.h.
 * Introduced in phase 6. Needs: trace_out.h, err.h.
 *
 * What it teaches: a viewer draws a slice per operation. Slices of one row must
 * not overlap, but the operations of a ring do. So each slice gets the first
 * row of its ring that is free at that time. The number of rows then shows how
 * many operations were in flight:
 *
 *     ring 4   row 1   [ OPENAT ][   READ    ][ CLOSE ]
 *              row 2        [ OPENAT ][ READ ]
 *
 * A ring is a "process" of the viewer, and a row is a "thread". */
#include "trace_out.h"

#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

/* The maximum number of rows, for all rings together. A slice that finds no
 * free row is in the last one, where slices may overlap. */
#define ROWS_MAX 512u

static struct row {
    int ring; /* 0: not used. A ring never has descriptor 0, because trace_start
                 requires that stdin is open */
    uint64_t end_ns;
} rows[ROWS_MAX];

/* Opens an event of the Chrome format. The caller adds members, and closes
 * it. */
static void open_event(struct json *json, const char *name, const char *phase,
                       int ring, uint32_t row)
{
    json_open(json, NULL, '{');
    json_text(json, "name", name);
    json_text(json, "ph", phase);
    json_number(json, "pid", ring);
    json_number(json, "tid", row + 1);
}

/* Names the "process" or the "thread". */
static void put_label(struct json *json, const char *what, const char *label,
                      int ring, uint32_t row)
{
    open_event(json, what, "M", ring, row);
    json_open(json, "args", '{');
    json_text(json, "name", label);
    json_close(json, '}');
    json_close(json, '}');
}

/* Takes the first row of ring in which no slice ends after begin_ns. Labels the
 * row if it had no slice before. */
static uint32_t take_row(struct json *json, int ring, uint64_t begin_ns,
                         uint64_t end_ns)
{
    uint32_t i = 0;
    char label[24];

    while (i < ROWS_MAX - 1 && rows[i].ring != 0 &&
           (rows[i].ring != ring || rows[i].end_ns > begin_ns))
        i++;
    if (rows[i].ring == 0) {
        (void)snprintf(label, sizeof label, "ring %d", ring);
        put_label(json, "process_name", label, ring, i);
        put_label(json, "thread_name", "operations", ring, i);
    }
    rows[i].ring = ring;
    rows[i].end_ns = end_ns;
    return i;
}

/* Writes the slice of an operation, from its SQE to its terminal CQE, or to
 * last_ns if it had not completed. */
static void put_slice(struct json *json, const struct trace_log *log,
                      struct trace_event *sqe, uint64_t last_ns)
{
    const struct trace_event *cqe =
        sqe->pair != TRACE_NO_EVENT ? &log->events[sqe->pair] : NULL;
    uint64_t end_ns = cqe != NULL ? cqe->time_ns : last_ns;

    sqe->row = take_row(json, sqe->ring, sqe->time_ns, end_ns);
    open_event(json, trace_out_name(sqe), "X", sqe->ring, sqe->row);
    json_thousandths(json, "ts", sqe->time_ns - log->began_ns);
    json_thousandths(json, "dur", end_ns - sqe->time_ns);
    json_open(json, "args", '{');
    trace_out_json_sqe(json, sqe);
    if (cqe != NULL) {
        json_number(json, "res", cqe->res);
        json_text(json, "error", cqe->res < 0 ? err_name(cqe->res) : NULL);
    }
    json_close(json, '}');
    json_close(json, '}');
}

/* Writes a CQE that does not end a slice, as a mark in its operation's row. */
static void put_mark(struct json *json, const struct trace_log *log,
                     const struct trace_event *cqe)
{
    uint32_t row =
        cqe->pair != TRACE_NO_EVENT ? log->events[cqe->pair].row : 0;

    open_event(json, trace_out_name(cqe), "i", cqe->ring, row);
    json_text(json, "s", "t");
    json_thousandths(json, "ts", cqe->time_ns - log->began_ns);
    json_open(json, "args", '{');
    trace_out_json_cqe(json, cqe);
    json_close(json, '}');
    json_close(json, '}');
}

void trace_chrome_write(struct trace_out *out, struct trace_log *log)
{
    struct json json = {.write = trace_out_put, .to = out};
    uint64_t last_ns = trace_out_count(log).last_ns;

    memset(rows, 0, sizeof rows);
    json_open(&json, NULL, '{');
    json_text(&json, "displayTimeUnit", "ns");
    json_open(&json, "otherData", '{');
    trace_out_json_counts(&json, log);
    json_close(&json, '}');
    json_open(&json, "traceEvents", '[');
    for (uint64_t n = trace_log_first(log); n <= log->count; n++) {
        struct trace_event *event = trace_log_find(log, n);

        if (event == NULL)
            continue;
        if (!event->is_cqe)
            put_slice(&json, log, event, last_ns);
        else if (event->pair == TRACE_NO_EVENT ||
                 (event->flags & IORING_CQE_F_MORE))
            put_mark(&json, log, event);
    }
    json_close(&json, ']');
    json_close(&json, '}');
    trace_out_put(out, "\n", 1);
}
