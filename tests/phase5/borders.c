/* borders.c: values that are 0 in the simple case, and transfers that end
 * inside a vector. */
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "fuse.h"
#include "scratch.h"
#include "suite.h"
#include "with_loop.h"

static const char *const names[] = {"f", NULL};
static char memory[LINES_MEMORY(16, 64)];

static void expect_line(struct lines *lines, const char *want)
{
    char *line;
    int len = lines_await_line(lines, &line);

    check_res(len, strlen(want));
    ck_assert_msg(memcmp(line, want, (size_t)len) == 0, "not \"%s\"", want);
}

TASK_TEST(lines_begin_at_the_files_position)
{
    struct lines lines;
    struct aio file;
    char byte[4];

    scratch_enter();
    scratch_write("f", "one\ntwo\nthree\n", 14);
    check_res(aio_await_open(&file, "f", "r"), 0);
    check_res(aio_await_read(&file, byte, 4), 4);
    lines_init(&lines, &file, memory, 16, 64);
    expect_line(&lines, "two\n");
    lines_await_finish(&lines);
    check_res(aio_await_close(&file), 0);
    scratch_leave(names);
    return 0;
}

/* The block has all lines, and the caller takes one. */
TASK_TEST(the_position_after_lines_is_behind_the_last_line_taken)
{
    struct lines lines;
    struct aio file;

    scratch_enter();
    scratch_write("f", "one\ntwo\nthree\n", 14);
    check_res(aio_await_open(&file, "f", "r"), 0);
    for (unsigned i = 0; i < 2; i++) {
        lines_init(&lines, &file, memory, 16, 64);
        expect_line(&lines, i == 0 ? "one\n" : "two\n");
        lines_await_finish(&lines);
        ck_assert_uint_eq(file.position, 4 * (i + 1));
    }
    check_res(aio_await_close(&file), 0);
    scratch_leave(names);
    return 0;
}

/* The kernel may write to the block until the read has ended. */
TASK_TEST(finishing_lines_ends_the_read_that_is_in_flight)
{
    struct lines lines;
    struct aio in;
    int ends[2];

    check_res(pipe2(ends, O_CLOEXEC), 0);
    check_res(aio_adopt(&in, ends[0]), 0);
    lines_init(&lines, &in, memory, 16, 64);
    check(write(ends[1], "one\n", 4) == 4);
    expect_line(&lines, "one\n");
    ck_assert_uint_eq(loop_in_flight(&loop), 1);
    lines_await_finish(&lines);
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    memset(memory, '#', sizeof memory);
    check(write(ends[1], "two\n", 4) == 4);
    check_res(await_nop(), 0);
    for (size_t i = 0; i < sizeof memory; i++)
        ck_assert_int_eq(memory[i], '#');
    check_res(aio_await_close(&in), 0);
    close(ends[1]);
    return 0;
}

TASK_TEST(an_adopted_file_keeps_its_position)
{
    struct aio file;
    char buf[4];
    int fd;

    scratch_enter();
    scratch_write("f", "abcdef", 6);
    fd = open("f", O_RDWR | O_CLOEXEC);
    check(lseek(fd, 2, SEEK_SET) == 2);
    check_res(aio_adopt(&file, fd), 0);
    ck_assert_uint_eq(file.position, 2);
    check_res(aio_await_read(&file, buf, 2), 2);
    ck_assert(memcmp(buf, "cd", 2) == 0);
    check_res(aio_await_write(&file, "E", 1), 1);
    check_res(aio_await_close(&file), 0);
    scratch_expect("f", "abcdEf");
    scratch_leave(names);
    return 0;
}

#define VECTORS 4
#define VECTOR_LEN 50000

static char bytes[VECTORS * VECTOR_LEN];

static int drain(void *arg) /* task body */
{
    static char got[997];
    size_t at = 0;
    int len;

    while ((len = await_read(*(int *)arg, got, sizeof got, AWAIT_STREAM)) > 0) {
        ck_assert_msg(memcmp(got, bytes + at, (size_t)len) == 0,
                      "wrong bytes at %zu", at);
        at += (size_t)len;
    }
    return (int)at;
}

/* A pipe takes a part of a vector at a time: each is cut many times. */
TASK_TEST(a_vector_that_is_cut_in_its_middle_is_continued)
{
    struct iovec vectors[VECTORS];
    struct task reader = {0};
    struct aio out;
    int ends[2];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + (i >> 8));
    for (int i = 0; i < VECTORS; i++)
        vectors[i] = (struct iovec){bytes + i * VECTOR_LEN, VECTOR_LEN};
    check_res(pipe2(ends, O_CLOEXEC), 0);
    check(fcntl(ends[0], F_SETPIPE_SZ, 4096) > 0);
    check_res(aio_adopt(&out, ends[1]), 0);
    check_res(task_spawn(&reader, "reader", drain, &ends[0]), 0);
    check_res(aio_await_writev(&out, vectors, VECTORS), sizeof bytes);
    check_res(aio_await_close(&out), 0);
    check_res(task_join(&reader), sizeof bytes);
    close(ends[0]);
    return 0;
}

/* The kernel may have dropped the pages: a second fsync would succeed, and the
 * bytes would be lost. */
static int sync_in_vain(void *arg) /* task body */
{
    struct aio file;
    uint64_t sqes;

    (void)arg;
    check_res(aio_await_open(&file, "mnt/source", "r+"), 0);
    for (int i = 0; i < 2; i++) {
        sqes = loop.ring.counters.sqes;
        check_res(i == 0 ? aio_await_fsync(&file) : aio_await_fdatasync(&file),
                  -EIO);
        ck_assert_uint_eq(loop.ring.counters.sqes, sqes + 1);
    }
    return aio_await_close(&file);
}

TEST(an_fsync_that_fails_is_not_repeated)
{
    const struct fuse_faults faults = {.fsync_error = EIO};

    scratch_enter();
    check_res(mkdir("mnt", 0755), 0);
    fuse_serve("mnt", 1000, &faults);
    check_res(run(sync_in_vain, NULL), 0);
    check_res(umount2("mnt", MNT_DETACH), 0);
    check_res(rmdir("mnt"), 0);
    scratch_leave(names);
}

int main(void)
{
    suite_begin("borders");
    suite_add(lines_begin_at_the_files_position);
    suite_add(the_position_after_lines_is_behind_the_last_line_taken);
    suite_add(finishing_lines_ends_the_read_that_is_in_flight);
    suite_add(an_adopted_file_keeps_its_position);
    suite_add(a_vector_that_is_cut_in_its_middle_is_continued);
    suite_add_unless(fuse_missing(), an_fsync_that_fails_is_not_repeated);
    return suite_end();
}
