/* bridge.c: a ring inside a loop that somebody else wrote.
 *
 * Tests of phase 4. Each that says "every kind" runs with an eventfd on a ring
 * with DEFER_TASKRUN (which is read, or told by edges) and on a plain one, with
 * the plain ring's own fd, and with both rings watching the host. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ball.h"
#include "foreign.h"

/* With each kind of host; post.c plays the million. A bridge that does not look
 * once more before the host sleeps hangs within two thousand. */
#if defined(__SANITIZE_ADDRESS__)
#define PING_PONGS 5000
#elif defined(__SANITIZE_THREAD__)
#define PING_PONGS 10000
#else
#define PING_PONGS 20000
#endif

/* test(host), once with each kind of host. */
static void with_every_kind(struct ring_options ring,
                            void (*test)(struct host *host))
{
    for (unsigned i = 0; i < HOST_KINDS; i++) {
        struct host host;

        host_init(&host, &host_kinds[i], ring);
        test(&host);
        host_finish(&host);
    }
}

static int await_some_nops(void *arg)
{
    for (int i = 0; i < *(int *)arg; i++)
        check_res(await_nop(), 0);
    return *(int *)arg;
}

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
END_TEST

/* A pipe, and how much the ticker lets pass before it writes to it. */
struct late {
    int fds[2];
    unsigned ticks;
    unsigned ticks_at_read; /* when the reader had its byte */
    struct host *host;      /* borrowed */
};

static int await_byte(void *arg)
{
    struct late *late = arg;
    char byte = 0;

    check_res(await_read(late->fds[0], &byte, 1, AWAIT_STREAM), 1);
    late->ticks_at_read = late->host->ticks;
    return byte;
}

static void write_after_ticks(struct host *host)
{
    struct late *late = host->arg;

    if (host->ticks == late->ticks) {
        check(loop_in_flight(&host->loop) == 1);
        check(write(late->fds[1], "x", 1) == 1);
        host_tick(host, false);
    }
}

