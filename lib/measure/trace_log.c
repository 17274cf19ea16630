/* trace_log.c: the events of a trace; see trace_log.h.
 * Introduced in phase 6. Needs: trace_log.h, sys.h.
 *
 * What it teaches: to add an event, a thread executes a few atomic instructions
 * and reads the clock. trace_finish does the rest of the work: it finds the SQE
 * of each CQE, and formats the events. */
#include "trace_log.h"

#include <assert.h>
#include <linux/io_uring.h>
#include <stddef.h>

#include "sys.h"

#define LISTS 4096u /* lists of SQEs whose CQE is not found yet */

int trace_log_init(struct trace_log *log, uint32_t max)
{
    void *memory;
    int rc;

    assert(max > 0 && max < TRACE_NO_EVENT);
    rc = sys_map(&memory, max * sizeof *log->events);
    if (rc < 0)
        return rc;
    log->events = memory;
    log->max = max;
    atomic_store(&log->count, 0);
    log->began_ns = sys_now_ns();
    log->lost = 0;
    return 0;
}

void trace_log_finish(struct trace_log *log)
{
    (void)sys_unmap(log->events, log->max * sizeof *log->events);
    log->events = NULL;
}

struct trace_event *trace_log_begin(struct trace_log *log)
{
    uint64_t number = atomic_fetch_add(&log->count, 1) + 1;
    struct trace_event *event = &log->events[(number - 1) % log->max];

    /* The older event here is still busy if its thread was stopped while other
     * threads filled the rest of the log. */
    if (atomic_exchange_explicit(&event->is_busy, true, memory_order_acquire))
        return NULL;
    event->number = number;
    event->time_ns = sys_now_ns();
    return event;
}

void trace_log_end(struct trace_event *event)
{
    atomic_store_explicit(&event->is_busy, false, memory_order_release);
}

struct trace_event *trace_log_find(const struct trace_log *log,
                                   uint64_t number)
{
    struct trace_event *event = &log->events[(number - 1) % log->max];

    if (atomic_load_explicit(&event->is_busy, memory_order_acquire) ||
        event->number != number)
        return NULL;
    return event;
}

uint64_t trace_log_first(const struct trace_log *log)
{
    uint64_t count = atomic_load(&log->count);

    return count > log->max ? count - log->max + 1 : 1;
}

uint64_t trace_log_dropped(const struct trace_log *log)
{
    uint64_t dropped = trace_log_first(log) - 1;

    for (uint64_t n = dropped + 1; n <= atomic_load(&log->count); n++)
        dropped += trace_log_find(log, n) == NULL;
    return dropped;
}

/* Finds the SQE of cqe in the list that begins at *link. A list begins with its
 * newest SQE, so the last match is the oldest. A terminal CQE removes its SQE
 * from the list. */
static void pair_cqe(struct trace_log *log, uint32_t *link,
                     struct trace_event *cqe)
{
    struct trace_event *sqe;
    uint32_t *found = NULL;

    for (; *link != TRACE_NO_EVENT; link = &log->events[*link].next) {
        bool may_skip;

        sqe = &log->events[*link];
        may_skip = (sqe->sqe_flags & IOSQE_CQE_SKIP_SUCCESS) != 0;
        if (sqe->ring == cqe->ring && sqe->user_data == cqe->user_data &&
            (!may_skip || cqe->res < 0))
            found = link;
    }
    if (found == NULL)
        return;
    cqe->pair = *found;
    sqe = &log->events[*found];
    cqe->opcode = sqe->opcode;
    if (cqe->flags & IORING_CQE_F_MORE)
        return;
    sqe->pair = (uint32_t)(cqe - log->events);
    *found = sqe->next;
}

void trace_log_pair(struct trace_log *log)
{
    static uint32_t lists[LISTS];

    for (unsigned i = 0; i < LISTS; i++)
        lists[i] = TRACE_NO_EVENT;
    for (uint64_t n = trace_log_first(log); n <= log->count; n++) {
        struct trace_event *event = trace_log_find(log, n);
        uint64_t mixed;
        uint32_t *list;

        if (event == NULL)
            continue;
        /* Handles differ mostly in their low bits, and addresses mostly in
         * their middle bits. The multiplication spreads both over all lists. */
        mixed = event->user_data * UINT64_C(0x9e3779b97f4a7c15);
        list = &lists[(mixed >> 32) % LISTS];
        event->pair = TRACE_NO_EVENT;
        if (event->is_cqe) {
            pair_cqe(log, list, event);
        } else {
            event->next = *list;
            *list = (uint32_t)(event - log->events);
        }
    }
}
