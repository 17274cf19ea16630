/* drive_bridge.c: the tasks of sim_actors.h in a host loop; see sim_run.h.
 *
 * What it teaches: two loops share one thread, and only one of them can sleep.
 * The host must wake up for each completion, and for each byte that it waits
 * for itself. A wake-up that is lost is found here because nothing else can
 * happen any more. */
#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <sys/epoll.h>

#include "await.h"
#include "bridge.h"
#include "err.h"
#include "sim_actors.h"
#include "sim_check.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_run.h"
#include "sim_world.h"
#include "sys.h"
#include "sys_process.h"

#define BYTES_MAX 5u
#define RINGS_MAX 5u

/* The host waits in epoll_wait(2) for the bridge, and for a pipe to which
 * another process writes. A third thread rings a bell, an eventfd, for which a
 * task waits. */
static struct {
    struct bridge bridge;
    int epoll_fd;
    int fds[2];
    unsigned to_write, to_read; /* bytes of the pipe */
    int bell;
    unsigned to_ring, to_hear;
    bool is_edge;     /* EPOLLET for the eventfd: needs no bridge_ack */
    bool is_one_shot; /* EPOLLONESHOT for the pipe */
} host;

/* Progress, so that a host that never reads it is found. */
static void write_byte(void *unused)
{
    struct sim_file *file = file_of(host.fds[1]);

    (void)unused;
    check_that(file->class->write(file, "x", 1, 0) == 1, "set-up",
               "the host's pipe is full of bytes:", host.to_read);
    host.to_write--;
    check_progress();
}

static void ring_bell(void *unused)
{
    (void)unused;
    check_that(sys_event_signal(host.bell) == 0, "set-up", "the bell:",
               host.bell);
    host.to_ring--;
    check_progress();
}

static void offer_events(void)
{
    if (host.to_write > 0)
        world_offer(write_byte, NULL);
    if (host.to_ring > 0)
        world_offer(ring_bell, NULL);
}

/* One read may return several signals, but their sum is right. Without a
 * worker, the read is tried again. */
static int hear_bell(void *unused) /* task body */
{
    (void)unused;
    while (host.to_hear > 0) {
        uint64_t sum = 0;
        int rc = await_read(host.bell, &sum, sizeof sum, AWAIT_STREAM);

        check_that(rc == sizeof sum || rc == -ERR_NO_WORKER,
                   "an-interruption-has-a-cause", "the read of an eventfd:",
                   rc);
        if (rc < 0)
            continue;
        check_that(sum <= host.to_hear, "every-signal-counts",
                   "too many signals:", (int64_t)sum);
        host.to_hear -= (unsigned)sum;
    }
    return await_close(host.bell);
}

static void watch(int op, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    check_that(epoll_ctl(host.epoll_fd, op, fd, &event) == 0, "set-up",
               "epoll does not watch fd", fd);
}

static void watch_pipe(int op)
{
    watch(op, host.fds[0], EPOLLIN | (host.is_one_shot ? EPOLLONESHOT : 0));
}

/* As the hosts of phase 4 do: waits, and then handles the events. A pipe that
 * is readable has a byte. */
static void host_wait(int timeout_ms)
{
    struct sim_file *file = file_of(host.fds[0]);
    struct epoll_event events[2];
    int count = epoll_wait(host.epoll_fd, events, 1 + (int)pick(2), timeout_ms);
    char byte;

    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == host.bridge.fd) {
            if (!host.is_edge)
                bridge_ack(&host.bridge);
            continue;
        }
        check_that(file->class->read(file, &byte, 1, 0) == 1,
                   "the-host-wakes-for-a-reason", "bytes left:", host.to_read);
        host.to_read--;
        if (host.is_one_shot)
            watch_pipe(EPOLL_CTL_MOD);
    }
}

/* Runs one iteration of the host. If it watches bridge->fd, the order of the
 * calls is a rule of bridge.h. Otherwise the ring polls its epoll descriptor. A
 * timeout of 0 has always passed. Without a timeout, only a completion of the
 * poll wakes the host, or a lack of slots for it: in both cases the poll is not
 * in flight. */
