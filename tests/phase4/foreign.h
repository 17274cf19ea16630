/* foreign.h: somebody else's event loop, for the tests: epoll, a ticker, a
 * bridge.
 *
 * Test support. Needs: bridge.h, suite.h.
 *
 * The host does what bridge.h requires, and nothing more. */
#ifndef TESTS_FOREIGN_H
#define TESTS_FOREIGN_H

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "await.h"
#include "bridge.h"
#include "suite.h"
#include "sys.h"

/* If a wake-up is lost, the host waits forever, or far longer than any test
 * takes. */
#define HOST_WAIT_MAX_MS 20000

struct host {
    struct loop loop;
    struct bridge bridge;
    int epoll_fd;
    int timer_fd;                      /* ticks each millisecond */
    unsigned ticks, iterations;
    void (*on_tick)(struct host *host); /* a callback of the host's own */
    void *arg;
    bool by_edge; /* nobody reads the eventfd: epoll tells each signal once */
};

struct host_kind {
    enum bridge_watch watch;
    bool plain;
    bool by_edge;
};

/* Every way to tie a ring to a host. */
static const struct host_kind host_kinds[] = {
    {BRIDGE_EVENTFD, false, false},
    {BRIDGE_EVENTFD, true, false},
    {BRIDGE_EVENTFD, false, true},
    {BRIDGE_RING_FD, true, false},
    {BRIDGE_HOST_FD, false, false},
    {BRIDGE_HOST_FD, true, false},
};
#define HOST_KINDS (sizeof host_kinds / sizeof *host_kinds)

static inline void host_watch(struct host *host, int fd, uint32_t how)
{
    struct epoll_event event = {.events = EPOLLIN | how, .data.fd = fd};

    check(epoll_ctl(host->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0);
}

static inline void host_init(struct host *host, const struct host_kind *kind,
                             struct ring_options ring)
{
    struct loop_options options = {.ring = ring};

    options.ring.plain = kind->plain;
    *host = (struct host){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    check(host->epoll_fd >= 0);
    check_ring(loop_init(&host->loop, &options));
    check_res(bridge_init(&host->bridge, &host->loop, kind->watch), 0);
    host->by_edge = kind->by_edge;
    if (kind->watch != BRIDGE_HOST_FD)
        host_watch(host, host->bridge.fd, kind->by_edge ? EPOLLET : 0);
    host->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    host_watch(host, host->timer_fd, 0);
}

/* Starts or stops the ticker. */
static inline void host_tick(struct host *host, bool is_on)
{
    const struct timespec period = {.tv_nsec = is_on ? 1000000 : 0};
    const struct itimerspec timer = {.it_interval = period, .it_value = period};

    check(timerfd_settime(host->timer_fd, 0, &timer, NULL) == 0);
}

static inline void host_ready(struct host *host, int fd)
{
    uint64_t expirations;

    if (fd == host->bridge.fd) {
        if (!host->by_edge)
            bridge_ack(&host->bridge);
    } else if (read(fd, &expirations, sizeof expirations) > 0) {
        host->ticks++;
        if (host->on_tick != NULL)
            host->on_tick(host);
    }
}

/* The host's own wait, for as long as bridge_timeout_ms() says. */
static inline int host_wait(struct host *host, struct epoll_event events[4])
{
    int timeout_ms, count;

    check_res(bridge_run(&host->bridge), 0);
    if (bridge_is_idle(&host->bridge))
        return 0;
    timeout_ms = bridge_timeout_ms(&host->bridge);
    if (timeout_ms < 0)
        timeout_ms = HOST_WAIT_MAX_MS;
    count = epoll_wait(host->epoll_fd, events, 4, timeout_ms);
    host->iterations++;
    check(count != 0 || timeout_ms < HOST_WAIT_MAX_MS); /* nobody woke us */
    return count;
}

/* A host that lets the ring wait for it. */
static inline int host_wait_watched(struct host *host,
                                   struct epoll_event events[4])
{
    uint64_t before_ns = sys_now_ns();
    int rc = bridge_wait(&host->bridge, host->epoll_fd, HOST_WAIT_MAX_MS);

    check(rc >= 0);
    check(sys_now_ns() - before_ns < HOST_WAIT_MAX_MS * UINT64_C(1000000));
    if (rc == 0)
        return 0;
    host->iterations++;
    return epoll_wait(host->epoll_fd, events, 4, 0);
}

/* One iteration of the host: our loop, a wait, the callbacks. */
static inline void host_iterate(struct host *host)
{
    struct epoll_event events[4];
    int count = host->bridge.watch == BRIDGE_HOST_FD
                    ? host_wait_watched(host, events)
                    : host_wait(host, events);

    for (int i = 0; i < count; i++)
        host_ready(host, events[i].data.fd);
}

/* Runs body(arg) as a task, inside the host, until nothing is left to do. */
static inline int host_run(struct host *host, task_fn *body, void *arg)
{
    struct task task = {0};

    check_res(task_spawn(&task, "test", body, arg), 0);
    do
        host_iterate(host);
    while (!bridge_is_idle(&host->bridge));
    ck_assert_int_eq(task.state, TASK_ENDED);
    return task.result;
}

static inline void host_finish(struct host *host)
{
    bridge_finish(&host->bridge); /* ends the ring's poll of epoll_fd */
    close(host->timer_fd);
    close(host->epoll_fd);
    loop_finish(&host->loop);
}

#endif
