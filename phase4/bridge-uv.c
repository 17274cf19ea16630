/* bridge-uv: a ring inside libuv's event loop.
 *
 * libuv is the loop that C programs really use. It cannot be changed, but it
 * has what a bridge needs: a handle that watches a descriptor (1, 2), a hook
 * that is called before each wait (3), and timers (4). Compare bridge-epoll.c:
 * the host differs, the guest is the same. */
#include <uv.h>

#include "guest.h"

struct host {
    uv_loop_t loop;
    uv_timer_t ticker;    /* the host's own work */
    uv_poll_t poll;       /* of the bridge's descriptor */
    uv_prepare_t prepare; /* before each wait */
    uv_timer_t deadline;  /* the nearest of the guest's timers */
    int rc;               /* below 0: why the ring is unusable */
    struct guest guest;
};

static void bridge_uv_on_tick(uv_timer_t *timer)
{
    struct host *host = timer->data;

    guest_tick(&host->guest);
}

/* (1) The descriptor only wakes the host: the work is done before it sleeps. */
static void bridge_uv_on_ring(uv_poll_t *poll, int status, int events)
{
    struct host *host = poll->data;

    (void)status, (void)events;
    bridge_ack(&host->guest.bridge);
}

/* That it fires is all that is needed: libuv comes by the hook then. */
static void bridge_uv_on_deadline(uv_timer_t *timer)
{
    (void)timer;
}

/* (3) Last thing before libuv waits; it computes how long only after that. */
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
                             (uint64_t)timeout_ms, 0); /* (4) */
}

static bool is_watched(const struct host *host)
{
    return host->guest.options.watch == BRIDGE_HOST_FD;
}

/* Returns 0 or libuv's error, which on Linux is -errno. On failure nothing has
 * to be released but what the end of the process does. */
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
                      host->guest.bridge.fd); /* (2) */
    if (rc == 0)
        rc = uv_poll_start(&host->poll, UV_READABLE, bridge_uv_on_ring);
    if (rc == 0)
        rc = uv_prepare_start(&host->prepare, bridge_uv_on_prepare);
    return rc;
}

/* libuv waits for all that is its own in one epoll set, shows it, and says how
 * long it would wait: so the ring can wait for it. Then one iteration that does
 * not wait handles its events. (Such an iteration is also where libuv adds new
 * handles to the epoll set: a task that starts one has to see to an iteration,
 * with a libuv whose uv_backend_timeout does not.) */
static void host_run_watched(struct host *host)
{
    struct bridge *bridge = &host->guest.bridge;
    uv_loop_t *loop = &host->loop;

    while (host->rc >= 0 && !bridge_is_idle(bridge)) {
        uv_update_time(loop); /* what uv_backend_timeout reckons by */
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
    /* libuv ends a handle in its own time: the loop runs once more for that. */
    (void)uv_run(&host.loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&host.loop);
    return guest_end(&host.guest, rc);
}
