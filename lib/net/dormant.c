/* dormant.c: connections that wait for input without a task; see dormant.h.
 * Introduced in phase 10. Needs: dormant.h, admit.h.
 *
 * What it teaches: a coroutine makes it simple to wait, but needs a stack. If a
 * program waits in only one place, and needs nothing on its stack afterwards, a
 * callback does the same work without a stack. */
#include "dormant.h"

#include "admit.h"

#define NS_PER_MS UINT64_C(1000000)
#define RETRY_NS UINT64_C(100000000) /* 100 ms */

static void arm(struct conn *conn, uint64_t delay_ns)
{
    (void)timer_arm(&loop_current()->sched.timers, &conn->limit,
                    timer_after_ns(loop_now_ns(), delay_ns)); /* cannot fail */
}

/* Starts a task for the connection. If there is no memory for the task's stack,
 * tries again later. Until then, the input waits in the stream. */
static void dormant_end(struct conn *conn)
{
    if (admit_run(conn) < 0) {
        arm(conn, RETRY_NS);
        return;
    }
    conn->is_dormant = false;
    conn->server->dormant--;
}

static void dormant_on_input(struct stream *stream)
{
    dormant_end(container_of(stream, struct conn, in));
}

bool dormant_begin(struct conn *conn, unsigned limit_ms)
{
    if (task_current()->interruption != 0 ||
        !stream_notify(&conn->in, dormant_on_input))
        return false;
    conn->is_dormant = true;
    conn->server->dormant++;
    /* The timer may still be armed from an earlier wait. Arming it again then
     * only records a later time. */
    arm(conn, limit_ms * NS_PER_MS);
    conn_set_idle(conn, true);
    return true;
}

void dormant_on_limit(struct timer *timer)
{
    struct conn *conn = container_of(timer, struct conn, limit);

    if (!conn->is_dormant)
        return;
    if (stream_is_ready(&conn->in))
        dormant_end(conn);
    else
        admit_end_input(conn); /* the stream then calls dormant_on_input */
}