/* The read can complete only because the host has ticked in the meantime. */
static void read_while_ticking(struct host *host)
{
    struct late late = {.ticks = 20, .host = host};

    check(pipe(late.fds) == 0);
    host->arg = &late;
    host->on_tick = write_after_ticks;
    host_tick(host, true);
    check_res(host_run(host, await_byte, &late), 'x');
    ck_assert_uint_eq(late.ticks_at_read, 20);
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(the_host_ticks_while_a_read_is_in_flight)
{
    with_every_kind((struct ring_options){0}, read_while_ticking);
}
END_TEST

/* Sixty-four reads that nothing answers; and then, tick by tick, one by one,
 * the host's own callback does. So each tick has come while reads waited. */
#define SLOW 64
#define TICKS_BEFORE 20 /* with all of them waiting */

struct slow {
    struct late reads[SLOW];
    struct task tasks[SLOW];
    int answered;
};

static int await_all_slow(void *arg)
{
    struct slow *slow = arg;
    int sum = 0;

    for (int i = 0; i < SLOW; i++)
        check_res(task_spawn(&slow->tasks[i], "slow", await_byte,
                             &slow->reads[i]),
                  0);
    for (int i = 0; i < SLOW; i++)
        sum += task_join(&slow->tasks[i]);
    return sum;
}

static void answer_one(struct host *host)
{
    struct slow *slow = host->arg;

    if (host->ticks == TICKS_BEFORE)
        ck_assert_uint_eq(loop_in_flight(&host->loop), SLOW);
    if (host->ticks < TICKS_BEFORE)
        return;
    check(write(slow->reads[slow->answered++].fds[1], "x", 1) == 1);
    if (slow->answered == SLOW)
        host_tick(host, false);
}

/* The byte was written in this tick. The bridge reports it in the host's next
 * iteration at the latest, and the read ends in the next one. Each iteration
 * has at most one tick; on a busy machine the one between has a tick, too. */
static void check_ticks_at_read(const struct late *late, unsigned ticks)
{
    check(late->ticks_at_read >= ticks);
    check(late->ticks_at_read <= ticks + 1);
}

static void tick_during_slow_reads(struct host *host)
{
    static struct slow slow;

    memset(&slow, 0, sizeof slow);
    for (int i = 0; i < SLOW; i++) {
        slow.reads[i].host = host;
        check(pipe(slow.reads[i].fds) == 0);
    }
    host->arg = &slow;
    host->on_tick = answer_one;
    host_tick(host, true);
    check_res(host_run(host, await_all_slow, &slow), SLOW * 'x');
    for (int i = 0; i < SLOW; i++) {
        check_ticks_at_read(&slow.reads[i], (unsigned)(TICKS_BEFORE + i));
        close(slow.reads[i].fds[0]);
        close(slow.reads[i].fds[1]);
    }
}

TEST(the_host_ticks_on_while_sixty_four_reads_wait)
{
    with_every_kind((struct ring_options){0}, tick_during_slow_reads);
}
END_TEST

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
END_TEST

/* A callback starts a task, which starts an operation, and then all is silent:
 * whoever forgot to submit before it slept sleeps for ever. */
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

TEST(what_a_callback_started_is_submitted_without_other_traffic)
{
    with_every_kind((struct ring_options){0}, start_from_callback);
}
END_TEST

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

TEST(a_hundred_completions_of_one_instant_all_arrive)
{
    with_every_kind((struct ring_options){0}, many_at_once);
}
END_TEST

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
END_TEST

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

TEST(an_overflowed_queue_is_emptied)
{
    with_every_kind((struct ring_options){.sq_entries = 64, .cq_entries = 64},
                    run_nops);
    with_every_kind((struct ring_options){.sq_entries = 4, .cq_entries = 8},
                    overflow);
}
END_TEST

/* Eight readers, and four slots: none is left for the poll of the host. */
#define CROWD 8

static int await_a_crowd(void *arg)
{
    int sum = 0;

    for (int i = 0; i < CROWD; i++) {
        tasks[i] = (struct task){0};
        check_res(task_spawn(&tasks[i], "reader", await_byte, arg), 0);
    }
    for (int i = 0; i < CROWD; i++)
        sum += task_join(&tasks[i]);
    return sum;
}

static void feed_the_crowd(struct host *host)
{
    struct late *late = host->arg;

    if (host->ticks < late->ticks)
        return;
    ck_assert_uint_eq(loop_in_flight(&host->loop), 4);
    check(write(late->fds[1], "xxxxxxxx", CROWD) == CROWD);
    host_tick(host, false);
}

static void crowded_ring(struct host *host)
{
    struct late late = {.ticks = 20, .host = host};

    check(pipe(late.fds) == 0);
    host->arg = &late;
    host->on_tick = feed_the_crowd;
    host_tick(host, true);
    check_res(host_run(host, await_a_crowd, &late), CROWD * 'x');
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(the_host_runs_though_every_slot_is_taken)
{
    with_every_kind((struct ring_options){.sq_entries = 4, .cq_entries = 4},
                    crowded_ring);
}
END_TEST

static int await_sleep(void *arg)
{
    uint64_t before = loop_now_ns();
    int rc;

    (void)arg;
    rc = await_sleep_ns(30000000);
    check(loop_now_ns() - before >= 30000000);
    return rc;
}

/* The host sleeps through it: it is not told to look again and again. */
static void sleep_in_host(struct host *host)
{
    check_res(host_run(host, await_sleep, NULL), 0);
    check(host->iterations <= 3);
}

TEST(a_task_that_sleeps_lets_the_host_sleep)
{
    with_every_kind((struct ring_options){0}, sleep_in_host);
}
END_TEST

/* The clock of the loop is that of its last iteration: a host that slept since
 * then must not make a sleep shorter. */
static int await_short_sleep_by_the_wall(void *arg)
{
    struct timespec before, after;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &before);
    check_res(await_sleep_ns(5000000), 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (int)((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
                 before.tv_nsec);
}

static void sleep_after_a_pause(struct host *host)
{
    const struct timespec pause = {.tv_nsec = 10000000};

    nanosleep(&pause, NULL); /* the host is busy with something else */
    check(host_run(host, await_short_sleep_by_the_wall, NULL) >= 5000000);
}

TEST(a_sleep_is_not_cut_short_by_what_the_host_did_before)
{
    with_every_kind((struct ring_options){0}, sleep_after_a_pause);
}
END_TEST

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
END_TEST

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

TEST(a_signal_without_a_completion_is_harmless)
{
    with_every_kind((struct ring_options){0}, hear_voices);
}
END_TEST

/* A task that always has something to do. */
static int yield_until_ten_ticks(void *arg)
{
    struct host *host = arg;

    while (host->ticks < 10)
        task_yield();
    host_tick(host, false);
    return 0;
}

static void busy_task(struct host *host)
{
    host_tick(host, true);
    check_res(host_run(host, yield_until_ten_ticks, host), 0);
}

TEST(a_task_that_never_waits_lets_the_host_run)
{
    with_every_kind((struct ring_options){0}, busy_task);
}
END_TEST

/* One of the players lives in the host; post.c has the game without one. */
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
END_TEST

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

TEST(a_foreign_descriptor_is_waited_for_to_read_and_to_write)
{
    with_every_kind((struct ring_options){0}, wait_for_room);
}
END_TEST

/* Our loop watches a descriptor that somebody else reads: here a whole epoll
 * set, with a loop of its own behind it. The bridge in the other direction. */
static int await_epoll(void *arg)
{
    struct epoll_event event;
    int epoll_fd = *(int *)arg;

    check(await_poll(epoll_fd, POLLIN) & POLLIN);
    check(epoll_wait(epoll_fd, &event, 1, 0) == 1);
    return event.data.fd;
}

TEST(a_foreign_loop_is_watched_by_ours)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = 77};
    const struct itimerspec soon = {.it_value.tv_nsec = 2000000};
    int epoll_fd = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct loop loop;

    check(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer, &event) == 0);
    check(timerfd_settime(timer, 0, &soon, NULL) == 0);
    check_ring(loop_init(&loop, NULL));
    check_res(loop_run(&loop, await_epoll, &epoll_fd), 77);
    loop_finish(&loop);
    close(timer);
    close(epoll_fd);
}
END_TEST

