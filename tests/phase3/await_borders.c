/* await_borders.c: values that are 0 in the simple case, and operations that
 * end in their middle. */
#include "await.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "awaiting.h"

TASK_TEST(vectors_are_read_and_written_at_their_offset)
{
    char a[] = "AB", b[] = "CD", got[4];
    struct iovec out[2] = {{a, 2}, {b, 2}}, in[2] = {{got, 1}, {got + 1, 3}};
    char text[16] = {0};
    int fd;

    make_file("0123456789");
    fd = await_openat(AT_FDCWD, path, O_RDWR, 0);
    check_res(await_writev(fd, out, 2, 3), 4);
    check_res(await_read(fd, text, sizeof text, 0), 10);
    ck_assert_str_eq(text, "012ABCD789");
    check_res(await_readv(fd, in, 2, 5), 4);
    ck_assert(memcmp(got, "CD78", 4) == 0);
    check_res(await_close(fd), 0);
    unlink(path);
    return 0;
}

TASK_TEST(splice_takes_both_offsets)
{
    char text[16] = {0};
    int fd;

    make_file("0123456789");
    make_pipe();
    fd = await_openat(AT_FDCWD, path, O_RDWR, 0);
    check_res(await_splice(fd, 6, ends[1], -1, 3), 3);
    check_res(await_splice(ends[0], -1, fd, 2, 3), 3);
    check_res(await_read(fd, text, sizeof text, 0), 10);
    ck_assert_str_eq(text, "0167856789");
    check_res(await_close(fd), 0);
    close_ends();
    unlink(path);
    return 0;
}

static int send_it_all(void *arg) /* task body */
{
    if (arg != NULL)
        deadline_set_ns(5 * MS);
    return await_send_all(ends[0], big, BIG);
}

/* The socket takes a part, and the rest waits. An interruption then ends the
 * operation with a short result. */
static int interrupt_a_send(int expected, void *arg)
{
    make_sockets();
    check_res(task_spawn(&helpers[0], "sender", send_it_all, arg), 0);
    check_res(await_poll(ends[1], POLLIN), POLLIN);
    if (arg == NULL)
        task_cancel(&helpers[0]);
    check_res(task_join(&helpers[0]), expected);
    check(await_recv(ends[1], big, BIG, 0) > 0); /* there was a part */
    close_ends();
    return 0;
}

TASK_TEST(a_send_that_is_cut_short_is_not_complete)
{
    static int with_deadline;

    big = calloc(1, BIG);
    check(big != NULL);
    interrupt_a_send(-ECANCELED, NULL);
    interrupt_a_send(-ETIME, &with_deadline);
    free(big);
    return 0;
}

static int other_ends[2];

static int splice_from_nowhere(void *arg) /* task body */
{
    (void)arg;
    return await_splice(ends[0], -1, other_ends[1], -1, 10);
}

/* A splice from an empty pipe waits in a worker. A cancel interrupts it there,
 * and the kernel reports an error that no header has. */
TASK_TEST(a_splice_that_waits_in_a_worker_is_cancelled)
{
    make_pipe();
    check_res(pipe(other_ends), 0);
    spawn(0, splice_from_nowhere);
    check_res(await_sleep_ns(20 * MS), 0);
    task_cancel(&helpers[0]);
    check_res(task_join(&helpers[0]), -ECANCELED);
    close(other_ends[0]);
    close(other_ends[1]);
    close_ends();
    return 0;
}

int main(void)
{
    suite_begin("await_borders");
    suite_add(vectors_are_read_and_written_at_their_offset);
    suite_add(splice_takes_both_offsets);
    suite_add(a_send_that_is_cut_short_is_not_complete);
    suite_add(a_splice_that_waits_in_a_worker_is_cancelled);
    return suite_end();
}
