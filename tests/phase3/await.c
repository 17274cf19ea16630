/* await.c: operations that read straight down: each does what its system call
 * does, and short ones are resumed. */
#include "await.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "awaiting.h"
#include "random.h"

TASK_TEST(a_file_is_written_read_measured_and_closed)
{
    char text[32] = {0};
    struct statx info;
    int fd;

    name_file();
    fd = await_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, 0600);
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
    unlink(path);
    return 0;
}

TASK_TEST(vectors_are_written_and_read)
{
    char a[4] = "abc", b[4] = "def", c[7] = {0};
    struct iovec out[2] = {{a, 3}, {b, 3}}, in[1] = {{c, 6}};
    int fd;

    name_file();
    fd = await_openat(AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
    check_res(await_writev(fd, out, 2, 0), 6);
    check_res(await_readv(fd, in, 1, 0), 6);
    ck_assert_str_eq(c, "abcdef");
    check_res(await_close(fd), 0);
    unlink(path);
    return 0;
}

TASK_TEST(offsets_go_beyond_four_gigabytes)
{
    const uint64_t far = (UINT64_C(5) << 30) + 1;
    char byte = 0;
    int fd;

    name_file();
    fd = await_openat(AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
    check_res(await_write(fd, "x", 1, far), 1);
    check_res(await_read(fd, &byte, 1, far), 1);
    ck_assert_int_eq(byte, 'x');
    check_res(await_read(fd, &byte, 1, far - 1), 1);
    ck_assert_int_eq(byte, 0);
    check_res(await_close(fd), 0);
    unlink(path);
    return 0;
}

TASK_TEST(a_file_is_renamed_and_removed)
{
    char other[300];
    struct statx info;

    make_file("x");
    snprintf(other, sizeof other, "%s.other", path);
    check_res(await_renameat(AT_FDCWD, path, AT_FDCWD, other), 0);
    check_res(await_statx(AT_FDCWD, path, 0, STATX_SIZE, &info), -ENOENT);
    check_res(await_unlinkat(AT_FDCWD, other, 0), 0);
    check_res(await_unlinkat(AT_FDCWD, other, 0), -ENOENT);
    return 0;
}

TASK_TEST(a_failed_operation_returns_the_errno_of_its_system_call)
{
    struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
    char byte;
    int fd;

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

TASK_TEST(a_connection_is_accepted_used_and_shut_down)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    char text[16] = {0};
    int listener = sys_socket(AF_INET, SOCK_STREAM, 0);
    int fd = sys_socket(AF_INET, SOCK_STREAM, 0);

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

TASK_TEST(messages_are_sent_and_received)
{
    char a[2] = "ab", b[2] = "cd", c[4] = {0};
    struct iovec out[2] = {{a, 2}, {b, 2}}, in[1] = {{c, 4}};
    struct msghdr sent = {.msg_iov = out, .msg_iovlen = 2};
    struct msghdr got = {.msg_iov = in, .msg_iovlen = 1};

    make_sockets();
    check_res(await_sendmsg(ends[0], &sent, 0), 4);
    check_res(await_recvmsg(ends[1], &got, 0), 4);
    ck_assert_int_eq(memcmp(c, "abcd", 4), 0);
    close_ends();
    return 0;
}

/* And no SIGPIPE, which would have ended this process. */
TASK_TEST(sending_to_a_closed_peer_is_an_error_without_a_signal)
{
    make_sockets();
    close(ends[1]);
    check_res(await_send(ends[0], "x", 1, 0), -EPIPE);
    check_res(await_send_all(ends[0], "x", 1), -EPIPE);
    return 0;
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

struct beyond {
    uint64_t offset; /* of the write */
    char text[16];   /* what is in the file */
};

/* Nothing of Check while the limit holds: its report is a file, too. */
static int write_beyond_the_limit(void *arg)
{
    struct rlimit limit = {5, RLIM_INFINITY};
    struct beyond *beyond = arg;
    int fd = await_openat(AT_FDCWD, path, O_RDWR, 0), result;

    setrlimit(RLIMIT_FSIZE, &limit);
    result = await_write_all(fd, "0123456789", 10, beyond->offset);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    check_res(await_read(fd, beyond->text, 15, 0), 5);
    check_res(await_close(fd), 0);
    return result;
}

/* The limit lets half of it through, and refuses what comes behind that. */
TEST(a_short_write_is_resumed_after_the_bytes_written)
{
    struct beyond beyond = {.offset = 0};

    make_file("");
    check_res(sys_ignore_signal(SIGXFSZ), 0);
    check_res(run(write_beyond_the_limit, &beyond), -EFBIG);
    ck_assert_str_eq(beyond.text, "01234");
    unlink(path);
}

/* The kernel does not always move the position after the short write. */
TEST(a_short_write_at_the_position_of_a_file_is_not_overwritten)
{
    struct beyond beyond = {.offset = AWAIT_STREAM};

    make_file("");
    check_res(sys_ignore_signal(SIGXFSZ), 0);
    check_res(run(write_beyond_the_limit, &beyond), -EFBIG);
    ck_assert_str_eq(beyond.text, "01234");
    unlink(path);
}

TASK_TEST(splice_moves_bytes_into_a_pipe)
{
    char text[8] = {0};
    int fd;

    make_file("abcdefgh");
    make_pipe();
    fd = await_openat(AT_FDCWD, path, O_RDONLY, 0);
    check_res(await_splice(fd, 2, ends[1], -1, 4), 4);
    check_res(await_read(ends[0], text, sizeof text, AWAIT_STREAM), 4);
    ck_assert_str_eq(text, "cdef");
    check_res(await_close(fd), 0);
    close_ends();
    unlink(path);
    return 0;
}

TASK_TEST(one_task_may_have_two_operations_in_flight)
{
    struct await reading, writing;
    char byte = 0;

    make_pipe();
    io_uring_prep_read(await_start(&reading), ends[0], &byte, 1, AWAIT_STREAM);
    io_uring_prep_write(await_start(&writing), ends[1], "z", 1, AWAIT_STREAM);
    check_res(await_result(&reading), 1);
    check_res(await_result(&writing), 1);
    ck_assert_int_eq(byte, 'z');
    close_ends();
    return 0;
}

static int sleep_in_turn(void *arg)
{
    static const uint64_t delays_ms[] = {3, 1, 2};
    static int woken;
    int i = *(int *)arg;

    check_res(await_sleep_ns(delays_ms[i] * MS), 0);
    ck_assert_int_eq(++woken, (int)delays_ms[i]);
    return 0;
}

TASK_TEST(sleepers_wake_in_the_order_of_their_times)
{
    static int numbers[3] = {0, 1, 2};
    uint64_t began_ns = loop_now_ns();

    for (int i = 0; i < 3; i++)
        check_res(task_spawn(&helpers[i], "sleeper", sleep_in_turn,
                             &numbers[i]), 0);
    for (int i = 0; i < 3; i++)
        check_res(task_join(&helpers[i]), 0);
    ck_assert_uint_ge(sys_now_ns() - began_ns, 3 * MS);
    return 0;
}

static int sleep_with_a_deadline(void *arg)
{
    (void)arg;
    deadline_set_ns(1000 * MS);
    return await_sleep_ns(1 * MS);
}

TASK_TEST_WITH(every_task_has_room_for_a_deadline_and_a_sleep,
               .ring = ring_from_environment(), .tasks_max = 201,
               .timers_max = 1)
{
    static struct task tasks[200];

    deadline_set_ns(1000 * MS);
    for (int i = 0; i < 200; i++)
        check_res(task_spawn(&tasks[i], "sleeper", sleep_with_a_deadline,
                             NULL), 0);
    for (int i = 0; i < 200; i++)
        check_res(task_join(&tasks[i]), 0);
    return 0;
}

TASK_TEST(poll_returns_the_events_that_are_ready)
{
    make_sockets();
    check_res(await_poll(ends[0], POLLIN | POLLOUT), POLLOUT);
    check_res(await_send(ends[1], "x", 1, 0), 1);
    check_res(await_poll(ends[0], POLLIN), POLLIN);
    close_ends();
    return 0;
}

int main(void)
{
    suite_begin("await");
    suite_add(a_file_is_written_read_measured_and_closed);
    suite_add(vectors_are_written_and_read);
    suite_add(offsets_go_beyond_four_gigabytes);
    suite_add(a_file_is_renamed_and_removed);
    suite_add(a_failed_operation_returns_the_errno_of_its_system_call);
    suite_add(a_connection_is_accepted_used_and_shut_down);
    suite_add(messages_are_sent_and_received);
    suite_add(sending_to_a_closed_peer_is_an_error_without_a_signal);
    suite_add(a_short_send_is_resumed_until_all_is_sent);
    suite_add(a_short_write_is_resumed_after_the_bytes_written);
    suite_add(a_short_write_at_the_position_of_a_file_is_not_overwritten);
    suite_add(splice_moves_bytes_into_a_pipe);
    suite_add(one_task_may_have_two_operations_in_flight);
    suite_add(sleepers_wake_in_the_order_of_their_times);
    suite_add(every_task_has_room_for_a_deadline_and_a_sleep);
    suite_add(poll_returns_the_events_that_are_ready);
    return suite_end();
}
