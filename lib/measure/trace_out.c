/* trace_out.c: functions that the formats of a trace share; see trace_out.h.
 * Introduced in phase 6. Needs: trace_out.h, catalog.h, err.h, sys_output.h. */
#include "trace_out.h"

#include <linux/io_uring.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "err.h"
#include "sys_output.h"

/* One call of trace_out_format adds fewer than 150 characters. */
#define LINE_LEN 256

int trace_out_flush(struct trace_out *out)
{
    if (out->result == 0)
        out->result = sys_write_all(out->fd, out->buf, out->len);
    out->len = 0;
    return out->result;
}

/* Text of any length can pass through the buffer, which is written whenever it
 * is full. After an error, trace_out_flush empties the buffer without a write,
 * so this loop still ends. */
void trace_out_put(void *to, const char *text, size_t len)
{
    struct trace_out *out = to;

    while (len > 0) {
        size_t room = sizeof out->buf - out->len;
        size_t part = len < room ? len : room;

        memcpy(out->buf + out->len, text, part);
        out->len += part;
        text += part;
        len -= part;
        if (out->len == sizeof out->buf)
            (void)trace_out_flush(out);
    }
}

void trace_out_format(struct trace_out *out, const char *format, ...)
{
    char line[LINE_LEN];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len > 0)
        trace_out_put(out, line, (size_t)len < LINE_LEN ? (size_t)len
                                                        : LINE_LEN - 1);
}

struct trace_counts trace_out_count(const struct trace_log *log)
{
    struct trace_counts counts = {
        .dropped = trace_log_dropped(log),
        .lost = log->lost,
        .last_ns = log->began_ns,
    };

    for (uint64_t n = trace_log_first(log); n <= log->count; n++) {
        const struct trace_event *event = trace_log_find(log, n);

        if (event == NULL)
            continue;
        counts.cqes += event->is_cqe;
        counts.sqes += !event->is_cqe;
        /* Events of two threads may be out of order by a few ns. */
        if (event->time_ns > counts.last_ns)
            counts.last_ns = event->time_ns;
    }
    return counts;
}

const char *trace_out_name(const struct trace_event *event)
{
    if (event->is_cqe && event->pair == TRACE_NO_EVENT)
        return "(no SQE)";
    return catalog_op_name(event->opcode);
}

uint64_t trace_out_latency_ns(const struct trace_log *log,
                              const struct trace_event *cqe)
{
    return cqe->time_ns - log->events[cqe->pair].time_ns;
}

/* Joins the names of the bits that are set in flags. The name of bit i is
 * names[i]. Bits without a name are left out. */
static void join_words(char words[TRACE_WORDS_LEN], unsigned flags,
                       const char *const *names, unsigned count)
{
    size_t len = 0;

    words[0] = '\0';
    /* All names together fit, so no name is cut. */
    for (unsigned i = 0; i < count && len < TRACE_WORDS_LEN; i++)
        if (flags & 1u << i)
            len += (size_t)snprintf(words + len, TRACE_WORDS_LEN - len, "%s%s",
                                    len > 0 ? "," : "", names[i]);
}

void trace_out_sqe_words(char words[TRACE_WORDS_LEN], unsigned sqe_flags)
{
    static const char *const names[] = {
        "fixed-file", "drain",         "link",         "hardlink",
        "async",      "buffer-select", "skip-success",
    };

    join_words(words, sqe_flags, names, sizeof names / sizeof *names);
}

void trace_out_cqe_words(char words[TRACE_WORDS_LEN], unsigned cqe_flags)
{
    static const char *const names[] = {
        "buffer", "more", "socket-nonempty", "notification", "buffer-more",
    };

    join_words(words, cqe_flags, names, sizeof names / sizeof *names);
}

/* A number in JavaScript holds integers of at most 53 bits, so user_data is a
 * string. */
static void json_user_data(struct json *json, const struct trace_event *event)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "0x%llx",
                   (unsigned long long)event->user_data);
    json_text(json, "user_data", digits);
}

/* offset is signed here: -1 means the position of the file. */
void trace_out_json_sqe(struct json *json, const struct trace_event *event)
{
    char words[TRACE_WORDS_LEN];

    trace_out_sqe_words(words, event->sqe_flags);
    json_number(json, "fd", event->fd);
    json_number(json, "len", event->len);
    json_number(json, "offset", (long long)event->offset);
    json_number(json, "op_flags", event->flags);
    json_text(json, "flags", words);
    json_user_data(json, event);
}

/* error is null for a success, so that a reader can filter by it. */
void trace_out_json_cqe(struct json *json, const struct trace_event *event)
{
    char words[TRACE_WORDS_LEN];

    trace_out_cqe_words(words, event->flags);
    json_number(json, "res", event->res);
    json_text(json, "error", event->res < 0 ? err_name(event->res) : NULL);
    json_text(json, "cqe_flags", words);
    if (event->flags & IORING_CQE_F_BUFFER)
        json_number(json, "buffer", event->flags >> IORING_CQE_BUFFER_SHIFT);
    json_user_data(json, event);
}

void trace_out_json_counts(struct json *json, const struct trace_log *log)
{
    const struct trace_counts counts = trace_out_count(log);

    json_number(json, "sqes", (long long)counts.sqes);
    json_number(json, "cqes", (long long)counts.cqes);
    json_number(json, "dropped", (long long)counts.dropped);
    json_number(json, "lost", (long long)counts.lost);
}
