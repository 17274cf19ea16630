/* bridge_watch.c: our loop watches a foreign one and waits in its place;
 * bridges that are made, refused and finished. */
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

#include "children.h"
#include "hosts.h"

/* The bridge in the other direction: our loop watches the descriptor of an
 * epoll set. A foreign loop would read that set. */
static int await_epoll(void *arg)
{
    struct epoll_event event;
    int epoll_fd = *(int *)arg;

    check(await_poll(epoll_fd, POLLIN) & POLLIN);
    check(epoll_wait(epoll_fd, &event, 1, 0) == 1);
    return event.data.fd;
}

TEST(our_loop_watches_a_foreign_loop)
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

static int open_fds(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

TEST(a_loop_runs_by_itself_after_its_bridge_is_finished)
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

/* A bridge that watches its host, and an epoll set with one eventfd in it. */
struct watched {
    struct loop loop;
    struct bridge bridge;
    struct task task;
    struct late late; /* what the task reads */
    int epoll_fd, event_fd;
};

static void watched_init_with(struct watched *watched,
                              const struct loop_options *options)
{
    struct epoll_event event = {.events = EPOLLIN};

    memset(watched, 0, sizeof *watched);
    watched->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watched->event_fd = eventfd(0, EFD_NONBLOCK);
    check(epoll_ctl(watched->epoll_fd, EPOLL_CTL_ADD, watched->event_fd,
                    &event) == 0);
    check_ring(loop_init(&watched->loop, options));
    check_res(bridge_init(&watched->bridge, &watched->loop, BRIDGE_HOST_FD), 0);
    check(pipe(watched->late.fds) == 0);
    watched->late.host = calloc(1, sizeof *watched->late.host);
    check_res(task_spawn(&watched->task, "reader", await_byte, &watched->late),
              0);
}

static void watched_init(struct watched *watched)
{
    watched_init_with(watched, NULL);
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
}

TEST(an_event_that_the_host_left_unread_wakes_the_host_again)
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

static int do_nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* More than one iteration runs: the last ones end in the second, and then there
 * is nothing to wait for. */
#define FLOOD (LOOP_TASK_BUDGET + 40)

TEST(bridge_wait_returns_if_all_tasks_end_at_once)
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

TEST(bridge_wait_returns_at_the_hosts_timeout_and_not_before)
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

/* The host goes on after its last task: it has a timer and events. */
TEST(a_wait_without_tasks_sleeps_until_its_time_out)
{
    struct watched watched;
    uint64_t before_ns;

    watched_init(&watched);
    watched_let_end(&watched);
    for (int i = 0; i < 3; i++) {
        before_ns = sys_now_ns();
        check_res(wait_ms(&watched, 5), 1);
        check(sys_now_ns() - before_ns >= 5000000);
    }
    watched_finish(&watched);
}

TEST(a_wait_without_tasks_ends_at_an_event_of_the_host)
{
    struct watched watched;
    uint64_t one = 1;

    watched_init(&watched);
    watched_let_end(&watched);
    check(write(watched.event_fd, &one, sizeof one) == sizeof one);
    check_res(wait_ms(&watched, -1), 1);
    watched_finish(&watched);
}

/* The task's read has the only slot, so the loop cannot poll the host's fd. */
TEST(a_loop_without_a_slot_lets_the_host_look_every_millisecond)
{
    struct loop_options options = {.ring = {.sq_entries = 1, .cq_entries = 1}};
    struct watched watched;

    watched_init_with(&watched, &options);
    for (int i = 0; i < 3; i++) {
        check_res(wait_ms(&watched, -1), 1);
        check(!loop_has_slot());
        check_res(wait_ms(&watched, 100000), 1);
    }
    check(write(watched.late.fds[1], "x", 1) == 1);
    while (!bridge_is_idle(&watched.bridge))
        check(wait_ms(&watched, -1) >= 0);
    check_res(watched.task.result, 'x');
    watched_finish(&watched);
}

/* The host sees the error when it polls the descriptor itself. */
TEST(a_host_fd_that_cannot_be_polled_is_left_to_the_host)
{
    struct watched watched;

    watched_init(&watched);
    check_res(bridge_wait(&watched.bridge, -1, -1), 1);
    watched_let_end(&watched);
    watched_finish(&watched);
}

static void timer_on_fire(struct timer *timer)
{
    (void)timer;
}

TEST(a_timer_fires_during_a_wait_without_tasks)
{
    struct timer timer = {.fire = timer_on_fire};
    unsigned calls = 0;
    struct watched watched;

    watched_init(&watched);
    watched_let_end(&watched);
    check_res(loop_call_later(&timer, 5000000), 0); /* ns */
    while (timer_is_armed(&timer)) {
        check_res(wait_ms(&watched, -1), 0);
        ck_assert_uint_le(++calls, 10); /* it sleeps, and does not spin */
    }
    watched_finish(&watched);
}

TEST(the_wait_in_which_the_last_task_ends_returns_at_once)
{
    static struct task task;
    struct watched watched;

    watched_init(&watched);
    watched_let_end(&watched);
    check_res(task_spawn(&task, "last", do_nothing, NULL), 0);
    check_res(wait_ms(&watched, -1), 0);
    check(bridge_is_idle(&watched.bridge));
    watched_finish(&watched);
}

TEST(bridge_finish_stops_watching_the_host)
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

TEST(the_fd_of_a_deferred_ring_is_refused)
{
    struct bridge bridge;
    struct loop loop;

    check_ring(loop_init(&loop, NULL));
    check_res(bridge_init(&bridge, &loop, BRIDGE_RING_FD), -EINVAL);
    bridge_finish(&bridge);
    loop_finish(&loop);
}

/* A host that looks at the ring from time to time would finish its work without
 * the signal, too. So this test looks at the eventfd alone. */
TEST(the_kernel_signals_the_eventfd_of_a_bridge)
{
    struct loop_options options = {.ring.plain = true};
    struct pollfd ready = {.events = POLLIN};
    struct bridge bridge;
    struct loop loop;

    check_ring(loop_init(&loop, &options));
    check_res(bridge_init(&bridge, &loop, BRIDGE_EVENTFD), 0);
    ready.fd = bridge.fd;
    check(poll(&ready, 1, 0) == 0);
    io_uring_prep_nop(ring_sqe(&loop.ring, HANDLE_NONE));
    check_res(ring_enter(&loop.ring, 0, 0), 0);
    check(poll(&ready, 1, 10000) == 1);
    bridge_finish(&bridge);
    loop_finish(&loop);
}

static void *run_foreign_bridge(void *arg)
{
    struct bridge *bridge = arg;

    /* Something to do, so that it cannot get away with looking only. */
    bridge->loop->ring.counters.sqes++;
    (void)ring_sqe(&bridge->loop->ring, HANDLE_NONE);
    return NULL;
}

TEST(running_the_bridge_in_another_thread_is_asserted)
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
    check(children_wait(child, &status, 0) == child);
    check(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    suite_begin("bridge_watch");
    suite_add(our_loop_watches_a_foreign_loop);
    suite_add(an_event_that_the_host_left_unread_wakes_the_host_again);
    suite_add(bridge_wait_returns_if_all_tasks_end_at_once);
    suite_add(bridge_wait_returns_at_the_hosts_timeout_and_not_before);
    suite_add(a_wait_without_tasks_sleeps_until_its_time_out);
    suite_add(a_wait_without_tasks_ends_at_an_event_of_the_host);
    suite_add(a_loop_without_a_slot_lets_the_host_look_every_millisecond);
    suite_add(a_host_fd_that_cannot_be_polled_is_left_to_the_host);
    suite_add(a_timer_fires_during_a_wait_without_tasks);
    suite_add(the_wait_in_which_the_last_task_ends_returns_at_once);
    suite_add(bridge_finish_stops_watching_the_host);
    suite_add(a_loop_runs_by_itself_after_its_bridge_is_finished);
    suite_add(a_bridge_without_a_free_descriptor_is_refused);
    suite_add_unless(without_defer_taskrun(),
                     the_fd_of_a_deferred_ring_is_refused);
    suite_add(the_kernel_signals_the_eventfd_of_a_bridge);
    suite_add(running_the_bridge_in_another_thread_is_asserted);
    return suite_end();
}