static int open_fds(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

TEST(a_loop_without_its_bridge_runs_by_itself_again)
{
    for (unsigned i = 0; i < HOST_KINDS; i++) {
        struct loop_options options = {.ring.plain = host_kinds[i].plain};
        int count = 10, before = open_fds();
        struct bridge bridge;
        struct loop loop;

        check_ring(loop_init(&loop, &options));
        for (int again = 0; again < 2; again++) {
            check_res(bridge_init(&bridge, &loop, host_kinds[i].watch), 0);
            bridge_finish(&bridge);
        }
        check_res(loop_run(&loop, await_some_nops, &count), 10);
        loop_finish(&loop);
        ck_assert_int_eq(open_fds(), before);
        bridge_finish(&bridge); /* zeroed by now */
    }
}
END_TEST

TEST(a_bridge_without_a_free_descriptor_is_refused)
{
    struct rlimit limit, none;
    struct bridge bridge;
    struct loop loop;

    check_ring(loop_init(&loop, NULL));
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    none = limit;
    none.rlim_cur = 3;
    check(setrlimit(RLIMIT_NOFILE, &none) == 0);
    check_res(bridge_init(&bridge, &loop, BRIDGE_EVENTFD), -EMFILE);
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    bridge_finish(&bridge);
    loop_finish(&loop);
}
END_TEST

/* A bridge that watches its host, and an epoll set with one eventfd in it. */
struct watched {
    struct loop loop;
    struct bridge bridge;
    struct task task;
    struct late late; /* what the task reads */
    int epoll_fd, event_fd;
};

static void watched_init(struct watched *watched)
{
    struct epoll_event event = {.events = EPOLLIN};

    memset(watched, 0, sizeof *watched);
    watched->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watched->event_fd = eventfd(0, EFD_NONBLOCK);
    check(epoll_ctl(watched->epoll_fd, EPOLL_CTL_ADD, watched->event_fd,
                    &event) == 0);
    check_ring(loop_init(&watched->loop, NULL));
    check_res(bridge_init(&watched->bridge, &watched->loop, BRIDGE_HOST_FD), 0);
    check(pipe(watched->late.fds) == 0);
    watched->late.host = calloc(1, sizeof *watched->late.host);
    check_res(task_spawn(&watched->task, "reader", await_byte, &watched->late),
              0);
}

/* The task has ended by then. */
static void watched_finish(struct watched *watched)
{
    bridge_finish(&watched->bridge);
    loop_finish(&watched->loop);
    free(watched->late.host);
    close(watched->late.fds[0]);
    close(watched->late.fds[1]);
    close(watched->event_fd);
    close(watched->epoll_fd);
}

static int wait_ms(struct watched *watched, int timeout_ms)
{
    return bridge_wait(&watched->bridge, watched->epoll_fd, timeout_ms);
}

/* Waits until the task has its byte. */
static void watched_let_end(struct watched *watched)
{
    check(write(watched->late.fds[1], "x", 1) == 1);
    check_res(wait_ms(watched, -1), 0); /* the host has nothing to look at */
    while (!bridge_is_idle(&watched->bridge))
        check(wait_ms(watched, -1) >= 0);
    check_res(watched->task.result, 'x');
    check_res(wait_ms(watched, -1), 1); /* idle: it does not wait */
}

TEST(what_the_host_left_unread_wakes_it_again)
{
    struct watched watched;
    uint64_t one = 1;

    watched_init(&watched);
    check(write(watched.event_fd, &one, sizeof one) == sizeof one);
    for (int i = 0; i < 3; i++)
        check_res(wait_ms(&watched, -1), 1);
    check(read(watched.event_fd, &one, sizeof one) == sizeof one);
    watched_let_end(&watched);
    watched_finish(&watched);
}
END_TEST

static int do_nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* More than one iteration runs: the last ones end in the second, and then there
 * is nothing to wait for. */
#define FLOOD (LOOP_TASK_BUDGET + 40)

TEST(tasks_that_all_end_at_once_do_not_wait_for_the_host)
{
    static struct task flood[FLOOD];
    struct watched watched;

    watched_init(&watched);
    watched_let_end(&watched);
    for (unsigned i = 0; i < FLOOD; i++)
        check_res(task_spawn(&flood[i], "flood", do_nothing, NULL), 0);
    while (!bridge_is_idle(&watched.bridge))
        check(wait_ms(&watched, -1) >= 0);
    watched_finish(&watched);
}
END_TEST

TEST(the_host_runs_at_its_time_out_and_not_before)
{
    struct watched watched;
    uint64_t before_ns;

    watched_init(&watched);
    check_res(wait_ms(&watched, 0), 1);
    before_ns = sys_now_ns();
    check_res(wait_ms(&watched, 5), 1);
    check(sys_now_ns() - before_ns >= 5000000);
    check(timers_next_ns(&watched.loop.sched.timers) == TIMER_NEVER);
    watched_let_end(&watched);
    watched_finish(&watched);
}
END_TEST

TEST(a_loop_that_watched_a_host_releases_it)
{
    struct watched watched;
    int count = 10;

    watched_init(&watched);
    watched_let_end(&watched);
    ck_assert_uint_eq(loop_in_flight(&watched.loop), 1); /* the host's poll */
    bridge_finish(&watched.bridge);
    ck_assert_uint_eq(loop_in_flight(&watched.loop), 0);
    check_res(loop_run(&watched.loop, await_some_nops, &count), 10);
    watched_finish(&watched);
}
END_TEST

static const char *without_defer_taskrun(void)
{
    struct ring_options options = {0};
    struct ring ring;
    bool defers;

    if (ring_init(&ring, &options) < 0)
        return "no ring";
    defers = ring.flags & IORING_SETUP_DEFER_TASKRUN;
    ring_finish(&ring);
    return defers ? NULL : "this kernel has no DEFER_TASKRUN";
}

TEST(the_fd_of_a_ring_that_defers_is_refused)
{
    struct bridge bridge;
    struct loop loop;

    check_ring(loop_init(&loop, NULL));
    check_res(bridge_init(&bridge, &loop, BRIDGE_RING_FD), -EINVAL);
    bridge_finish(&bridge);
    loop_finish(&loop);
}
END_TEST

static void *run_foreign_bridge(void *arg)
{
    struct bridge *bridge = arg;

    /* Something to do, so that it cannot get away with looking only. */
    bridge->loop->ring.counters.sqes++;
    (void)ring_sqe(&bridge->loop->ring, HANDLE_NONE);
    return NULL;
}

TEST(another_thread_is_stopped_at_the_ring)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct loop loop;
        struct bridge bridge;
        pthread_t thread;

        (void)!freopen("/dev/null", "w", stderr); /* the assertion's words */
        if (loop_init(&loop, NULL) != 0 ||
            bridge_init(&bridge, &loop, BRIDGE_EVENTFD) != 0 ||
            pthread_create(&thread, NULL, run_foreign_bridge, &bridge) != 0)
            _exit(9);
        pthread_join(thread, NULL);
        _exit(0);
    }
    check(waitpid(child, &status, 0) == child);
    check(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

int main(void)
{
    suite_begin("bridge");
    suite_add(operations_complete_inside_every_kind_of_host);
    suite_add(the_host_ticks_while_a_read_is_in_flight);
    suite_add(the_host_ticks_on_while_sixty_four_reads_wait);
    suite_add(a_callback_of_the_host_completes_a_future);
    suite_add(what_a_callback_started_is_submitted_without_other_traffic);
    suite_add(a_hundred_completions_of_one_instant_all_arrive);
    suite_add(a_thousand_operations_pass_through_a_ring_of_four);
    suite_add(an_overflowed_queue_is_emptied);
    suite_add(the_host_runs_though_every_slot_is_taken);
    suite_add(a_task_that_sleeps_lets_the_host_sleep);
    suite_add(a_sleep_is_not_cut_short_by_what_the_host_did_before);
    suite_add(a_completion_wakes_the_host_once);
    suite_add(a_signal_without_a_completion_is_harmless);
    suite_add(a_task_that_never_waits_lets_the_host_run);
    suite_add(ping_pong_with_another_thread_loses_no_wake_up);
    suite_add(a_foreign_descriptor_is_waited_for_to_read_and_to_write);
    suite_add(a_foreign_loop_is_watched_by_ours);
    suite_add(what_the_host_left_unread_wakes_it_again);
    suite_add(tasks_that_all_end_at_once_do_not_wait_for_the_host);
    suite_add(the_host_runs_at_its_time_out_and_not_before);
    suite_add(a_loop_that_watched_a_host_releases_it);
    suite_add(a_loop_without_its_bridge_runs_by_itself_again);
    suite_add(a_bridge_without_a_free_descriptor_is_refused);
    suite_add_unless(without_defer_taskrun(),
                     the_fd_of_a_ring_that_defers_is_refused);
    suite_add(another_thread_is_stopped_at_the_ring);
    return suite_end();
}
