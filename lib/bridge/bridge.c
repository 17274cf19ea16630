/* bridge.c: runs this thread's loop inside a host loop; see bridge.h.
 * Introduced in phase 4. Needs: bridge.h, ring_register.h, sys.h,
 * sys_process.h.
 *
 * What it teaches: the order of four steps makes a wake-up reliable. First
 * clear the signal, then take all completions, then submit the operations that
 * the woken tasks start, and only then let the host sleep. If any two steps are
 * swapped, a completion can go unnoticed.
 *
 * bridge_wait() does not need a wake-up: it sleeps in one system call for both
 * loops, so neither has to wake the other. */
#include "bridge.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "ring_register.h"
#include "sys.h"
#include "sys_process.h"

int bridge_init(struct bridge *bridge, struct loop *loop,
                enum bridge_watch watch)
{
    int fd = -1, rc = 0;

    assert(loop == loop_current());
    memset(bridge, 0, sizeof *bridge);
    if (watch == BRIDGE_RING_FD) {
        if (loop->ring.flags & IORING_SETUP_DEFER_TASKRUN)
            return -EINVAL;
        fd = loop->ring.uring.ring_fd;
    } else if (watch == BRIDGE_EVENTFD) {
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
    int rc = 0;

    if (bridge->loop != NULL && bridge->watch == BRIDGE_HOST_FD) {
        /* The poll of the host's fd may still be in flight. Its op is in struct
         * bridge, so wait for its CQE before clearing the struct. */
        loop_cancel(&bridge->host);
        while (op_is_in_flight(&bridge->host) && rc == 0)
            rc = loop_step(bridge->loop, true);
    }
    if (bridge->loop != NULL && bridge->watch == BRIDGE_EVENTFD) {
        /* Unregister the fd before closing it, because the number of a closed
         * fd may soon refer to another file. */
        ring_signal_eventfd(&bridge->loop->ring, true);
        (void)ring_unregister_eventfd(&bridge->loop->ring);
        (void)sys_close(bridge->fd);
    }
    memset(bridge, 0, sizeof *bridge);
}

void bridge_ack(struct bridge *bridge)
{
    bridge->acks++;
    if (bridge->watch == BRIDGE_EVENTFD) {
        int rc = sys_hint_take(bridge->fd);

        assert(rc == 0); /* fails only if the fd is not our eventfd */
    }
}

/* DOC: empty-is-not-idle
 * With DEFER_TASKRUN, the kernel posts the CQE of a finished operation only
 * when this thread enters the kernel. So there may be work although the CQ is
 * empty. The ring's flags show whether the kernel has CQEs to post. */
static bool has_work(const struct bridge *bridge)
{
    const struct loop *loop = bridge->loop;
    bool has_hidden = !bridge->flag_is_stale && ring_needs_enter(&loop->ring);

    return !sched_is_idle(&loop->sched) || has_hidden ||
           ring_has_next(&loop->ring) ||
           timers_next_ns(&loop->sched.timers) <= loop->now_ns;
}

/* Runs one iteration.
 *
 * Linux 6.18 may leave IORING_SQ_TASKRUN set although no work is left, for
 * example after a linked timeout has expired. A host that enters until the flag
 * is clear would spin. One enter runs at least 20 items of work, if so many are
 * queued. An operation has at most two items: its own and that of its linked
 * timeout. So if enters_left more enters produce no CQE, the flag is stale. */
static int iterate(struct bridge *bridge)
{
    struct loop *loop = bridge->loop;
    const uint64_t cqes = loop->ring.counters.cqes;
    unsigned enters_left = 1 + loop_in_flight(loop) * 2 / 20;
    bool is_waste;
    int rc;

    do {
        bridge->iterations++;
        rc = loop_step(loop, false);
        is_waste = loop->ring.counters.cqes == cqes &&
                   io_uring_sq_ready(&loop->ring.uring) == 0;
    } while (rc == 0 && is_waste && ring_needs_enter(&loop->ring) &&
             enters_left-- > 0);
    bridge->flag_is_stale = is_waste && ring_needs_enter(&loop->ring);
    return rc;
}

int bridge_run(struct bridge *bridge)
{
    struct loop *loop = bridge->loop;
    int rc = 0;

    loop->now_ns = sys_now_ns(); /* the old value is from before the wait */
    bridge->flag_is_stale = false;
    if (!has_work(bridge))
        return 0;
    /* Turn signals off: the loop below finds new completions itself, so a
     * signal would wake the host although it has nothing to do. A completion
     * may arrive after the loop but before signals are on again. Normally
     * bridge_timeout_ms finds it. But if the flag is stale, bridge_timeout_ms
     * ignores the flag, so enter once more below. */
    if (bridge->watch == BRIDGE_EVENTFD)
        ring_signal_eventfd(&loop->ring, false);
    for (unsigned i = 0;
         i < BRIDGE_ITERATIONS_MAX && rc == 0 && has_work(bridge); i++)
        rc = iterate(bridge);
    if (bridge->watch == BRIDGE_EVENTFD)
        ring_signal_eventfd(&loop->ring, true);
    if (rc == 0 && bridge->flag_is_stale && ring_needs_enter(&loop->ring))
        rc = iterate(bridge);
    return rc;
}

int bridge_timeout_ms(const struct bridge *bridge)
{
    const struct loop *loop = bridge->loop;
    uint64_t next_ns = timers_next_ns(&loop->sched.timers), ms;

    if (has_work(bridge))
        return 0;
    if (next_ns == TIMER_NEVER)
        return -1;
    /* Round up. Otherwise the host would wake too early, and would spin. */
    ms = (next_ns - loop->now_ns) / 1000000u + 1;
    return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

uint32_t bridge_in_flight(const struct bridge *bridge)
{
    return loop_in_flight(bridge->loop) - op_is_in_flight(&bridge->host);
}

bool bridge_is_idle(const struct bridge *bridge)
{
    return bridge->loop->sched.count == 0 && bridge_in_flight(bridge) == 0;
}

/* Runs when the host's fd is readable or the poll has failed. In both cases the
 * host must poll the fd itself. */
static void bridge_on_host(struct op *op, int result, uint32_t flags)
{
    (void)result, (void)flags;
    container_of(op, struct bridge, host)->host_is_ready = true;
}

static void bridge_on_retry(struct timer *timer)
{
    (void)timer; /* the timer has ended the wait; do nothing */
}

/* Arms a one-shot poll of the host's fd, if none is armed. A one-shot poll
 * also reports events that the host left unread after the previous poll. A
 * multishot poll would report only new events. Returns false if no slot is
 * free. */
static bool watch_host(struct bridge *bridge, int host_fd)
{
    if (op_is_in_flight(&bridge->host))
        return true;
    if (!loop_has_slot())
        return false;
    bridge->host.complete = bridge_on_host;
    io_uring_prep_poll_add(loop_sqe(&bridge->host), host_fd, POLLIN);
    return true;
}

/* DOC: one-place-to-sleep
 * Runs one iteration of the loop, whose wait ends no later than until_ns. If a
 * timer is due, the iteration does not wait, because the host may have to react
 * to the timer. */
static int step_until(struct bridge *bridge, bool may_wait, uint64_t until_ns)
{
    struct loop *loop = bridge->loop;
    int rc = 0;

    if (timers_next_ns(&loop->sched.timers) <= loop->now_ns)
        may_wait = false;
    if (may_wait && until_ns != TIMER_NEVER) {
        bridge->host_deadline.fire = bridge_on_retry;
        rc = timer_arm(&loop->sched.timers, &bridge->host_deadline, until_ns);
    }
    if (rc == 0)
        rc = loop_step(loop, may_wait);
    timer_disarm(&loop->sched.timers, &bridge->host_deadline);
    return rc;
}

int bridge_wait(struct bridge *bridge, int host_fd, int timeout_ms)
{
    struct loop *loop = bridge->loop;
    uint64_t until_ns = TIMER_NEVER;
    bool was_idle = bridge_is_idle(bridge);
    int rc;

    assert(bridge->watch == BRIDGE_HOST_FD);
    loop->now_ns = sys_now_ns(); /* the old value is from before the host ran */
    sched_run(&loop->sched, LOOP_TASK_BUDGET);
    if (bridge_is_idle(bridge) && !was_idle)
        return 0; /* the last task has ended: the host may end, too */
    if (!watch_host(bridge, host_fd) && (timeout_ms < 0 || timeout_ms > 1))
        timeout_ms = 1;
    if (timeout_ms >= 0)
        until_ns = timer_after_ns(loop->now_ns, timeout_ms * UINT64_C(1000000));
    rc = step_until(bridge, timeout_ms != 0 && sched_is_idle(&loop->sched),
                    until_ns);
    if (rc < 0)
        return rc;
    if (bridge->host_is_ready || loop->now_ns >= until_ns) {
        bridge->host_is_ready = false;
        return 1;
    }
    bridge->acks++;
    return 0;
}
