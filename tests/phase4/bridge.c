/* bridge.c: operations, completions and wake-ups inside of foreign loops: all
 * arrive, whatever happens at the same time. */
#include <errno.h>
#include <poll.h>

#include "ball.h"
#include "hosts.h"

/* With each kind of host; post.c plays the million. A bridge that does not look
 * once more before the host sleeps hangs within two thousand. */
#if defined(__SANITIZE_ADDRESS__)
#define PING_PONGS 5000
#elif defined(__SANITIZE_THREAD__)
#define PING_PONGS 10000
#else
#define PING_PONGS 20000
#endif

static void run_nops(struct host *host)
{
    int count = 100;

    host->iterations = 0;
    check_res(host_run(host, await_some_nops, &count), 100);
    check(host->iterations < 20); /* they complete together */
}

TEST(operations_complete_inside_every_kind_of_host)
{
    with_every_kind((struct ring_options){0}, run_nops);
}

static int await_future(void *arg)
{
    return future_wait(arg);
}

static void complete_future(struct host *host)
{
    future_complete(host->arg, 42);
    host_tick(host, false);
}

static void wait_for_callback(struct host *host)
{
    struct future future = {0};

    host->arg = &future;
    host->on_tick = complete_future;
    host_tick(host, true);
    check_res(host_run(host, await_future, &future), 42);
}

TEST(a_callback_of_the_host_completes_a_future)
{
    with_every_kind((struct ring_options){0}, wait_for_callback);
}

/* A callback starts a task, which starts an operation, and no further event
 * follows. A bridge that does not submit before it sleeps would sleep
 * forever. */
static struct task started;

static int await_tiny_sleep_and_nop(void *arg)
{
    struct future *done = arg;
    int rc = await_nop();

    future_complete(done, 7);
    return rc;
}

static void start_task(struct host *host)
{
    host_tick(host, false);
    started = (struct task){0};
    check_res(task_spawn(&started, "started", await_tiny_sleep_and_nop,
                         host->arg),
              0);
}

static void start_from_callback(struct host *host)
{
    struct future future = {0};

    host->arg = &future;
    host->on_tick = start_task;
    host_tick(host, true);
    check_res(host_run(host, await_future, &future), 7);
}

TEST(an_operation_of_a_host_callback_is_submitted_at_once)
{
    with_every_kind((struct ring_options){0}, start_from_callback);
}

#define MANY 100

static struct task tasks[MANY]; /* of the test that runs */

/* Many pipes become readable in one instant. */
static int await_many_at_once(void *arg)
{
    static const char bytes[MANY];
    struct late *late = arg;
    int sum = 0;

    for (int i = 0; i < MANY; i++) {
        tasks[i] = (struct task){0};
        check_res(task_spawn(&tasks[i], "reader", await_byte, late), 0);
    }
    task_yield();
    check(write(late->fds[1], bytes, MANY) == MANY);
    for (int i = 0; i < MANY; i++) {
        (void)task_join(&tasks[i]);
        sum++;
    }
    return sum;
}

