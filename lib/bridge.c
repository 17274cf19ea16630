/* bridge.c: this thread's loop inside somebody else's; see bridge.h.
 * Introduced in phase 4. Needs: bridge.h, sys.h, sys_process.h.
 *
 * What it teaches: what makes a wake-up reliable is an order. First take the
 * signal back, then look for what it was about, and look until nothing is left;
 * submit what came of it; only then let the host sleep. Each step the other way
 * round leaves a moment in which a completion is there and nobody will look. */
#include "bridge.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "sys.h"
#include "sys_process.h"

int bridge_init(struct bridge *bridge, struct loop *loop,
                enum bridge_watch watch)
{
    int fd = loop->ring.uring.ring_fd, rc = 0;

    assert(loop == loop_current());
    memset(bridge, 0, sizeof *bridge);
    if (watch == BRIDGE_RING_FD) {
        if (loop->ring.flags & IORING_SETUP_DEFER_TASKRUN)
            return -EINVAL;
    } else {
        fd = sys_hint_fd();
        if (fd < 0)
            return fd;
        rc = ring_register_eventfd(&loop->ring, fd);
    }
    if (rc < 0) {
        (void)sys_close(fd);
        return rc;
    }
    *bridge = (struct bridge){.loop = loop, .fd = fd, .watch = watch};
    return 0;
}

void bridge_finish(struct bridge *bridge)
{
    if (bridge->loop != NULL && bridge->watch == BRIDGE_EVENTFD) {
        /* In this order: the number of a closed fd may be anything's next. */
        ring_signal_eventfd(&bridge->loop->ring, true);
        (void)ring_unregister_eventfd(&bridge->loop->ring);
        (void)sys_close(bridge->fd);
    }
    memset(bridge, 0, sizeof *bridge);
}

void bridge_heard(struct bridge *bridge)
{
    bridge->heard++;
    if (bridge->watch == BRIDGE_EVENTFD) {
        int rc = sys_hint_take(bridge->fd);

        assert(rc == 0); /* fails only for an fd that is no eventfd of ours */
    }
}

/* DOC: empty-is-not-idle
 * With DEFER_TASKRUN a finished operation is no CQE yet: the kernel posts it
 * when this thread enters. So an empty CQ proves nothing; the ring's flags
 * count. */
static bool has_work(const struct loop *loop)
{
    return !sched_is_idle(&loop->sched) || ring_needs_enter(&loop->ring) ||
           ring_has_next(&loop->ring) ||
           timers_next_ns(&loop->sched.timers) <= loop->now_ns;
}

int bridge_run(struct bridge *bridge)
{
    struct loop *loop = bridge->loop;
    int rc = 0;

    loop->now_ns = sys_now_ns(); /* the host has slept since we last looked */
    if (!has_work(loop))
        return 0;
    /* What completes while we look needs no signal: it would only wake the host
     * in vain. What completes after the last look needs one, and between the
     * two bridge_timeout_ms looks again. */
    if (bridge->watch == BRIDGE_EVENTFD)
        ring_signal_eventfd(&loop->ring, false);
    for (unsigned i = 0; i < BRIDGE_ROUNDS_MAX && rc == 0 && has_work(loop);
         i++) {
        bridge->rounds++;
        rc = loop_step(loop, false);
    }
    if (bridge->watch == BRIDGE_EVENTFD)
        ring_signal_eventfd(&loop->ring, true);
    return rc;
}

int bridge_timeout_ms(const struct bridge *bridge)
{
    const struct loop *loop = bridge->loop;
    uint64_t next_ns = timers_next_ns(&loop->sched.timers), ms;

    if (has_work(loop))
        return 0;
    if (next_ns == TIMER_NEVER)
        return -1;
    /* Rounded down, the host would come too early and spin until it is time. */
    ms = (next_ns - loop->now_ns) / 1000000u + 1;
    return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

bool bridge_is_idle(const struct bridge *bridge)
{
    return bridge->loop->sched.count == 0 &&
           loop_in_flight(bridge->loop) == 0;
}
