/* bridge-epoll: a ring inside an event loop on epoll.
 *
 * The host below, the event loop that the ring runs inside, has the structure
 * of most C servers: descriptors, callbacks, and one epoll_wait. The host also
 * runs a ticker, a periodic timer. The lines marked (1) to (4) add a ring. Then
 * tasks that wait on the ring run in the same thread, and neither loop delays
 * the other.
 *
 * In host_run_watched, the ring waits for the host instead: one call of
 * bridge_wait replaces the marked lines. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "guest.h"

#define EVENTS_MAX 16

struct host;

struct watch {
    int fd; /* owned, except the ring's */
    void (*on_ready)(struct host *host);
};

struct host {
    int epoll_fd; /* owned */
    struct watch ticker, ring;
    struct guest guest;
};

/* The host's own work. The read clears the timer's readiness, so that the next
 * epoll_wait sleeps. */
static void bridge_epoll_on_tick(struct host *host)
{
    uint64_t expirations;

    if (read(host->ticker.fd, &expirations, sizeof expirations) > 0)
        guest_tick(&host->guest);
}

static void bridge_epoll_on_ring(struct host *host)
{
    bridge_ack(&host->guest.bridge); /* (4) clears the signal */
}

static int host_watch(struct host *host, struct watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

    if (epoll_ctl(host->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0)
        return -errno;
    return 0;
}

/* Creates the ticker and the epoll set. With --watch host the bridge has no
 * descriptor to watch. Returns 0 or -errno. After a failure main closes the
 * descriptors that are open. */
static int host_init(struct host *host)
{
    const struct timespec tick = {.tv_nsec = GUEST_TICK_MS * 1000000};
    const struct itimerspec ticks = {.it_interval = tick, .it_value = tick};
    int rc;

    host->ticker = (struct watch){-1, bridge_epoll_on_tick};
    host->ring = (struct watch){host->guest.bridge.fd, bridge_epoll_on_ring};
    host->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (host->epoll_fd < 0)
        return -errno;
    host->ticker.fd =
        timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (host->ticker.fd < 0 ||
        timerfd_settime(host->ticker.fd, 0, &ticks, NULL) < 0)
        return -errno;
    rc = host_watch(host, &host->ticker);
    if (rc == 0 && host->ring.fd >= 0)
        rc = host_watch(host, &host->ring); /* (3) */
    return rc;
}

/* Waits and calls the callbacks, as every host that uses epoll does. EINTR is
 * not an error: a plain ring interrupts the wait to complete operations.
 * Returns 0 or -errno. */
static int host_wait(struct host *host, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(host->epoll_fd, events, EVENTS_MAX, timeout_ms);

    if (count < 0 && errno != EINTR)
        return -errno;
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;

        watch->on_ready(host);
    }
    return 0;
}

/* Runs the host's loop until the last task has ended. Returns 0 or -errno. */
static int host_run(struct host *host)
{
    struct bridge *bridge = &host->guest.bridge;

    for (;;) {
        int rc = bridge_run(bridge); /* (1) the last step before the wait */

        if (rc < 0 || bridge_is_idle(bridge))
            return rc;
        rc = host_wait(host, bridge_timeout_ms(bridge)); /* (2) */
        if (rc < 0)
            return rc;
    }
}

/* Runs the host's loop while the ring watches its epoll set. The host calls
 * epoll_wait only when one of its descriptors is ready. Returns 0 or -errno. */
static int host_run_watched(struct host *host)
{
    struct bridge *bridge = &host->guest.bridge;

    while (!bridge_is_idle(bridge)) {
        int rc = bridge_wait(bridge, host->epoll_fd, -1);

        if (rc > 0)
            rc = host_wait(host, 0);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct host host;
    int code = guest_begin(&host.guest, "bridge-epoll", "an epoll loop", argc,
                           argv);
    int rc;

    if (code >= 0)
        return code;
    rc = host_init(&host);
    if (rc == 0)
        rc = host.guest.options.watch == BRIDGE_HOST_FD
                 ? host_run_watched(&host)
                 : host_run(&host);
    code = guest_end(&host.guest, rc); /* ends the ring's poll of epoll_fd */
    if (host.ticker.fd >= 0)
        close(host.ticker.fd);
    if (host.epoll_fd >= 0)
        close(host.epoll_fd);
    return code;
}
