/* await_cancel.c: what a cancel or a deadline does to operations: the
 * operation's own completion ends it, and no result is lost. */
#include "await.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "awaiting.h"
#include "random.h"

static int open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    check(dir != NULL);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

TASK_TEST(when_a_deadline_is_reported_the_operation_has_ended)
{
    char buf[4] = "###";

    make_sockets();
    deadline_set_ns(2 * MS);
    check_res(await_recv(ends[0], buf, 3, 0), -ETIME);
    deadline_clear();
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    /* No other task can take the message, and the kernel did not write to the
     * buffer. */
    check_res(await_send(ends[1], "abc", 3, 0), 3);
    ck_assert_str_eq(buf, "###");
    check_res(await_recv(ends[0], buf, 3, 0), 3);
    ck_assert_str_eq(buf, "abc");
    close_ends();
    return 0;
}

TASK_TEST(a_deadline_is_reported_once)
{
    char byte;

    make_sockets();
    deadline_set_ns(1 * MS);
    check_res(await_recv(ends[0], &byte, 1, 0), -ETIME);
    /* It was delivered: what comes now is not hurried. */
    check_res(await_sleep_ns(3 * MS), 0);
    deadline_set_ns(1 * MS);
    check_res(await_sleep_ns(1000 * MS), -ETIME);
    deadline_set_ns(1000 * MS);
    check_res(await_sleep_ns(1 * MS), 0);
    deadline_clear();
    ck_assert_uint_le(loop.sched.timers.count, 1); /* the idle deadline */
    close_ends();
    return 0;
}

static int read_for_ever(void *arg)
{
    static char buf[4096];
    int fd = await_openat(AT_FDCWD, "/dev/zero", O_RDONLY, 0), got;

    if (arg != NULL)
        deadline_set_ns(5 * MS);
    do {
        got = await_read(fd, buf, sizeof buf, 0);
    } while (got > 0);
    check_res(await_close(fd), 0);
    return got;
}

static int cancel_the_reader(void *arg)
{
    (void)arg;
    spawn(0, read_for_ever);
    check_res(await_sleep_ns(5 * MS), 0);
    task_cancel(&helpers[0]);
    return task_join(&helpers[0]);
}

/* Every read of it is done before a cancel could find it: what is pending is
 * delivered before the next one begins. */
TEST(a_task_whose_operations_never_wait_can_be_cancelled)
{
    static int with_deadline;

    check_res(run(cancel_the_reader, NULL), -ECANCELED);
    check_res(run(read_for_ever, &with_deadline), -ETIME);
}

static int write_after_a_cancel(void *arg)
{
    int fd = await_openat(AT_FDCWD, path, O_WRONLY, 0);

    (void)arg;
    task_cancel(task_current());
    check_res(await_write(fd, "overwritten", 11, 0), -ECANCELED);
    check_res(await_write(fd, "A", 1, 0), 1); /* once: this one counts */
    task_cancel(task_current());
    check_res(await_close(fd), 0);
    check_res(await_nop(), -ECANCELED);
    return await_nop();
}

TEST(a_cancelled_task_starts_no_operation_except_close)
{
    char text[16] = {0};
    int before;

    make_file("abc");
    before = open_fds();
    check_res(run(write_after_a_cancel, NULL), 0);
    ck_assert_int_eq(open_fds(), before);
    ck_assert_int_eq((int)read(open(path, O_RDONLY), text, 15), 3);
    ck_assert_str_eq(text, "Abc");
    unlink(path);
}

static int receive_then_clean_up(void *arg)
{
    char byte;
    int rc = await_recv(ends[0], &byte, 1, 0);

    (void)arg;
    check_res(await_send(ends[0], "bye", 3, 0), 3);
    check_res(await_sleep_ns(1 * MS), 0);
    check_res(await_close(ends[0]), 0);
    return rc;
}

static int cancel_the_receiver(void *arg)
{
    char text[4] = {0};

    (void)arg;
    spawn(0, receive_then_clean_up);
    task_yield();
    task_cancel(&helpers[0]);
    task_cancel(&helpers[0]);
    check_res(await_recv(ends[1], text, 4, MSG_WAITALL), 3);
    ck_assert_str_eq(text, "bye");
    return task_join(&helpers[0]);
}

/* Two operations are started while an interruption is pending; one call returns
 * it. Then nothing ends the other one. */
TASK_TEST(an_operation_that_was_held_back_starts_after_the_interruption)
{
    struct await held;
    char byte = '#';

    make_sockets();
    check_res(await_send(ends[1], "a", 1, 0), 1);
    task_cancel(task_current());
    io_uring_prep_recv(await_start(&held), ends[0], &byte, 1, 0);
    check_res(await_nop(), -ECANCELED);
    ck_assert_int_eq(byte, '#');
    check_res(await_result(&held), 1);
    ck_assert_int_eq(byte, 'a');
    close_ends();
    return 0;
}

TASK_TEST(an_operation_that_was_held_back_and_cancelled_never_starts)
{
    struct await held;
    char byte = '#';

    make_sockets();
    check_res(await_send(ends[1], "a", 1, 0), 1);
    task_cancel(task_current());
    io_uring_prep_recv(await_start(&held), ends[0], &byte, 1, 0);
    check_res(await_nop(), -ECANCELED);
    cancel_await(&held);
    check_res(await_result(&held), -ECANCELED);
    ck_assert_int_eq(byte, '#');
    check_res(await_recv(ends[0], &byte, 1, 0), 1);
    ck_assert_int_eq(byte, 'a');
    close_ends();
    return 0;
}

