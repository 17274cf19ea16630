/* bench_hosts.c: hosts for bridge-bench; see bench_hosts.h. */
#include "bench_hosts.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

static uint64_t iterations; /* of the host; a process runs one host */

/* Runs the smallest possible host that uses epoll. The host serves only the
 * bridge, so its cost is the cost of the bridge. */
static void run_in_epoll(struct bridge *bridge, int epoll_fd, bool by_edge)
{
    struct epoll_event event = {.events = EPOLLIN};

    /* With EPOLLET, epoll reports each signal once, so the host need not call
     * bridge_ack to clear it. */
    if (by_edge)
        event.events |= EPOLLET;
    (void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, bridge->fd, &event);
    while (bridge_run(bridge) == 0 && !bridge_is_idle(bridge)) {
        iterations++;
        if (epoll_wait(epoll_fd, &event, 1, bridge_timeout_ms(bridge)) > 0 &&
            !by_edge)
            bridge_ack(bridge);
    }
}

/* Runs an epoll host that the ring watches. bridge_wait does the host's
 * wait. */
static void run_round_epoll(struct bridge *bridge, int epoll_fd)
{
    struct epoll_event event;
    int rc = 0;

    while (rc >= 0 && !bridge_is_idle(bridge)) {
        rc = bridge_wait(bridge, epoll_fd, -1);
        if (rc > 0) {
            iterations++;
            (void)epoll_wait(epoll_fd, &event, 1, 0);
        }
    }
}

static void bench_hosts_on_ring(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    bridge_ack(poll->data);
}

static uv_timer_t deadline;

/* The timer only has to end libuv's wait. */
static void bench_hosts_on_deadline(uv_timer_t *timer)
{
    (void)timer;
}

/* bridge-uv.c explains this function. */
static void bench_hosts_on_prepare(uv_prepare_t *prepare)
{
    struct bridge *bridge = prepare->data;
    int timeout_ms;

    iterations++;
    if (bridge_run(bridge) < 0 || bridge_is_idle(bridge)) {
        uv_stop(prepare->loop);
        return;
    }
    timeout_ms = bridge_timeout_ms(bridge);
    if (timeout_ms >= 0)
        (void)uv_timer_start(&deadline, bench_hosts_on_deadline,
                             (uint64_t)timeout_ms, 0);
}

/* Runs libuv as the host. Does not close the handles, because the process ends
 * after one measurement. */
static void run_in_uv(struct bridge *bridge)
{
    static uv_prepare_t prepare;
    static uv_poll_t watch;
    uv_loop_t *loop = uv_default_loop();

    (void)uv_timer_init(loop, &deadline);
    (void)uv_prepare_init(loop, &prepare);
    (void)uv_poll_init(loop, &watch, bridge->fd);
    prepare.data = watch.data = bridge;
    (void)uv_poll_start(&watch, UV_READABLE, bench_hosts_on_ring);
    (void)uv_prepare_start(&prepare, bench_hosts_on_prepare);
    (void)uv_run(loop, UV_RUN_DEFAULT);
}

/* Runs libuv as a host that the ring watches. bridge-uv.c explains how. A timer
 * in the far future keeps the loop alive: without an active handle
 * uv_backend_timeout returns 0, and bridge_wait would never sleep. */
static void run_round_uv(struct bridge *bridge)
{
    uv_loop_t *loop = uv_default_loop();
    int rc = 0;

    (void)uv_timer_init(loop, &deadline);
    (void)uv_timer_start(&deadline, bench_hosts_on_deadline, 1000000, 0);
    while (rc >= 0 && !bridge_is_idle(bridge)) {
        uv_update_time(loop);
        rc = bridge_wait(bridge, uv_backend_fd(loop), uv_backend_timeout(loop));
        if (rc > 0) {
            iterations++;
            (void)uv_run(loop, UV_RUN_NOWAIT);
        }
    }
}

uint64_t bench_hosts_run(const char *name, struct bridge *bridge, bool by_edge)
{
    bool is_watched = bridge->watch == BRIDGE_HOST_FD;

    if (strcmp(name, "epoll") == 0) {
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

        if (is_watched)
            run_round_epoll(bridge, epoll_fd);
        else
            run_in_epoll(bridge, epoll_fd, by_edge);
        close(epoll_fd);
    } else if (is_watched) {
        run_round_uv(bridge);
    } else {
        run_in_uv(bridge);
    }
    return iterations;
}