static void many_at_once(struct host *host)
{
    struct late late = {.host = host};

    check(pipe(late.fds) == 0);
    check_res(host_run(host, await_many_at_once, &late), MANY);
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(a_hundred_simultaneous_completions_all_arrive)
{
    with_every_kind((struct ring_options){0}, many_at_once);
}

/* Fifty tasks share a ring with room for four operations. */
static int await_twenty_nops_each(void *arg)
{
    int each = 20, sum = 0;

    (void)arg;
    for (int i = 0; i < 50; i++) {
        tasks[i] = (struct task){0};
        check_res(task_spawn(&tasks[i], "nops", await_some_nops, &each), 0);
    }
    for (int i = 0; i < 50; i++)
        sum += task_join(&tasks[i]);
    return sum;
}

static void a_thousand(struct host *host)
{
    check_res(host_run(host, await_twenty_nops_each, NULL), 1000);
}

TEST(a_thousand_operations_pass_through_a_ring_of_four)
{
    with_every_kind((struct ring_options){.sq_entries = 4, .cq_entries = 4},
                    a_thousand);
}

/* Far more completions than the CQ has entries; the one that is waited for
 * comes last, and the kernel holds it back until the others were taken. */
static int await_behind_an_overflow(void *arg)
{
    struct ring *ring = arg;

    for (int i = 0; i < 40; i++)
        io_uring_prep_nop(ring_sqe(ring, HANDLE_NONE));
    return await_nop();
}

static void overflow(struct host *host)
{
    check_res(host_run(host, await_behind_an_overflow, &host->loop.ring), 0);
    ck_assert_uint_eq(host->loop.ring.counters.cqes, 41);
}

TEST(an_overflowed_cq_is_emptied_inside_a_host)
{
    with_every_kind((struct ring_options){.sq_entries = 64, .cq_entries = 64},
                    run_nops);
    with_every_kind((struct ring_options){.sq_entries = 4, .cq_entries = 8},
                    overflow);
}

/* One operation that is waited for wakes the host once, or not at all if it
 * completed at once; and afterwards nothing is left that would wake it. */
static void wake_and_look(struct host *host)
{
    struct late late = {.ticks = 1, .host = host};
    struct pollfd ready = {.fd = host->bridge.fd, .events = POLLIN};
    int count = 1;

    check(pipe(late.fds) == 0);
    host->arg = &late;
    host->on_tick = write_after_ticks;
    host_tick(host, true);
    check_res(host_run(host, await_byte, &late), 'x');
    /* Reaped before the signal was cleared: then the signal is still there. */
    if (poll(&ready, 1, 0) == 1)
        bridge_ack(&host->bridge);
    ck_assert_uint_le(host->bridge.acks, 1);
    check_res(host_run(host, await_some_nops, &count), 1);
    ck_assert_int_eq(poll(&ready, 1, 0), 0);
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(a_completion_wakes_the_host_once)
{
    with_every_kind((struct ring_options){0}, wake_and_look);
}

/* If a wait for two completions sees the timeout expire, Linux 6.18 leaves
 * IORING_SQ_TASKRUN set. A host that waited for a clear flag would spin. */
static void outlast_a_limit(struct host *host)
{
    struct late late = {.ticks = 5, .host = host};
    struct ring *ring = &host->loop.ring;
    struct __kernel_timespec limit = {.tv_nsec = 1000000};
    struct io_uring_sqe *sqe = ring_sqe(ring, HANDLE_NONE);
    char byte;

    check(pipe(late.fds) == 0);
    io_uring_prep_read(sqe, late.fds[0], &byte, 1, UINT64_MAX);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_link_timeout(ring_sqe(ring, HANDLE_NONE), &limit, 0);
    check_res(io_uring_submit_and_wait(&ring->uring, 2), 2);
    host->arg = &late;
    host->on_tick = write_after_ticks;
    host_tick(host, true);
    check_res(host_run(host, await_byte, &late), 'x');
    ck_assert_uint_le(host->iterations, host->ticks + 5);
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(the_host_sleeps_after_a_linked_timeout_has_expired)
{
    with_every_kind((struct ring_options){0}, outlast_a_limit);
}

static void hear_voices(struct host *host)
{
    struct pollfd ready = {.fd = host->bridge.fd, .events = POLLIN};
    uint64_t many = 1000;

    if (host->bridge.watch == BRIDGE_EVENTFD)
        check(write(host->bridge.fd, &many, sizeof many) == sizeof many);
    bridge_ack(&host->bridge);
    bridge_ack(&host->bridge);
    ck_assert_int_eq(poll(&ready, 1, 0), 0);
    run_nops(host);
}

TEST(an_eventfd_signal_without_a_completion_is_harmless)
{
    with_every_kind((struct ring_options){0}, hear_voices);
}

/* One of the players runs in the host; post.c has the game without a host. */
static void play(struct host *host)
{
    struct game game;

    game_begin(&game, 2, PING_PONGS);
    check_res(host_run(host, await_hits, &game.left), 0);
    game_end(&game);
}

TEST(ping_pong_with_another_thread_loses_no_wake_up)
{
    with_every_kind((struct ring_options){0}, play);
}

/* A descriptor that the ring neither reads nor writes: a full pipe, which the
 * host empties. */
static int fill(int fd)
{
    static const char page[4096];
    int total = 0;
    ssize_t rc;

    while ((rc = write(fd, page, sizeof page)) > 0)
        total += (int)rc;
    ck_assert_int_eq(errno, EAGAIN);
    return total;
}

static int await_room(void *arg)
{
    struct late *late = arg;

    check(fill(late->fds[1]) > 0);
    check(await_poll(late->fds[1], POLLOUT) & POLLOUT);
    late->ticks_at_read = late->host->ticks;
    return fill(late->fds[1]) > 0;
}

static int await_and_drain(void *arg)
{
    struct late *late = arg;
    static char page[65536];

    check(await_poll(late->fds[0], POLLIN) & POLLIN);
    return read(late->fds[0], page, sizeof page) > 0;
}

static void drain_after_ticks(struct host *host)
{
    struct late *late = host->arg;

    if (host->ticks < late->ticks)
        return;
    check_res(task_spawn(&started, "drain", await_and_drain, late), 0);
    host_tick(host, false);
}

static void wait_for_room(struct host *host)
{
    struct late late = {.ticks = 5, .host = host};

    check(pipe2(late.fds, O_NONBLOCK) == 0);
    started = (struct task){0};
    host->arg = &late;
    host->on_tick = drain_after_ticks;
    host_tick(host, true);
    check_res(host_run(host, await_room, &late), 1);
    check_res(started.result, 1);
    check(late.ticks_at_read >= 5);
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(a_task_waits_to_read_and_to_write_a_foreign_descriptor)
{
    with_every_kind((struct ring_options){0}, wait_for_room);
}

int main(void)
{
    suite_begin("bridge");
    suite_add(operations_complete_inside_every_kind_of_host);
    suite_add(a_callback_of_the_host_completes_a_future);
    suite_add(an_operation_of_a_host_callback_is_submitted_at_once);
    suite_add(a_hundred_simultaneous_completions_all_arrive);
    suite_add(a_thousand_operations_pass_through_a_ring_of_four);
    suite_add(an_overflowed_cq_is_emptied_inside_a_host);
    suite_add(a_completion_wakes_the_host_once);
    suite_add(an_eventfd_signal_without_a_completion_is_harmless);
    suite_add(the_host_sleeps_after_a_linked_timeout_has_expired);
    suite_add(ping_pong_with_another_thread_loses_no_wake_up);
    suite_add(a_task_waits_to_read_and_to_write_a_foreign_descriptor);
    return suite_end();
}
