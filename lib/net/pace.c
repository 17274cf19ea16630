/* pace.c: ends connections whose peer is too slow; see pace.h.
 * Introduced in phase 10. Needs: pace.h, loop.h, server.h, sys_net.h.
 *
 * What it teaches: a send completes when the kernel has the data. The peer may
 * have received megabytes less. Only the kernel can report how much. */
#include "pace.h"

#include "loop.h"
#include "server.h"
#include "sys_net.h"

#define LOOKS 12u
#define NS_PER_MS UINT64_C(1000000)
#define MS_PER_S UINT64_C(1000)

static bool has_tasks(const struct server *server)
{
    return server->alive > server->dormant;
}

void pace_start(struct server *server)
{
    const struct limits *limits = server->options.limits;

    if (limits->rate_min == 0 || timer_is_armed(&server->pace))
        return;
    server->pace.fire = pace_on_timer;
    (void)loop_call_later(&server->pace, /* cannot fail: a timer is free */
                          limits->rate_ms * NS_PER_MS / LOOKS);
}

void pace_stop(struct server *server)
{
    loop_cancel_timer(&server->pace);
}

/* Checks one connection. Returns true if its peer is too slow. */
static bool is_too_slow(struct conn *conn, const struct limits *limits)
{
    struct pace *pace = &conn->pace;
    uint64_t acked, queued;

    if (conn->is_dormant || sys_progress(conn->fd, &acked, &queued) < 0 ||
        queued == 0) {
        pace->behind = 0;
        return false;
    }
    if (pace->behind == 0)
        pace->acked = acked;
    if (pace->behind++ < LOOKS)
        return false;
    pace->behind = 0;
    return acked - pace->acked < limits->rate_min * limits->rate_ms / MS_PER_S;
}

void pace_on_timer(struct timer *timer)
{
    struct server *server = container_of(timer, struct server, pace);

    for (unsigned i = 0; i < server->fresh; i++) {
        struct conn *conn = &server->conns[i];

        if (conn->is_alive && is_too_slow(conn, server->options.limits)) {
            server->too_slow++;
            conn->aborts = true;
            task_cancel(&conn->task);
        }
    }
    if (has_tasks(server))
        pace_start(server);
}
