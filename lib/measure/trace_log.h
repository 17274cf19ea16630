/* trace_log.h: the events of a trace, in memory of a fixed size.
 * Introduced in phase 6. Needs: nothing.
 *
 *     position     0      1      2      3
 *                +------+------+------+------+
 *     number     |   5  |   6  |   3  |   4  |    the log keeps the last four
 *                +------+------+------+------+    of six events
 *
 * An event is an SQE or a CQE. Any number of threads may add events at the same
 * time. The threads do not take a lock, because a signal handler may have to
 * write the log while a thread is adding an event. A thread first claims a
 * position in the log. If another thread is still writing an older event at
 * this position, the new event is dropped. */
#ifndef ONE_RING_TRACE_LOG_H
#define ONE_RING_TRACE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define TRACE_NO_EVENT UINT32_MAX /* a position that does not exist */

struct trace_event {
    atomic_bool is_busy; /* a thread is writing this event */
    bool is_cqe;
    uint8_t opcode;      /* of the SQE. trace_log_pair sets it in the CQE */
    uint8_t sqe_flags;   /* IOSQE_* */
    int32_t ring;        /* the descriptor of the ring */
    uint64_t number;     /* 1 for the first event; 0: never written */
    uint64_t time_ns;
    uint64_t user_data;
    uint64_t offset;     /* of the SQE */
    int32_t fd;          /* of the SQE */
    int32_t res;         /* of the CQE */
    uint32_t len;        /* of the SQE */
    uint32_t flags;      /* the SQE's rw_flags, or the CQE's IORING_CQE_F_* */

    /* Set at the end, when no more events are added. */
    uint32_t pair; /* the position of an SQE's terminal CQE, or a CQE's SQE */
    union {
        uint32_t next; /* in trace_log_pair: the next SQE of a list */
        uint32_t row;  /* in a Chrome trace: the row of the SQE's slice */
    };
};

struct trace_log {
    struct trace_event *events; /* owned */
    uint32_t max;               /* events that fit */
    atomic_uint_fast64_t count; /* events so far, including dropped ones */
    uint64_t began_ns;
    uint64_t lost; /* CQEs that were overwritten before they were recorded */
};

/* Reserves memory for max events. The kernel allocates each page when the first
 * event of that page is added. Returns 0 or -ENOMEM. */
int trace_log_init(struct trace_log *log, uint32_t max);

void trace_log_finish(struct trace_log *log);

/* Returns the next event, with its number and time, or NULL if the event is
 * dropped. Set the other fields, and then call trace_log_end. */
struct trace_event *trace_log_begin(struct trace_log *log);
void trace_log_end(struct trace_event *event);

/* Returns the event with this number, or NULL if it was dropped. The log has
 * the events with the numbers from trace_log_first to log->count. */
struct trace_event *trace_log_find(const struct trace_log *log,
                                   uint64_t number);
uint64_t trace_log_first(const struct trace_log *log);

/* Returns the number of events so far that are not in the log. */
uint64_t trace_log_dropped(const struct trace_log *log);

/* Finds the SQE of each CQE. It is the oldest SQE with the same ring and
 * user_data that does not have a terminal CQE yet. An SQE with
 * IOSQE_CQE_SKIP_SUCCESS matches only a CQE with an error, because the kernel
 * posts no CQE if that operation succeeds. Does not allocate memory. Call it
 * when no thread adds events. */
void trace_log_pair(struct trace_log *log);

#endif
