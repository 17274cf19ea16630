/* bridge-uv: a ring inside libuv's event loop.
 *
 * Many C programs use libuv's loop. We cannot change that loop, but it has the
 * parts that a bridge needs: a hook before each wait (1), timers (2), and a
 * handle that watches a descriptor (3, 4). Compare bridge-epoll.c: only the
 * host differs. */
#include <uv.h>

#include "guest.h"

struct host {
    uv_loop_t loop;
    uv_timer_t ticker;    /* the host's own work */
    uv_poll_t poll;       /* watches the bridge's descriptor */
    uv_prepare_t prepare; /* runs before each wait */
    uv_timer_t deadline;  /* the guest's next deadline */
    int rc;               /* negative: -errno of the ring */
    struct guest guest;
};

static void bridge_uv_on_tick(uv_timer_t *timer)
{
    struct host *host = timer->data;

    guest_tick(&host->guest);
}

/* (4) Clears the signal that has woken the host. The tasks run in (1). */
static void bridge_uv_on_ring(uv_poll_t *poll, int status, int events)
{
    struct host *host = poll->data;

    (void)status, (void)events;
    bridge_ack(&host->guest.bridge);
}

/* The timer only has to end the wait. libuv then calls bridge_uv_on_prepare
 * again. */
static void bridge_uv_on_deadline(uv_timer_t *timer)
{
    (void)timer;
}

/* (1) libuv calls this as the last step before it waits. libuv computes the
 * timeout afterwards, so a timer that is started here counts. */
static void bridge_uv_on_prepare(uv_prepare_t *prepare)
{
    struct host *host = prepare->data;
    struct bridge *bridge = &host->guest.bridge;
    int timeout_ms;

    host->rc = bridge_run(bridge);
    if (host->rc < 0 || bridge_is_idle(bridge)) {
        uv_stop(&host->loop);
        return;
    }
    timeout_ms = bridge_timeout_ms(bridge);
    if (timeout_ms < 0)
        (void)uv_timer_stop(&host->deadline);
    else
        (void)uv_timer_start(&host->deadline, bridge_uv_on_deadline,
                             (uint64_t)timeout_ms, 0); /* (2) */
}

static bool is_watched(const struct host *host)
{
    return host->guest.options.watch == BRIDGE_HOST_FD;
}

/* Starts the ticker. Watches the bridge, unless the bridge watches the host.
 * Returns 0 or libuv's error, which is -errno on Linux. After a failure the end
 * of the process releases everything. */
static int host_init(struct host *host)
{
    int rc = uv_loop_init(&host->loop);

    if (rc < 0)
        return rc;
    (void)uv_timer_init(&host->loop, &host->ticker);
    (void)uv_timer_init(&host->loop, &host->deadline);
    (void)uv_prepare_init(&host->loop, &host->prepare);
    host->ticker.data = host->prepare.data = host->poll.data = host;
    rc = uv_timer_start(&host->ticker, bridge_uv_on_tick, GUEST_TICK_MS,
                        GUEST_TICK_MS);
    if (rc < 0 || is_watched(host))
        return rc;
    rc = uv_poll_init(&host->loop, &host->poll,
                      host->guest.bridge.fd); /* (3) */
    if (rc == 0)
        rc = uv_poll_start(&host->poll, UV_READABLE, bridge_uv_on_ring);
    if (rc == 0)
        rc = uv_prepare_start(&host->prepare, bridge_uv_on_prepare);
    return rc;
}

/* libuv waits for its handles in one epoll set. uv_backend_fd returns that set,
 * and uv_backend_timeout returns the length of the next wait. So the ring can
 * do the wait. Then one iteration with UV_RUN_NOWAIT runs the callbacks. (libuv
 * adds new handles to the epoll set only in an iteration. So after a task has
 * started a handle, uv_backend_timeout should return 0, but in old versions of
 * libuv it does not.) */
static void host_run_watched(struct host *host)
{
    struct bridge *bridge = &host->guest.bridge;
    uv_loop_t *loop = &host->loop;

    while (host->rc >= 0 && !bridge_is_idle(bridge)) {
        uv_update_time(loop); /* uv_backend_timeout uses that time */
        host->rc = bridge_wait(bridge, uv_backend_fd(loop),
                               uv_backend_timeout(loop));
        if (host->rc > 0)
            (void)uv_run(loop, UV_RUN_NOWAIT);
    }
}

int main(int argc, char **argv)
{
    static struct host host;
    int code = guest_begin(&host.guest, "bridge-uv", "libuv's loop", argc,
                           argv);
    int rc;

    if (code >= 0)
        return code;
    rc = host_init(&host);
    if (rc < 0)
        return guest_end(&host.guest, rc);
    if (is_watched(&host))
        host_run_watched(&host);
    else
        (void)uv_run(&host.loop, UV_RUN_DEFAULT);
    rc = host.rc < 0 ? host.rc : 0;
    uv_close((uv_handle_t *)&host.ticker, NULL);
    if (!is_watched(&host))
        uv_close((uv_handle_t *)&host.poll, NULL);
    uv_close((uv_handle_t *)&host.prepare, NULL);
    uv_close((uv_handle_t *)&host.deadline, NULL);
    /* libuv closes handles in its loop, so the loop runs once more. */
    (void)uv_run(&host.loop, UV_RUN_DEFAULT);
    code = guest_end(&host.guest, rc); /* ends the ring's poll of the loop */
    (void)uv_loop_close(&host.loop);
    return code;
}
