/* drive_bridge.c: the tasks of sim_actors.h in a host loop; see sim_run.h.
 *
 * What it teaches: two loops share one thread, and only one of them can sleep.
 * The host must wake up for each completion, and for each byte that it waits
 * for itself. A wake-up that is lost is found here because nothing else can
 * happen any more. */
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <string.h>

#include "bridge.h"
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
#define NS_PER_MS UINT64_C(1000000)

/* The host reads bytes that another process writes to its pipe. */
static struct {
    struct bridge bridge;
    int fds[2];
    unsigned to_write, to_read;
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

static void offer_bytes(void)
{
    if (host.to_write > 0)
        world_offer(write_byte, NULL);
}

/* Returns what poll(2) would report. */
static bool is_readable(int fd)
{
    struct sim_file *file = file_of(fd);

    return (file->class->poll(file) & POLLIN) != 0;
}

/* The host looks first: a wake-up may be about the ring only. */
static void read_byte(void)
{
    struct sim_file *file = file_of(host.fds[0]);
    char byte;

    if (is_readable(host.fds[0]) && file->class->read(file, &byte, 1, 0) == 1)
        host.to_read--;
}

/* A host that watches bridge->fd: the order of these calls is a rule of
 * bridge.h. */
static int watch_once(void)
{
    int rc = bridge_run(&host.bridge), timeout_ms;
    uint64_t until_ns = WORLD_NEVER;

    if (rc < 0 || (bridge_is_idle(&host.bridge) && host.to_read == 0))
        return rc;
    timeout_ms = bridge_timeout_ms(&host.bridge);
    if (timeout_ms >= 0)
        until_ns = world_now_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    /* The host's epoll_wait(2), with two descriptors. */
    while (!is_readable(host.bridge.fd) && !is_readable(host.fds[0]) &&
           world_now_ns() < until_ns && !knob(KNOB_EINTR))
        world_step(until_ns);
    if (is_readable(host.bridge.fd))
        bridge_ack(&host.bridge);
    read_byte();
    return 0;
}

/* A host that lets the ring poll its own fd. A timeout of 0 has always passed.
 * Without a timeout, only a completion of the poll wakes the host, or a lack of
 * slots for it: in both cases the poll is not in flight. */
static int wait_once(void)
{
    int timeout_ms = pick(2) == 0 ? -1 : (int)pick(4);
    int rc = bridge_wait(&host.bridge, host.fds[0], timeout_ms);

    check_that(timeout_ms != 0 || rc != 0 || bridge_is_idle(&host.bridge),
               "a-timeout-is-reported", "a wait with the timeout 0 returned",
               rc);
    check_that(timeout_ms >= 0 || rc <= 0 ||
                   !op_is_in_flight(&host.bridge.host),
               "the-host-wakes-for-a-reason", "with a poll it returned", rc);
    if (rc > 0)
        read_byte();
    return rc < 0 ? rc : 0;
}

/* An eventfd with DEFER_TASKRUN works, because no task waits for another
 * eventfd. */
static void drive(void)
{
    enum bridge_watch watch = (enum bridge_watch)pick(3);
    const struct loop_options options = {
        .ring = {.sq_entries = knob_is_on(KNOB_SQ_TWO) ? 2 : 8,
                 .cq_entries = knob_is_on(KNOB_SMALL_CQ) ? 4 : 32,
                 .plain = watch == BRIDGE_RING_FD || pick(2) == 0},
        .tasks_max = ACTORS_MAX + 1,
        .stack_len = 16384,
    };
    struct task first = {0};
    struct loop loop; /* of this run only */
    int rc = loop_init(&loop, &options);

    check_that(rc == 0, "set-up", "a loop:", rc);
    memset(&host, 0, sizeof host);
    rc = sys_pipe(host.fds);
    check_that(rc == 0, "set-up", "a pipe:", rc);
    host.to_write = host.to_read = pick(BYTES_MAX);
    world_add_source(offer_bytes);
    rc = bridge_init(&host.bridge, &loop, watch);
    check_that(rc == 0, "set-up", "a bridge:", rc);
    rc = task_spawn(&first, "first", actors_await_all, NULL);
    check_that(rc == 0, "set-up", "a task:", rc);
    /* Both loops run until neither has anything to do. */
    while (rc == 0 && (!bridge_is_idle(&host.bridge) || host.to_read > 0))
        rc = watch == BRIDGE_HOST_FD ? wait_once() : watch_once();
    check_that(rc == 0, "the-program-ends-well", "its result is", rc);
    bridge_finish(&host.bridge);
    check_that(loop.stale_cqes == 0, "one-terminal-result", "stale CQEs:",
               (int64_t)loop.stale_cqes);
    loop_finish(&loop);
    file_close(host.fds[0]);
    file_close(host.fds[1]);
}

const struct sim_driver drive_bridge = {
    .name = "bridge",
    .what = "the same tasks in a host loop, through lib/bridge",
    .run = drive,
};
