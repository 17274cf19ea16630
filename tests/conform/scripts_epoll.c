/* scripts_epoll.c: epoll, and a ring that polls an epoll descriptor. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "conform.h"
#include "err.h"
#include "ring_register.h"
#include "sys.h"
#include "sys_process.h"

static int epoll_fd; /* watches the pipe, after watch_pipe */

static void control(int op, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(epoll_fd, op, fd, &event) < 0)
        script_say("%s", err_name(-errno));
}

static void watch_pipe(unsigned events)
{
    script_pipe();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    control(EPOLL_CTL_ADD, script_fds[0], events);
}

/* Does not wait. */
static void look(void)
{
    struct epoll_event event;
    int count = epoll_wait(epoll_fd, &event, 1, 0);

    if (count == 1)
        script_say("epoll reports %#x", (unsigned)event.events);
    else
        script_say("epoll reports nothing");
}

static void level(void)
{
    watch_pipe(EPOLLIN);
    look();
    script_write("ab");
    look();
    script_read(1, 1);
    script_see(1);
    look();
    script_read(2, 1);
    script_see(1);
    look();
}

static void edge(void)
{
    watch_pipe(EPOLLIN | EPOLLET);
    script_write("a");
    look();
    look();
    script_write("b");
    look();
    script_write("c");
    script_read(1, 8);
    script_see(1);
    look();
}

static void edge_of_a_ready_file(void)
{
    watch_pipe(EPOLLIN | EPOLLET);
    script_write("a");
    look();
    control(EPOLL_CTL_MOD, script_fds[0], EPOLLIN | EPOLLET);
    look();
    look();
}

static void one_shot(void)
{
    watch_pipe(EPOLLIN | EPOLLONESHOT);
    script_write("a");
    look();
    script_write("b");
    look();
    control(EPOLL_CTL_MOD, script_fds[0], EPOLLIN | EPOLLONESHOT);
    look();
    look();
}

static void end_of_the_bytes(void)
{
    watch_pipe(0);
    look();
    sys_close(script_fds[1]);
    look();
}

static void refused(void)
{
    watch_pipe(EPOLLIN);
    control(EPOLL_CTL_ADD, script_fds[0], EPOLLIN);
    control(EPOLL_CTL_DEL, script_fds[1], 0);
    control(EPOLL_CTL_MOD, script_fds[1], EPOLLOUT);
    control(EPOLL_CTL_ADD, stage_file("text"), EPOLLIN);
    control(EPOLL_CTL_ADD, epoll_fd, EPOLLIN);
}

static void closed_file(void)
{
    watch_pipe(EPOLLIN);
    script_write("a");
    look();
    sys_close(script_fds[0]);
    look();
    script_pipe(); /* the descriptor has the same number */
    control(EPOLL_CTL_MOD, script_fds[0], EPOLLIN);
}

static void poll_of_epoll(void)
{
    watch_pipe(EPOLLIN);
    io_uring_prep_poll_add(script_sqe(1), epoll_fd, POLLIN);
    script_see(0);
    script_write("a");
    script_see(1);
    io_uring_prep_poll_add(script_sqe(2), epoll_fd, POLLIN);
    script_see(1);
    look();
}

static void poll_of_spent_epoll(void)
{
    watch_pipe(EPOLLIN | EPOLLONESHOT);
    script_write("a");
    look();
    io_uring_prep_poll_add(script_sqe(1), epoll_fd, POLLIN);
    script_see(0);
    control(EPOLL_CTL_MOD, script_fds[0], EPOLLIN);
    script_see(1);
}

static void ring_by_epoll(void)
{
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    control(EPOLL_CTL_ADD, script_ring.uring.ring_fd, EPOLLIN);
    look();
    io_uring_prep_nop(script_sqe(1));
    ring_enter(&script_ring, 0, 0);
    look();
    script_see(1);
    look();
}

/* Makes an eventfd of the ring, and watches it. */
static int watch_signals(void)
{
    int fd = sys_hint_fd();

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    control(EPOLL_CTL_ADD, fd, EPOLLIN);
    if (ring_register_eventfd(&script_ring, fd) < 0)
        script_say("no eventfd");
    return fd;
}

static void signal_before_the_completion(void)
{
    int fd = watch_signals();

    script_pipe();
    script_read(1, 8);
    script_see(0);
    sys_event_signal(script_fds[1]);
    stage_settle();
    look();
    script_say("the CQ has %s", ring_has_next(&script_ring) ? "one" : "none");
    script_see(1);
    sys_hint_take(fd);
    look();
}

static void signals_are_off(void)
{
    watch_signals();
    ring_signal_eventfd(&script_ring, false);
    io_uring_prep_nop(script_sqe(1));
    script_see(1);
    look();
    ring_signal_eventfd(&script_ring, true);
    io_uring_prep_nop(script_sqe(2));
    script_see(1);
    look();
}

/* The signal for its completion may be lost, and the completion is not. */
static void wait_for_another_eventfd(void)
{
    static uint64_t sum;
    int other = sys_event_fd();

    watch_signals();
    for (unsigned data = 1; data < 4; data++) {
        io_uring_prep_read(script_sqe(data), other, &sum, sizeof sum, 0);
        script_see(0);
        sys_event_signal(other);
        stage_settle();
        script_see(1);
    }
}

/* Each completion signals the eventfd, which completes the next read. */
static void own_eventfd(void)
{
    static uint64_t sum;
    int fd = watch_signals();

    io_uring_prep_read(script_sqe(1), fd, &sum, sizeof sum, 0);
    script_see(0);
    io_uring_prep_nop(script_sqe(2));
    script_see(2);
    look();
    for (unsigned data = 3; data < 6; data++) {
        io_uring_prep_read(script_sqe(data), fd, &sum, sizeof sum, 0);
        script_see(1);
        look();
    }
}

const struct script scripts_epoll[] = {
    {"epoll reports a pipe by level until its bytes are read", level},
    {"with EPOLLET epoll reports each write once", edge},
    {"with EPOLLET an EPOLL_CTL_MOD reports a ready file once more",
     edge_of_a_ready_file},
    {"with EPOLLONESHOT epoll reports a file once until EPOLL_CTL_MOD",
     one_shot},
    {"epoll reports a hang-up that was not requested", end_of_the_bytes},
    {"epoll refuses a regular file, itself, and a second entry", refused},
    {"a closed file leaves its epoll descriptor", closed_file},
    {"a poll of an epoll descriptor waits for the files that it watches",
     poll_of_epoll},
    {"a poll of an epoll descriptor ignores a spent EPOLLONESHOT",
     poll_of_spent_epoll},
    {"epoll reports a ring while its CQ has entries", ring_by_epoll},
    {"with DEFER_TASKRUN the eventfd is signalled before the completion",
     signal_before_the_completion},
    {"a completion does not signal the eventfd while signals are off",
     signals_are_off},
    {"a wait for another eventfd completes in an enter",
     wait_for_another_eventfd},
    {"a ring that reads its own eventfd signals it again", own_eventfd},
    {NULL, NULL},
};