static int iterate(enum bridge_watch kind)
{
    int timeout_ms, rc;

    if (kind != BRIDGE_HOST_FD) {
        rc = bridge_run(&host.bridge);
        if (rc == 0 && (!bridge_is_idle(&host.bridge) || host.to_read > 0))
            host_wait(bridge_timeout_ms(&host.bridge));
        return rc;
    }
    timeout_ms = pick(2) == 0 ? -1 : (int)pick(4);
    rc = bridge_wait(&host.bridge, host.epoll_fd, timeout_ms);
    check_step(); /* a wait that does not enter the kernel may spin */
    check_that(timeout_ms != 0 || rc != 0 || bridge_is_idle(&host.bridge),
               "a-timeout-is-reported", "a wait with the timeout 0 returned",
               rc);
    check_that(timeout_ms >= 0 || rc <= 0 ||
                   !op_is_in_flight(&host.bridge.host),
               "the-host-wakes-for-a-reason", "with a poll it returned", rc);
    if (rc > 0)
        host_wait(0);
    return rc < 0 ? rc : 0;
}

/* Connects the loop to a host that watches a pipe. */
static void host_init(struct loop *loop, enum bridge_watch kind)
{
    int rc = sys_pipe(host.fds);

    check_that(rc == 0, "set-up", "a pipe:", rc);
    host.to_write = host.to_read = pick(BYTES_MAX);
    host.is_edge = kind == BRIDGE_EVENTFD && pick(2) == 0;
    host.is_one_shot = pick(2) == 0;
    rc = bridge_init(&host.bridge, loop, kind);
    check_that(rc == 0, "set-up", "a bridge:", rc);
    host.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    check_that(host.epoll_fd >= 0, "set-up", "an epoll descriptor:", errno);
    watch_pipe(EPOLL_CTL_ADD);
    if (kind != BRIDGE_HOST_FD)
        watch(EPOLL_CTL_ADD, host.bridge.fd,
              EPOLLIN | (host.is_edge ? EPOLLET : 0));
}

static void start(struct task *task, const char *name, int (*body)(void *))
{
    int rc = task_spawn(task, name, body, NULL);

    check_that(rc == 0, "set-up", "a task:", rc);
}

/* With DEFER_TASKRUN and an eventfd as the signal of the ring, no task may wait
 * for another eventfd: bridge.h. */
static void drive(void)
{
    enum bridge_watch kind = (enum bridge_watch)pick(3);
    const struct loop_options options = {
        .ring = {.sq_entries = knob_is_on(KNOB_SQ_TWO) ? 2 : 8,
                 .cq_entries = knob_is_on(KNOB_SMALL_CQ) ? 4 : 32,
                 .plain = kind == BRIDGE_RING_FD || pick(2) == 0},
        .tasks_max = ACTORS_MAX + 2,
        .stack_len = 16384,
    };
    struct task first = {0}, hearer = {0};
    struct loop loop; /* of this run only */
    int rc = loop_init(&loop, &options);

    check_that(rc == 0, "set-up", "a loop:", rc);
    memset(&host, 0, sizeof host);
    host_init(&loop, kind);
    start(&first, "first", actors_await_all);
    if (kind != BRIDGE_EVENTFD || options.ring.plain) {
        host.bell = sys_event_fd();
        host.to_ring = host.to_hear = pick(RINGS_MAX);
        start(&hearer, "hearer", hear_bell);
    }
    world_add_source(offer_events);
    /* Both loops run until neither has anything to do. */
    while (rc == 0 && (!bridge_is_idle(&host.bridge) || host.to_read > 0))
        rc = iterate(kind);
    check_that(rc == 0, "the-program-ends-well", "its result is", rc);
    bridge_finish(&host.bridge); /* the poll of epoll_fd ends here */
    check_that(loop.stale_cqes == 0, "one-terminal-result", "stale CQEs:",
               (int64_t)loop.stale_cqes);
    loop_finish(&loop);
    file_close(host.epoll_fd);
    file_close(host.fds[0]);
    file_close(host.fds[1]);
}

const struct sim_driver drive_bridge = {
    .name = "bridge",
    .what = "the same tasks in a host loop, through lib/bridge",
    .run = drive,
};
