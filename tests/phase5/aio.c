/* aio.c: the file object, on real files, pipes and sockets. */
#include "aio.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "block_device.h"
#include "scratch.h"
#include "suite.h"
#include "with_loop.h"

static const char *const names[] = {"f", "g", NULL};

/* Each test is a task; what it leaves behind is removed. */
#define FILE_TEST(name)                                                       \
    static int name##_task(void *arg);                                        \
    TEST(name)                                                                \
    {                                                                         \
        scratch_enter();                                                      \
        check_res(run(name##_task, NULL), 0);                                 \
        scratch_leave(names);                                                 \
    }                                                                         \
    static int name##_task(__attribute__((unused)) void *arg)

TEST(modes_mean_what_they_mean_in_python)
{
    static const struct {
        const char *mode;
        int flags;
    } cases[] = {
        {"r", O_RDONLY},
        {"rb", O_RDONLY},
        {"r+", O_RDWR},
        {"r+b", O_RDWR},
        {"rb+", O_RDWR},
        {"w", O_WRONLY | O_CREAT | O_TRUNC},
        {"w+", O_RDWR | O_CREAT | O_TRUNC},
        {"a", O_WRONLY | O_CREAT | O_APPEND},
        {"at+", O_RDWR | O_CREAT | O_APPEND},
        {"x", O_WRONLY | O_CREAT | O_EXCL},
        {"x+", O_RDWR | O_CREAT | O_EXCL},
        {"", -EINVAL},   {"+", -EINVAL},   {"rw", -EINVAL}, {"r++", -EINVAL},
        {"rbb", -EINVAL}, {"rbt", -EINVAL}, {"b", -EINVAL}, {"R", -EINVAL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(aio_mode_flags(cases[i].mode) == cases[i].flags,
                      "mode \"%s\"", cases[i].mode);
}

FILE_TEST(written_bytes_are_read_back)
{
    struct aio file;
    char buf[32];

    check_res(aio_await_open(&file, "f", "w+"), 0);
    check_res(aio_await_write(&file, "hello ", 6), 6);
    check_res(aio_await_write(&file, "world", 5), 5);
    ck_assert_uint_eq(file.position, 11);
    check_res(aio_await_seek(&file, 0, SEEK_SET), 0);
    check_res(aio_await_read(&file, buf, sizeof buf), 11);
    ck_assert(memcmp(buf, "hello world", 11) == 0);
    check_res(aio_await_read(&file, buf, sizeof buf), 0);
    check_res(aio_await_close(&file), 0);
    scratch_expect("f", "hello world");
    return 0;
}

FILE_TEST(a_missing_file_is_enoent_and_x_refuses_an_old_one)
{
    struct aio file;

    check_res(aio_await_open(&file, "f", "r"), -ENOENT);
    ck_assert(!file.is_open);
    check_res(aio_await_open(&file, "f", "x"), 0);
    check_res(aio_await_close(&file), 0);
    check_res(aio_await_open(&file, "f", "x"), -EEXIST);
    check_res(aio_await_open(&file, ".", "w"), -EISDIR);
    check_res(aio_await_open(&file, "f", "no mode"), -EINVAL);
    return 0;
}

FILE_TEST(a_closed_file_is_ebadf_for_everything)
{
    struct aio file = {0};
    struct statx status;
    char byte = 0;

    check_res(aio_await_close(&file), -EBADF);
    check_res(aio_await_read(&file, &byte, 1), -EBADF);
    check_res(aio_await_write(&file, &byte, 1), -EBADF);
    check_res(aio_await_pread(&file, &byte, 1, 0), -EBADF);
    check_res(aio_await_pwrite(&file, &byte, 1, 0), -EBADF);
    check_res(aio_await_seek(&file, 0, SEEK_SET), -EBADF);
    check_res(aio_await_truncate(&file, 0), -EBADF);
    check_res(aio_await_stat(&file, &status), -EBADF);
    check_res(aio_await_fsync(&file), -EBADF);
    return 0;
}

FILE_TEST(appends_go_to_the_end_that_other_writers_have_moved)
{
    struct aio file, other;
    char buf[16];

    scratch_write("f", "one", 3);
    check_res(aio_await_open(&file, "f", "a+"), 0);
    check_res(aio_await_open(&other, "f", "a"), 0);
    check_res(aio_await_write(&file, "two", 3), 3);
    check_res(aio_await_write(&other, "three", 5), 5);
    check_res(aio_await_write(&file, "four", 4), 4);
    check_res(aio_await_read(&file, buf, sizeof buf), 0); /* at the end */
    ck_assert_uint_eq(file.position, 15);
    check_res(aio_await_seek(&file, -4, SEEK_END), 0);
    check_res(aio_await_read(&file, buf, sizeof buf), 4);
    check_res(aio_await_close(&file), 0);
    check_res(aio_await_close(&other), 0);
    scratch_expect("f", "onetwothreefour");
    return 0;
}

/* The effect of each mode of Python's open on a file that has content. */
FILE_TEST(each_mode_keeps_empties_or_appends_as_in_python)
{
    static const struct {
        const char *mode, *after, *read;
    } cases[] = {
        {"r+", "NEWold", "old"}, {"w", "NEW", NULL},     {"w+", "NEW", ""},
        {"a", "old oldNEW", NULL}, {"a+", "old oldNEW", ""},
    };
    struct aio file;
    char buf[16];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool keeps = cases[i].mode[0] == 'a';

        scratch_write("f", keeps ? "old old" : "oldold", keeps ? 7 : 6);
        check_res(aio_await_open(&file, "f", cases[i].mode), 0);
        check_res(aio_await_write(&file, "NEW", 3), 3);
        if (cases[i].read != NULL) {
            int len = (int)strlen(cases[i].read);

            check_res(aio_await_read(&file, buf, sizeof buf), len);
            ck_assert(memcmp(buf, cases[i].read, (size_t)len) == 0);
        }
        check_res(aio_await_close(&file), 0);
        scratch_expect("f", cases[i].after);
    }
    check_res(aio_await_open(&file, "f", "r"), 0);
    check_res(aio_await_write(&file, "x", 1), -EBADF);
    check_res(aio_await_close(&file), 0);
    check_res(aio_await_open(&file, "f", "w"), 0);
    check_res(aio_await_read(&file, buf, 1), -EBADF);
    check_res(aio_await_close(&file), 0);
    return 0;
}

FILE_TEST(a_file_opened_for_appending_is_at_its_end)
{
    struct aio file;
    char buf[16];

    scratch_write("f", "0123456789", 10);
    check_res(aio_await_open(&file, "f", "a+"), 0);
    check_res(aio_await_read(&file, buf, sizeof buf), 0);
    ck_assert_uint_eq(file.position, 10);
    check_res(aio_await_close(&file), 0);
    check_res(aio_await_open(&file, "f", "a+"), 0);
    check_res(aio_await_seek(&file, -3, SEEK_CUR), 0);
    check_res(aio_await_read(&file, buf, sizeof buf), 3);
    ck_assert(memcmp(buf, "789", 3) == 0);
    check_res(aio_await_close(&file), 0);
    return 0;
}

/* Sixteen tasks read one file without using its position. */
#define READERS 16

struct preader {
    struct task task;
    struct aio *file; /* borrowed */
    uint64_t offset;
};

static int pread_its_byte(void *arg)
{
    struct preader *self = arg;
    char byte = 0;

    for (int i = 0; i < 20; i++) {
        check_res(aio_await_pread(self->file, &byte, 1, self->offset), 1);
        ck_assert_int_eq(byte, (char)('A' + self->offset));
    }
    return 0;
}

FILE_TEST(many_tasks_read_one_file_at_their_offsets_at_once)
{
    static struct preader readers[READERS];
    struct aio file;

    scratch_write("f", "ABCDEFGHIJKLMNOP", READERS);
    check_res(aio_await_open(&file, "f", "r"), 0);
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct preader){.file = &file, .offset = (uint64_t)i};
        check_res(task_spawn(&readers[i].task, "reader", pread_its_byte,
                             &readers[i]),
                  0);
    }
    for (int i = 0; i < READERS; i++)
        check_res(task_join(&readers[i].task), 0);
    ck_assert_uint_eq(file.position, 0);
    check_res(aio_await_close(&file), 0);
    return 0;
}

FILE_TEST(pread_and_pwrite_leave_the_position_alone)
{
    struct aio file;
    char buf[8];

    check_res(aio_await_open(&file, "f", "w+"), 0);
    check_res(aio_await_write(&file, "abcdef", 6), 6);
    check_res(aio_await_pwrite(&file, "XY", 2, 1), 2);
    check_res(aio_await_pread(&file, buf, 3, 1), 3);
    ck_assert(memcmp(buf, "XYd", 3) == 0);
    check_res(aio_await_pread(&file, buf, 3, 6), 0);
    check_res(aio_await_pread(&file, buf, 3, UINT64_MAX), -EINVAL);
    ck_assert_uint_eq(file.position, 6);
    check_res(aio_await_close(&file), 0);
    scratch_expect("f", "aXYdef");
    return 0;
}

/* Forty vectors, some of them empty: more than the kernel gets in one call. */
FILE_TEST(vectors_of_any_number_are_written_and_read_in_order)
{
    struct iovec vectors[40];
    char bytes[40], back[40] = {0};
    struct aio file;
    size_t total = 0;

    for (size_t i = 0; i < 40; i++) {
        bytes[i] = (char)('A' + i);
        vectors[i] = (struct iovec){&bytes[i], i % 5 != 0};
        total += i % 5 != 0;
    }
    check_res(aio_await_open(&file, "f", "w+"), 0);
    check_res(aio_await_writev(&file, vectors, 40), total);
    check_res(aio_await_seek(&file, 0, SEEK_SET), 0);
    for (size_t i = 0; i < 40; i++)
        vectors[i].iov_base = &back[i];
    check_res(aio_await_readv(&file, vectors, 40), total);
    for (size_t i = 0; i < 40; i++)
        ck_assert_int_eq(back[i], i % 5 != 0 ? bytes[i] : 0);
    vectors[1].iov_len = vectors[2].iov_len = AWAIT_LEN_MAX;
    check_res(aio_await_readv(&file, vectors, 3), -EINVAL);
    check_res(aio_await_readv(&file, NULL, 0), 0);
    check_res(aio_await_close(&file), 0);
    return 0;
}

FILE_TEST(seeking_beyond_the_limits_is_refused)
{
    struct aio file;

    scratch_write("f", "0123456789", 10);
    check_res(aio_await_open(&file, "f", "r"), 0);
    check_res(aio_await_seek(&file, -1, SEEK_SET), -EINVAL);
    check_res(aio_await_seek(&file, -3, SEEK_END), 0);
    ck_assert_uint_eq(file.position, 7);
    check_res(aio_await_seek(&file, -7, SEEK_CUR), 0);
    check_res(aio_await_seek(&file, -1, SEEK_CUR), -EINVAL);
    check_res(aio_await_seek(&file, INT64_MIN, SEEK_END), -EINVAL);
    check_res(aio_await_seek(&file, INT64_MAX, SEEK_END), -EINVAL);
    check_res(aio_await_seek(&file, INT64_MAX, SEEK_SET), 0);
    check_res(aio_await_seek(&file, 1, SEEK_CUR), -EINVAL);
    check_res(aio_await_seek(&file, 0, 77), -EINVAL);
    check_res(aio_await_close(&file), 0);
    return 0;
}

FILE_TEST(truncate_stat_and_sync_concern_the_whole_file)
{
    struct aio file;
    struct statx status;

    check_res(aio_await_open(&file, "f", "w"), 0);
    check_res(aio_await_write(&file, "0123456789", 10), 10);
    check_res(aio_await_truncate(&file, 4), 0);
    check_res(aio_await_stat(&file, &status), 0);
    ck_assert_uint_eq(status.stx_size, 4);
    check_res(aio_await_fdatasync(&file), 0);
    check_res(aio_await_fsync(&file), 0);
    check_res(aio_await_truncate(&file, UINT64_MAX), -EINVAL);
    check_res(aio_await_close(&file), 0);
    scratch_expect("f", "0123");
    return 0;
}

FILE_TEST(a_pipe_gives_what_it_has_and_cannot_seek)
{
    struct aio in, out;
    char buf[16];
    int ends[2];

    ck_assert(pipe(ends) == 0);
    check_res(aio_adopt(&in, ends[0]), 0);
    check_res(aio_adopt(&out, ends[1]), 0);
    ck_assert(in.is_stream && out.is_stream);
    check_res(aio_await_write(&out, "abc", 3), 3);
    check_res(aio_await_read(&in, buf, sizeof buf), 3);
    check_res(aio_await_seek(&in, 0, SEEK_SET), -ESPIPE);
    check_res(aio_await_pread(&in, buf, 1, 0), -ESPIPE);
    check_res(aio_await_close(&out), 0);
    check_res(aio_await_read(&in, buf, sizeof buf), 0);
    check_res(aio_await_close(&in), 0);
    return 0;
}

FILE_TEST(a_deadline_ends_a_read_of_an_empty_pipe)
{
    struct aio in;
    char byte;
    int ends[2];

    ck_assert(pipe(ends) == 0);
    check_res(aio_adopt(&in, ends[0]), 0);
    deadline_set_ns(5000000);
    check_res(aio_await_read(&in, &byte, 1), -ETIME);
    deadline_clear();
    ck_assert(write(ends[1], "x", 1) == 1);
    check_res(aio_await_read(&in, &byte, 1), 1);
    check_res(aio_await_close(&in), 0);
    close(ends[1]);
    return 0;
}

/* Bytes that come now and then, to a reader whose deadline is about as long: a
 * read that is given up may have its byte already. Then the byte is the result,
 * and the deadline is told next: none is lost, and none comes twice. */
#define TRICKLE 1000

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static int trickle(void *arg)
{
    struct aio out;
    unsigned state = 7;

    check_res(aio_adopt(&out, *(int *)arg), 0);
    for (int i = 0; i < TRICKLE; i++) {
        char byte = (char)i;

        check_res(await_sleep_ns(next_random(&state) % 100000), 0);
        check_res(aio_await_write(&out, &byte, 1), 1);
    }
    return aio_await_close(&out);
}

FILE_TEST(no_byte_is_lost_to_a_thousand_deadlines)
{
    struct task writer = {0};
    unsigned state = 3;
    int ends[2], came = 0, late = 0, got;
    struct aio in;
    char buf[16];

    ck_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    check_res(aio_adopt(&in, ends[0]), 0);
    ck_assert(in.is_stream);
    check_res(task_spawn(&writer, "writer", trickle, &ends[1]), 0);
    do {
        deadline_set_ns(next_random(&state) % 100000);
        got = aio_await_read(&in, buf, sizeof buf);
        deadline_clear();
        ck_assert(got >= 0 || got == -ETIME);
        late += got == -ETIME;
        for (int i = 0; i < got; i++)
            ck_assert_int_eq(buf[i], (char)came++);
    } while (got != 0);
    ck_assert_int_eq(came, TRICKLE);
    ck_assert_int_gt(late, TRICKLE / 20);
    check_res(task_join(&writer), 0);
    check_res(aio_await_close(&in), 0);
    return 0;
}

/* The limit is inside the second write. The kernel first writes a part, and
 * then refuses the rest. The position shows how many bytes were written. */
FILE_TEST(a_write_that_fails_half_way_reports_the_bytes_written)
{
    struct rlimit limit = {8, RLIM_INFINITY};
    struct aio file;

    signal(SIGXFSZ, SIG_IGN);
    check_res(aio_await_open(&file, "f", "w"), 0);
    ck_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    check_res(aio_await_write(&file, "01234", 5), 5);
    check_res(aio_await_write(&file, "56789", 5), -EFBIG);
    ck_assert_uint_eq(file.position, 8);
    check_res(aio_await_close(&file), 0);
    scratch_expect("f", "01234567");
    return 0;
}

static void check_full_device(void)
{
    struct aio file;

    check_res(aio_await_open(&file, "/dev/full", "w"), 0);
    check_res(aio_await_write(&file, "x", 1), -ENOSPC);
    check_res(aio_await_close(&file), 0);
}

FILE_TEST(a_full_device_is_enospc)
{
    check_full_device();
    return 0;
}

FILE_TEST(a_scope_closes_its_file)
{
    int fd;

    scratch_write("f", "x", 1);
    {
        AIO_SCOPED struct aio file = {0};

        check_res(aio_await_open(&file, "f", "r"), 0);
        fd = file.fd;
    }
    ck_assert(fcntl(fd, F_GETFD) == -1 && errno == EBADF);
    return 0;
}

/* Descriptors on which lseek succeeds although they have no positions. Each has
 * less to read than a buffer holds. */
static int make_eventfd(void)
{
    return eventfd(3, EFD_CLOEXEC);
}

static int make_timerfd(void)
{
    struct itimerspec soon = {.it_value.tv_nsec = 1};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

    ck_assert(timerfd_settime(fd, 0, &soon, NULL) == 0);
    return fd;
}

static int make_inotify(void)
{
    int fd = inotify_init1(IN_CLOEXEC);

    ck_assert(inotify_add_watch(fd, ".", IN_CREATE) >= 0);
    scratch_write("f", "x", 1);
    return fd;
}

static int make_signalfd(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    raise(SIGUSR1);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

FILE_TEST(descriptors_of_events_return_what_they_have)
{
    static const struct {
        int (*make)(void);
        int len;
    } cases[] = {{make_eventfd, 8},
                 {make_timerfd, 8},
                 {make_inotify, 32},
                 {make_signalfd, sizeof(struct signalfd_siginfo)}};
    static char buf[4096];
    struct aio file;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_res(aio_adopt(&file, cases[i].make()), 0);
        ck_assert(file.is_stream);
        deadline_set_ns(20000000000); /* ends the test if it waits for more */
        check_res(aio_await_read(&file, buf, sizeof buf), cases[i].len);
        deadline_clear();
        check_res(aio_await_seek(&file, 0, SEEK_SET), -ESPIPE);
        check_res(aio_await_close(&file), 0);
    }
    return 0;
}

FILE_TEST(the_end_of_a_block_device_is_its_size)
{
    struct aio file;
    char buf[16];
    int content = open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    ck_assert(content >= 0 && ftruncate(content, 8192) == 0);
    ck_assert(pwrite(content, "last", 4, 8188) == 4);
    check_res(aio_adopt(&file, block_device_of(content)), 0);
    check_res(aio_await_seek(&file, -4, SEEK_END), 0);
    ck_assert_uint_eq(file.position, 8188);
    check_res(aio_await_read(&file, buf, sizeof buf), 4);
    ck_assert(memcmp(buf, "last", 4) == 0);
    check_res(aio_await_close(&file), 0);
    close(content);
    return 0;
}

int main(void)
{
    suite_begin("aio");
    suite_add(modes_mean_what_they_mean_in_python);
    suite_add(written_bytes_are_read_back);
    suite_add(a_missing_file_is_enoent_and_x_refuses_an_old_one);
    suite_add(a_closed_file_is_ebadf_for_everything);
    suite_add(appends_go_to_the_end_that_other_writers_have_moved);
    suite_add(each_mode_keeps_empties_or_appends_as_in_python);
    suite_add(a_file_opened_for_appending_is_at_its_end);
    suite_add(many_tasks_read_one_file_at_their_offsets_at_once);
    suite_add(pread_and_pwrite_leave_the_position_alone);
    suite_add(vectors_of_any_number_are_written_and_read_in_order);
    suite_add(seeking_beyond_the_limits_is_refused);
    suite_add(truncate_stat_and_sync_concern_the_whole_file);
    suite_add(a_pipe_gives_what_it_has_and_cannot_seek);
    suite_add(a_deadline_ends_a_read_of_an_empty_pipe);
    suite_add(no_byte_is_lost_to_a_thousand_deadlines);
    suite_add(a_write_that_fails_half_way_reports_the_bytes_written);
    suite_add(a_full_device_is_enospc);
    suite_add(a_scope_closes_its_file);
    suite_add(descriptors_of_events_return_what_they_have);
    suite_add_unless(block_device_missing(),
                     the_end_of_a_block_device_is_its_size);
    return suite_end();
}
