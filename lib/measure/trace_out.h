/* trace_out.h: the formats of a trace, and the functions that they share.
 * Introduced in phase 6. Needs: json.h, trace_log.h. */
#ifndef ONE_RING_TRACE_OUT_H
#define ONE_RING_TRACE_OUT_H

#include <stddef.h>

#include "json.h"
#include "trace_log.h"

#define TRACE_WORDS_LEN 96

/* A file that is being written. The caller sets fd and zeroes the rest. */
struct trace_out {
    int fd;     /* borrowed */
    int result; /* the first error; after it, nothing is written */
    size_t len; /* bytes in buf */
    char buf[16384];
};

/* Appends text. `to` points to a struct trace_out. It has the type void *, so
 * that the member `write` of struct json can point to this function. */
void trace_out_put(void *to, const char *text, size_t len);
void trace_out_format(struct trace_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the rest of the buffer. Returns 0 or the first error, as -errno. */
int trace_out_flush(struct trace_out *out);

/* The numbers of events that are in the log, and of those that are missing. */
struct trace_counts {
    uint64_t sqes, cqes, dropped, lost;
    uint64_t last_ns; /* the time of the last event */
};
struct trace_counts trace_out_count(const struct trace_log *log);

/* Returns the name of the event's operation: "READ", or "(no SQE)" for a CQE
 * whose SQE is not in the log. */
const char *trace_out_name(const struct trace_event *event);

/* Returns the time from the SQE of cqe to cqe, which must have a pair. */
uint64_t trace_out_latency_ns(const struct trace_log *log,
                              const struct trace_event *cqe);

/* Stores the names of the flags that are set, with commas between them. */
void trace_out_sqe_words(char words[TRACE_WORDS_LEN], unsigned sqe_flags);
void trace_out_cqe_words(char words[TRACE_WORDS_LEN], unsigned cqe_flags);

/* Each of these functions writes the members of one JSON object. */
void trace_out_json_sqe(struct json *json, const struct trace_event *event);
void trace_out_json_cqe(struct json *json, const struct trace_event *event);
void trace_out_json_counts(struct json *json, const struct trace_log *log);

/* Write all of the log to out, in the formats of trace.h. Call trace_log_pair
 * first. A signal handler may call these functions, because they do not
 * allocate memory or take a lock. The functions format integers with snprintf.
 * POSIX does not list snprintf as async-signal-safe, but for integers, glibc
 * and musl use only the caller's memory.
 *
 * trace_chrome_write uses the "JSON object format" of Google's document "Trace
 * Event Format", and sets the member row of each SQE. */
void trace_text_write(struct trace_out *out, const struct trace_log *log);
void trace_lines_write(struct trace_out *out, const struct trace_log *log);
void trace_chrome_write(struct trace_out *out, struct trace_log *log);

#endif
