/* await.c: operations that read straight down, and what a cancel or a deadline
 * does to them: the operation's own completion ends it, and no result is
 * lost. */
#include "await.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "forked.h"
#include "random.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)

static struct task helpers[4];
static char path[256];
static int ends[2];

static void spawn(int i, task_fn *fn)
{
    check_res(task_spawn(&helpers[i], "helper", fn, NULL), 0);
}

/* A name that is free, in the folder that tests/run throws away. */
static void name_file(void)
{
    const char *dir = getenv("TMPDIR");

    snprintf(path, sizeof path, "%s/await.%d", dir != NULL ? dir : "/tmp",
             (int)getpid());
    unlink(path);
}

static void make_file(const char *text)
{
    FILE *file;

    name_file();
    file = fopen(path, "we");
    check(file != NULL);
    fputs(text, file);
    fclose(file);
}

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

static void make_sockets(void)
{
    check_res(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

static void make_pipe(void)
{
    check_res(pipe(ends), 0);
}

static void close_ends(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* --- each operation does what its system call does ------------------------ */

static int use_a_file(void *arg)
{
    char text[32] = {0};
    struct statx info;
    int fd = await_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, 0600);

    (void)arg;
    check(fd >= 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    check_res(await_write_all(fd, "hello, ring", 11, 0), 0);
    check_res(await_write(fd, "R", 1, 7), 1);
    check_res(await_read(fd, text, sizeof text, 0), 11);
    ck_assert_str_eq(text, "hello, Ring");
    check_res(await_read(fd, text, sizeof text, 11), 0);
    check_res(await_read(fd, text, 3, AWAIT_STREAM), 3);
    check_res(await_read(fd, text, 4, AWAIT_STREAM), 4);
    ck_assert_int_eq(memcmp(text, "lo, ", 4), 0);
    check_res(await_fsync(fd, 0), 0);
    check_res(await_fsync(fd, IORING_FSYNC_DATASYNC), 0);
    check_res(await_statx(AT_FDCWD, path, 0, STATX_SIZE, &info), 0);
    ck_assert_uint_eq(info.stx_size, 11);
    check_res(await_close(fd), 0);
    check_res(await_close(fd), -EBADF);
    return 0;
}

TEST(a_file_is_written_read_measured_and_closed)
{
    name_file();
    check_res(run(use_a_file, NULL), 0);
    unlink(path);
}

static int use_vectors(void *arg)
{
    char a[4] = "abc", b[4] = "def", c[7] = {0};
    struct iovec out[2] = {{a, 3}, {b, 3}}, in[1] = {{c, 6}};
    int fd = await_openat(AT_FDCWD, path, O_RDWR | O_CREAT, 0600);

    (void)arg;
    check_res(await_writev(fd, out, 2, 0), 6);
    check_res(await_readv(fd, in, 1, 0), 6);
    ck_assert_str_eq(c, "abcdef");
    return await_close(fd);
}

TEST(vectors_are_written_and_read)
{
    name_file();
    check_res(run(use_vectors, NULL), 0);
    unlink(path);
}

static int far_into_a_file(void *arg)
{
    const uint64_t far = (UINT64_C(5) << 30) + 1;
    char byte = 0;
    int fd = await_openat(AT_FDCWD, path, O_RDWR | O_CREAT, 0600);

    (void)arg;
    check_res(await_write(fd, "x", 1, far), 1);
    check_res(await_read(fd, &byte, 1, far), 1);
    ck_assert_int_eq(byte, 'x');
    check_res(await_read(fd, &byte, 1, far - 1), 1);
    ck_assert_int_eq(byte, 0);
    return await_close(fd);
}

TEST(offsets_go_beyond_four_gigabytes)
{
    name_file();
    check_res(run(far_into_a_file, NULL), 0);
    unlink(path);
}

static int rename_and_remove(void *arg)
{
    char other[300];
    struct statx info;

    (void)arg;
    snprintf(other, sizeof other, "%s.other", path);
    check_res(await_renameat(AT_FDCWD, path, AT_FDCWD, other), 0);
    check_res(await_statx(AT_FDCWD, path, 0, STATX_SIZE, &info), -ENOENT);
    check_res(await_unlinkat(AT_FDCWD, other, 0), 0);
    check_res(await_unlinkat(AT_FDCWD, other, 0), -ENOENT);
    return 0;
}

TEST(a_file_is_renamed_and_removed)
{
    make_file("x");
    check_res(run(rename_and_remove, NULL), 0);
}

static int fail_in_many_ways(void *arg)
{
    struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
    char byte;
    int fd;

    (void)arg;
    check_res(await_openat(AT_FDCWD, "/no/such/file", O_RDONLY, 0), -ENOENT);
    check_res(await_openat2(AT_FDCWD, "/etc/passwd", &how), -EXDEV);
    check_res(await_read(-1, &byte, 1, 0), -EBADF);
    fd = await_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
    check(fd >= 0);
    check_res(await_read(fd, &byte, 1, 0), -EISDIR);
    check_res(await_write(fd, "x", 1, 0), -EBADF);
    check_res(await_close(fd), 0);
    check_res(await_shutdown(0, SHUT_WR), -ENOTSOCK);
    return 0;
}

TEST(a_failure_is_the_system_calls_errno)
{
    check_res(run(fail_in_many_ways, NULL), 0);
}

static int serve_one(void *arg)
{
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    char text[16] = {0};
    int fd = await_accept(*(int *)arg, (struct sockaddr *)&peer, &len);

    check(fd >= 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(peer.sin_family, AF_INET);
    check_res(await_recv(fd, text, sizeof text, 0), 4);
    check_res(await_send_all(fd, text, 4), 0);
    check_res(await_recv(fd, text, sizeof text, 0), 0);
    return await_close(fd);
}

static int connect_to_it(void *arg)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    char text[16] = {0};
    int listener = sys_socket(AF_INET, SOCK_STREAM, 0);
    int fd = sys_socket(AF_INET, SOCK_STREAM, 0);

    (void)arg;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check_res(sys_bind(listener, (struct sockaddr *)&address, len), 0);
    check_res(sys_listen(listener, 8), 0);
    check_res(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    check_res(task_spawn(&helpers[0], "server", serve_one, &listener), 0);
    check_res(await_connect(fd, (struct sockaddr *)&address, len), 0);
    check_res(await_send(fd, "ping", 4, 0), 4);
    check_res(await_recv(fd, text, sizeof text, 0), 4);
    ck_assert_str_eq(text, "ping");
    check_res(await_shutdown(fd, SHUT_WR), 0);
    check_res(await_recv(fd, text, sizeof text, 0), 0);
    check_res(task_join(&helpers[0]), 0);
    check_res(await_close(fd), 0);
    return await_close(listener);
}

TEST(a_connection_is_accepted_used_and_shut_down)
{
    check_res(run(connect_to_it, NULL), 0);
}

static int exchange_messages(void *arg)
{
    char a[2] = "ab", b[2] = "cd", c[4] = {0};
    struct iovec out[2] = {{a, 2}, {b, 2}}, in[1] = {{c, 4}};
    struct msghdr sent = {.msg_iov = out, .msg_iovlen = 2};
    struct msghdr got = {.msg_iov = in, .msg_iovlen = 1};

    (void)arg;
    check_res(await_sendmsg(ends[0], &sent, 0), 4);
    check_res(await_recvmsg(ends[1], &got, 0), 4);
    ck_assert_int_eq(memcmp(c, "abcd", 4), 0);
    return 0;
}

TEST(messages_are_sent_and_received)
{
    make_sockets();
    check_res(run(exchange_messages, NULL), 0);
    close_ends();
}

static int send_to_nobody(void *arg)
{
    (void)arg;
    close(ends[1]);
    check_res(await_send(ends[0], "x", 1, 0), -EPIPE);
    check_res(await_send_all(ends[0], "x", 1), -EPIPE);
    return 0;
}

/* And no SIGPIPE, which would have ended this process. */
TEST(sending_to_a_peer_that_is_gone_is_an_error_and_no_signal)
{
    make_sockets();
    check_res(run(send_to_nobody, NULL), 0);
}

#define BIG ((size_t)3 << 20)

static unsigned char *big;

static int drain_slowly(void *arg)
{
    static unsigned char got[4096];
    size_t total = 0;
    int len;

    (void)arg;
    while ((len = await_recv(ends[1], got, sizeof got, 0)) > 0) {
        ck_assert_int_eq(memcmp(got, big + total, (size_t)len), 0);
        total += (size_t)len;
    }
    check_res(len, 0);
    return (int)total;
}

static int send_much(void *arg)
{
    (void)arg;
    spawn(0, drain_slowly);
    check_res(await_send_all(ends[0], big, BIG), 0);
    check_res(await_shutdown(ends[0], SHUT_WR), 0);
    return task_join(&helpers[0]);
}

TEST(a_short_send_is_resumed_until_all_is_sent)
{
    struct random random = {5};

    big = malloc(BIG);
    check(big != NULL);
    for (size_t i = 0; i < BIG; i++)
        big[i] = (unsigned char)random_below(&random, 256);
    make_sockets();
    check_res(run(send_much, NULL), BIG);
    close_ends();
    free(big);
}

/* Nothing of Check while the limit holds: its report is a file, too. */
static int write_beyond_the_limit(void *arg)
{
    struct rlimit limit = {5, RLIM_INFINITY};
    char *text = arg;
    int fd = await_openat(AT_FDCWD, path, O_RDWR, 0), result;

    setrlimit(RLIMIT_FSIZE, &limit);
    result = await_write_all(fd, "0123456789", 10, 0);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    check_res(await_read(fd, text, 15, 0), 5);
    check_res(await_close(fd), 0);
    return result;
}

/* The limit lets half of it through, and refuses what comes behind that. */
TEST(a_short_write_is_resumed_behind_what_was_written)
{
    char text[16] = {0};

    make_file("");
    check_res(sys_ignore_signal(SIGXFSZ), 0);
    check_res(run(write_beyond_the_limit, text), -EFBIG);
    ck_assert_str_eq(text, "01234");
    unlink(path);
}

static int splice_through(void *arg)
{
    int fd = await_openat(AT_FDCWD, path, O_RDONLY, 0);
    char text[8] = {0};

    (void)arg;
    check_res(await_splice(fd, 2, ends[1], -1, 4), 4);
    check_res(await_read(ends[0], text, sizeof text, AWAIT_STREAM), 4);
    ck_assert_str_eq(text, "cdef");
    return await_close(fd);
}

TEST(splice_moves_bytes_into_a_pipe)
{
    make_file("abcdefgh");
    make_pipe();
    check_res(run(splice_through, NULL), 0);
    close_ends();
    unlink(path);
}

static int two_at_once(void *arg)
{
    struct await reading, writing;
    char byte = 0;

    (void)arg;
    io_uring_prep_read(await_start(&reading), ends[0], &byte, 1, AWAIT_STREAM);
    io_uring_prep_write(await_start(&writing), ends[1], "z", 1, AWAIT_STREAM);
    check_res(await_result(&reading), 1);
    check_res(await_result(&writing), 1);
    ck_assert_int_eq(byte, 'z');
    return 0;
}

TEST(one_task_may_have_two_operations_in_flight)
{
    make_pipe();
    check_res(run(two_at_once, NULL), 0);
    close_ends();
}

/* --- deadlines and cancels ------------------------------------------------ */

static int receive_too_late(void *arg)
{
    char buf[4] = "###";

    (void)arg;
    deadline_set_ns(2 * MS);
    check_res(await_recv(ends[0], buf, 3, 0), -ETIME);
    deadline_clear();
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    /* Nobody else is there to take it, and nobody wrote to the buffer. */
    check_res(await_send(ends[1], "abc", 3, 0), 3);
    ck_assert_str_eq(buf, "###");
    check_res(await_recv(ends[0], buf, 3, 0), 3);
    ck_assert_str_eq(buf, "abc");
    return 0;
}

/* FAILURES B-21, PITFALLS 25. */
TEST(when_a_deadline_is_reported_the_operation_has_ended)
{
    make_sockets();
    check_res(run(receive_too_late, NULL), 0);
    close_ends();
}

static int late_twice(void *arg)
{
    char byte;

    (void)arg;
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
    return 0;
}

TEST(a_deadline_is_reported_once)
{
    make_sockets();
    check_res(run(late_twice, NULL), 0);
    close_ends();
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
TEST(a_task_whose_operations_never_wait_can_still_be_stopped)
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

/* FAILURES D-13. */
TEST(a_cancelled_task_begins_nothing_but_may_close)
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

TEST(a_cancelled_task_may_clean_up_at_leisure)
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

static int cancel_the_sleeper(void *arg)
{
    (void)arg;
    spawn(0, sleep_long);
    check_res(await_nop(), 0);
    ck_assert_uint_eq(loop.sched.timers.count, 1);
    task_cancel(&helpers[0]);
    check_res(task_join(&helpers[0]), -ECANCELED);
    ck_assert_uint_eq(loop.sched.timers.count, 0);
    return 0;
}

TEST(a_cancelled_sleep_leaves_no_timer)
{
    check_res(run(cancel_the_sleeper, NULL), 0);
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

/* FAILURES B-22: the kernel answers such a cancel with -EALREADY, as a helper
 * thread sits in the open; what counts is how the open ends. */
TEST(an_operation_in_a_helper_thread_is_cancelled_too)
{
    int before;

    name_file();
    check_res(mkfifo(path, 0600), 0);
    before = open_fds();
    check_res(run(cancel_the_opener, NULL), -ECANCELED);
    ck_assert_int_eq(open_fds(), before);
    unlink(path);
}

/* --- races: a result that comes together with the cancel ------------------ */

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
static int receive_numbers(void *arg)
{
    unsigned received = 0, late = 0;

    (void)arg;
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
    return task_join(&helpers[0]);
}

/* FAILURES D-14, B-23, PITFALLS 59. */
TEST(no_byte_is_lost_in_three_thousand_races_with_a_deadline)
{
    make_sockets();
    check_res(run(receive_numbers, NULL), 0);
    close_ends();
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

/* FAILURES B-23: a connection that arrives with the cancel is returned. */
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

/* --- who owns what -------------------------------------------------------- */

static int read_old_pipe(void *arg)
{
    char byte = 0;
    int rc = await_read(*(int *)arg, &byte, 1, AWAIT_STREAM);

    return rc == 1 ? byte : rc;
}

/* The read is in the SQ when the close is asked for, and goes first. */
static int close_and_reuse(void *arg)
{
    int old_end = ends[0], old_writer = ends[1];

    (void)arg;
    check_res(task_spawn(&helpers[0], "reader", read_old_pipe, &old_end), 0);
    task_yield();
    check_res(await_close(old_end), 0);
    make_pipe();
    ck_assert_int_eq(ends[0], old_end);
    check_res(await_write(ends[1], "S", 1, AWAIT_STREAM), 1);
    check_res(await_write(old_writer, "o", 1, AWAIT_STREAM), 1);
    check_res(task_join(&helpers[0]), 'o');
    return await_close(old_writer);
}

/* FAILURES B-13. */
TEST(a_read_that_was_asked_for_before_a_close_reads_the_old_file)
{
    make_pipe();
    check_res(run(close_and_reuse, NULL), 0);
    close_ends();
}

#define SHARED_LEN 64

/* Not static: an access to a variable whose address is known is not checked. */
static char *shared;

static int receive_shared(void *arg)
{
    (void)arg;
    return await_recv(ends[0], shared, SHARED_LEN, 0);
}

static int touch_shared(void *arg)
{
    (void)arg;
    spawn(0, receive_shared);
    task_yield();
    shared[10]++;
    return 0;
}

static void touch_in_flight(void)
{
    make_sockets();
    shared = calloc(1, SHARED_LEN);
    run(touch_shared, NULL);
}

static int use_shared_again(void *arg)
{
    (void)arg;
    spawn(0, receive_shared);
    check_res(await_send(ends[1], "abc", 3, 0), 3);
    check_res(task_join(&helpers[0]), 3);
    shared[10]++;
    ck_assert_int_eq(memcmp(shared, "abc", 3), 0);
    return 0;
}

/* FAILURES C-04: in the ASan build the line that does it is the one that
 * stops. */
TEST(touching_a_buffer_that_the_kernel_owns_is_caught)
{
    check(forked_faults(touch_in_flight));
}

TEST(a_buffer_is_the_callers_again_when_its_operation_has_ended)
{
    make_sockets();
    shared = calloc(1, SHARED_LEN);
    check_res(run(use_shared_again, NULL), 0);
    free(shared);
    close_ends();
}

static int send_big(void *arg)
{
    (void)arg;
    return await_send_all(ends[0], big, BIG);
}

static int read_while_it_is_sent(void *arg)
{
    (void)arg;
    spawn(0, send_big);
    check_res(await_nop(), 0);
    ck_assert_int_eq(helpers[0].state, TASK_PARKED);
    ck_assert_int_eq(big[BIG / 2], 0);
    spawn(1, drain_slowly);
    check_res(task_join(&helpers[0]), 0);
    check_res(await_shutdown(ends[0], SHUT_WR), 0);
    return task_join(&helpers[1]);
}

/* Two clients are sent one page: it may be looked at, but not changed. */
TEST(what_is_being_sent_may_still_be_read)
{
    make_sockets();
    big = calloc(1, BIG);
    check_res(run(read_while_it_is_sent, NULL), BIG);
    free(big);
    close_ends();
}

/* --- sleeping and polling ------------------------------------------------- */

static int sleep_in_turn(void *arg)
{
    static const uint64_t delays_ms[] = {3, 1, 2};
    static int woken;
    int i = *(int *)arg;

    check_res(await_sleep_ns(delays_ms[i] * MS), 0);
    ck_assert_int_eq(++woken, (int)delays_ms[i]);
    return 0;
}

static int start_sleepers(void *arg)
{
    static int numbers[3] = {0, 1, 2};
    uint64_t began_ns = loop_now_ns();

    (void)arg;
    for (int i = 0; i < 3; i++)
        check_res(task_spawn(&helpers[i], "sleeper", sleep_in_turn,
                             &numbers[i]), 0);
    for (int i = 0; i < 3; i++)
        check_res(task_join(&helpers[i]), 0);
    ck_assert_uint_ge(sys_now_ns() - began_ns, 3 * MS);
    return 0;
}

TEST(sleepers_wake_in_the_order_of_their_times)
{
    check_res(run(start_sleepers, NULL), 0);
}

static int sleep_with_a_deadline(void *arg)
{
    (void)arg;
    deadline_set_ns(1000 * MS);
    return await_sleep_ns(1 * MS);
}

static int all_sleep_with_deadlines(void *arg)
{
    static struct task tasks[200];

    (void)arg;
    deadline_set_ns(1000 * MS);
    for (int i = 0; i < 200; i++)
        check_res(task_spawn(&tasks[i], "sleeper", sleep_with_a_deadline,
                             NULL), 0);
    for (int i = 0; i < 200; i++)
        check_res(task_join(&tasks[i]), 0);
    return 0;
}

TEST(every_task_has_room_for_a_deadline_and_a_sleep)
{
    struct loop_options options = {.ring = ring_from_environment(),
                                   .tasks_max = 201,
                                   .timers_max = 1};

    check_ring(loop_init(&loop, &options));
    check_res(loop_run(&loop, all_sleep_with_deadlines, NULL), 0);
    loop_finish(&loop);
}

static int poll_both_ways(void *arg)
{
    (void)arg;
    check_res(await_poll(ends[0], POLLIN | POLLOUT), POLLOUT);
    check_res(await_send(ends[1], "x", 1, 0), 1);
    check_res(await_poll(ends[0], POLLIN), POLLIN);
    return 0;
}

TEST(poll_returns_the_events_that_are)
{
    make_sockets();
    check_res(run(poll_both_ways, NULL), 0);
    close_ends();
}

static const char *why_no_poison(void)
{
#ifdef TOOLS_ASAN
    return NULL;
#else
    return "only AddressSanitizer sees it";
#endif
}

static void add_operations(void)
{
    suite_add(a_file_is_written_read_measured_and_closed);
    suite_add(vectors_are_written_and_read);
    suite_add(offsets_go_beyond_four_gigabytes);
    suite_add(a_file_is_renamed_and_removed);
    suite_add(a_failure_is_the_system_calls_errno);
    suite_add(a_connection_is_accepted_used_and_shut_down);
    suite_add(messages_are_sent_and_received);
    suite_add(sending_to_a_peer_that_is_gone_is_an_error_and_no_signal);
    suite_add(a_short_send_is_resumed_until_all_is_sent);
    suite_add(a_short_write_is_resumed_behind_what_was_written);
    suite_add(splice_moves_bytes_into_a_pipe);
    suite_add(one_task_may_have_two_operations_in_flight);
    suite_add(sleepers_wake_in_the_order_of_their_times);
    suite_add(every_task_has_room_for_a_deadline_and_a_sleep);
    suite_add(poll_returns_the_events_that_are);
}

int main(void)
{
    suite_begin("await");
    add_operations();
    suite_add(when_a_deadline_is_reported_the_operation_has_ended);
    suite_add(a_deadline_is_reported_once);
    suite_add(a_task_whose_operations_never_wait_can_still_be_stopped);
    suite_add(a_cancelled_task_begins_nothing_but_may_close);
    suite_add(a_cancelled_task_may_clean_up_at_leisure);
    suite_add(a_cancelled_sleep_leaves_no_timer);
    suite_add(an_operation_in_a_helper_thread_is_cancelled_too);
    suite_add(no_byte_is_lost_in_three_thousand_races_with_a_deadline);
    suite_add(no_connection_is_lost_in_races_with_a_deadline);
    suite_add(a_read_that_was_asked_for_before_a_close_reads_the_old_file);
    suite_add_unless(why_no_poison(),
                     touching_a_buffer_that_the_kernel_owns_is_caught);
    suite_add(a_buffer_is_the_callers_again_when_its_operation_has_ended);
    suite_add(what_is_being_sent_may_still_be_read);
    return suite_end();
}