TASK_TEST(a_cancelled_operation_ends_with_its_own_result)
{
    struct await await;
    char byte = '#';

    make_sockets();
    io_uring_prep_recv(await_start(&await), ends[0], &byte, 1, 0);
    cancel_await(&await);
    check_res(await_result(&await), -ECANCELED);
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    close_ends();
    return 0;
}

TEST(a_cancelled_task_may_wait_while_it_cleans_up)
{
    make_sockets();
    check_res(run(cancel_the_receiver, NULL), -ECANCELED);
    close(ends[1]);
}

static int sleep_long(void *arg)
{
    (void)arg;
    return await_sleep_ns(TIMER_NEVER);
}

TASK_TEST(a_cancelled_sleep_leaves_no_timer)
{
    spawn(0, sleep_long);
    check_res(await_nop(), 0);
    ck_assert_uint_eq(loop.sched.timers.count, 1);
    task_cancel(&helpers[0]);
    check_res(task_join(&helpers[0]), -ECANCELED);
    ck_assert_uint_eq(loop.sched.timers.count, 0);
    return 0;
}

static int open_the_fifo(void *arg)
{
    (void)arg;
    /* O_CREAT: else the kernel tries O_NONBLOCK first, which opens a FIFO. */
    return await_openat(AT_FDCWD, path, O_RDONLY | O_CREAT, 0600);
}

static int cancel_the_opener(void *arg)
{
    (void)arg;
    spawn(0, open_the_fifo);
    check_res(await_sleep_ns(2 * MS), 0);
    ck_assert_int_eq(helpers[0].state, TASK_PARKED);
    task_cancel(&helpers[0]);
    return task_join(&helpers[0]);
}

/* The kernel answers such a cancel with -EALREADY, as a helper thread sits in
 * the open; what counts is how the open ends. */
TEST(a_cancel_ends_an_operation_in_an_io_wq_worker)
{
    int before;

    name_file();
    check_res(mkfifo(path, 0600), 0);
    before = open_fds();
    check_res(run(cancel_the_opener, NULL), -ECANCELED);
    ck_assert_int_eq(open_fds(), before);
    unlink(path);
}

#define ROUNDS 3000

static struct random random_state = {7};

static int send_numbers(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned char number = (unsigned char)i;

        check_res(await_sleep_ns(random_below(&random_state, 40000)), 0);
        check_res(await_send(ends[1], &number, 1, 0), 1);
    }
    return 0;
}

/* Half of the receptions run into their deadline; every byte comes, in
 * order. */
TASK_TEST(no_byte_is_lost_in_three_thousand_races_with_a_deadline)
{
    unsigned received = 0, late = 0;

    make_sockets();
    spawn(0, send_numbers);
    while (received < ROUNDS) {
        unsigned char number;
        int rc;

        deadline_set_ns(random_below(&random_state, 40000));
        rc = await_recv(ends[0], &number, 1, 0);
        deadline_clear();
        if (rc == -ETIME) {
            late++;
            continue;
        }
        check_res(rc, 1);
        ck_assert_uint_eq(number, received & 255);
        received++;
    }
    ck_assert_uint_gt(late, 0);
    check_res(task_join(&helpers[0]), 0);
    close_ends();
    return 0;
}

static struct sockaddr_un unix_address = {.sun_family = AF_UNIX};

#define CONNECTIONS 500

static int connect_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = sys_socket(AF_UNIX, SOCK_STREAM, 0);

        check_res(await_sleep_ns(random_below(&random_state, 40000)), 0);
        check_res(await_connect(fd, (struct sockaddr *)&unix_address,
                                sizeof unix_address), 0);
        check_res(await_close(fd), 0);
    }
    return 0;
}

static int accept_often(void *arg)
{
    int accepted = 0;

    spawn(0, connect_often);
    while (accepted < CONNECTIONS) {
        int fd;

        deadline_set_ns(random_below(&random_state, 40000));
        fd = await_accept(*(int *)arg, NULL, NULL);
        deadline_clear();
        if (fd == -ETIME)
            continue;
        check(fd >= 0);
        check_res(await_close(fd), 0);
        accepted++;
    }
    return task_join(&helpers[0]);
}

/* A connection that arrives with the cancel is returned. */
TEST(no_connection_is_lost_in_races_with_a_deadline)
{
    int listener = sys_socket(AF_UNIX, SOCK_STREAM, 0), before;

    /* An abstract name, which leaves no file: it begins with a NUL. */
    snprintf(unix_address.sun_path + 1, 32, "one-ring-%d", (int)getpid());
    check_res(sys_bind(listener, (struct sockaddr *)&unix_address,
                       sizeof unix_address), 0);
    check_res(sys_listen(listener, 64), 0);
    before = open_fds();
    check_res(run(accept_often, &listener), 0);
    ck_assert_int_eq(open_fds(), before);
    close(listener);
}

int main(void)
{
    suite_begin("await_cancel");
    suite_add(when_a_deadline_is_reported_the_operation_has_ended);
    suite_add(a_deadline_is_reported_once);
    suite_add(a_task_whose_operations_never_wait_can_be_cancelled);
    suite_add(a_cancelled_task_starts_no_operation_except_close);
    suite_add(an_operation_that_was_held_back_starts_after_the_interruption);
    suite_add(an_operation_that_was_held_back_and_cancelled_never_starts);
    suite_add(a_cancelled_operation_ends_with_its_own_result);
    suite_add(a_cancelled_task_may_wait_while_it_cleans_up);
    suite_add(a_cancelled_sleep_leaves_no_timer);
    suite_add(a_cancel_ends_an_operation_in_an_io_wq_worker);
    suite_add(no_byte_is_lost_in_three_thousand_races_with_a_deadline);
    suite_add(no_connection_is_lost_in_races_with_a_deadline);
    return suite_end();
}
