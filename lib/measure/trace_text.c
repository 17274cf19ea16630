/* trace_text.c: writes a trace as text, for people; see trace_out.h.
 * Introduced in phase 6. Needs: trace_out.h, err.h.
 *
 * What it teaches: the events of a log are numbers of fixed size. This file
 * adds names and latencies at the end, so that this work does not slow the
 * program. */
#include "trace_out.h"

#include <fcntl.h>
#include <linux/io_uring.h>

#include "err.h"

#define OFFSET_MAX (UINT64_C(1) << 44) /* 16 TiB, the largest ext4 file */

/* Writes the members that most operations use, with the names of the SQE's
 * fields. Their meaning depends on the operation; see docs/cheat-sheet.md. */
static void write_text_sqe(struct trace_out *out,
                           const struct trace_event *event)
{
    char words[TRACE_WORDS_LEN];

    trace_out_sqe_words(words, event->sqe_flags);
    if (event->sqe_flags & IOSQE_FIXED_FILE)
        trace_out_format(out, " file=%d", event->fd);
    else if (event->fd == AT_FDCWD)
        trace_out_format(out, " fd=cwd");
    else
        trace_out_format(out, " fd=%d", event->fd);
    /* Some operations have an address in place of the offset. */
    trace_out_format(out,
                     event->offset < OFFSET_MAX || event->offset == UINT64_MAX
                         ? " len=%u offset=%lld"
                         : " len=%u offset=0x%llx",
                     event->len, (long long)event->offset);
    if (event->flags != 0)
        trace_out_format(out, " op_flags=0x%x", event->flags);
    if (*words != '\0')
        trace_out_format(out, " [%s]", words);
}

/* Writes the result as a number, and also the errno's name if the result is
 * negative. */
static void write_text_cqe(struct trace_out *out, const struct trace_log *log,
                           const struct trace_event *event)
{
    char words[TRACE_WORDS_LEN];

    trace_out_cqe_words(words, event->flags);
    trace_out_format(out, " = %d", event->res);
    if (event->res < 0)
        trace_out_format(out, " %s", err_name(event->res));
    if (event->pair != TRACE_NO_EVENT) {
        uint64_t ns = trace_out_latency_ns(log, event);

        trace_out_format(out, " after %llu.%03u",
                         (unsigned long long)ns / 1000, (unsigned)(ns % 1000));
    }
    if (event->flags & IORING_CQE_F_BUFFER)
        trace_out_format(out, " buffer=%u",
                         event->flags >> IORING_CQE_BUFFER_SHIFT);
    if (*words != '\0')
        trace_out_format(out, " [%s]", words);
}

/* The lines that begin with # are comments, which a script can ignore. */
void trace_text_write(struct trace_out *out, const struct trace_log *log)
{
    const struct trace_counts counts = trace_out_count(log);

    trace_out_format(out, "# SQEs (>) before their submit, and CQEs (<) when "
                          "they are taken or first seen.\n"
                          "# Times are in microseconds.\n");
    if (counts.dropped > 0)
        trace_out_format(out, "# %llu events before these were dropped\n",
                         (unsigned long long)counts.dropped);
    for (uint64_t n = trace_log_first(log); n <= log->count; n++) {
        const struct trace_event *event = trace_log_find(log, n);
        uint64_t since_ns;

        if (event == NULL)
            continue;
        since_ns = event->time_ns - log->began_ns;
        trace_out_format(out, "%9llu.%03u ring %d %c %-13s",
                         (unsigned long long)since_ns / 1000,
                         (unsigned)(since_ns % 1000), event->ring,
                         event->is_cqe ? '<' : '>', trace_out_name(event));
        if (event->is_cqe)
            write_text_cqe(out, log, event);
        else
            write_text_sqe(out, event);
        trace_out_format(out, " user_data=0x%llx\n",
                         (unsigned long long)event->user_data);
    }
    trace_out_format(out, "# %llu SQEs, %llu CQEs, %llu dropped, %llu lost\n",
                     (unsigned long long)counts.sqes,
                     (unsigned long long)counts.cqes,
                     (unsigned long long)counts.dropped,
                     (unsigned long long)counts.lost);
}
