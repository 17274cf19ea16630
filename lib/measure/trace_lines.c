/* trace_lines.c: writes a trace as JSON lines; see trace_out.h.
 * Introduced in phase 6. Needs: trace_out.h. */
#include "trace_out.h"

/* Writes one object and a newline, which is not part of the JSON. */
static void write_line(struct trace_out *out, const struct trace_log *log,
                       const struct trace_event *event)
{
    struct json json = {.write = trace_out_put, .to = out};

    json_open(&json, NULL, '{');
    json_text(&json, "event", event->is_cqe ? "cqe" : "sqe");
    json_number(&json, "number", (long long)event->number);
    json_number(&json, "time_ns", (long long)(event->time_ns - log->began_ns));
    json_number(&json, "ring", event->ring);
    json_text(&json, "operation", trace_out_name(event));
    if (event->is_cqe) {
        trace_out_json_cqe(&json, event);
        if (event->pair != TRACE_NO_EVENT) {
            json_number(&json, "sqe",
                        (long long)log->events[event->pair].number);
            json_number(&json, "latency_ns",
                        (long long)trace_out_latency_ns(log, event));
        }
    } else {
        trace_out_json_sqe(&json, event);
    }
    json_close(&json, '}');
    trace_out_put(out, "\n", 1);
}

/* Writes a line per event, and a last line with the counts. A file without that
 * last line is incomplete. */
void trace_lines_write(struct trace_out *out, const struct trace_log *log)
{
    struct json json = {.write = trace_out_put, .to = out};

    for (uint64_t n = trace_log_first(log); n <= log->count; n++) {
        const struct trace_event *event = trace_log_find(log, n);

        if (event != NULL)
            write_line(out, log, event);
    }
    json_open(&json, NULL, '{');
    json_text(&json, "event", "end");
    trace_out_json_counts(&json, log);
    json_close(&json, '}');
    trace_out_put(out, "\n", 1);
}
