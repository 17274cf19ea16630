/* onering.c: the ring for other languages, called from C: each promise of
 * onering.h about results and ownership. */
#include "onering.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deny.h"
#include "fds.h"
#include "own_rings.h"

#define SECOND UINT64_C(1000000000)
#define ID_MAX (UINT64_MAX >> 1)

static struct onering *one;

static void create(unsigned sq_entries)
{
    check_ring(onering_create(&one, sq_entries));
}

/* Takes the next completion, which must come within 20 s. */
static struct onering_completion next(void)
{
    struct onering_completion done = {0};

    while (onering_next(one, &done) == 0) {
        int rc = onering_wait(one, 20 * SECOND);

        if (rc != -EINTR)
            check_res(rc, 0);
    }
    return done;
}

static int read_into(int fd, void *buf, uint32_t len, uint64_t id)
{
    const struct onering_read read = {
        .id = id,
        .offset = UINT64_MAX,
        .buf = buf,
        .len = len,
        .fd = fd,
    };

    return onering_read(one, &read);
}

TEST(a_read_completes_with_its_id_and_length)
{
    struct onering_completion done;
    char buf[8] = "";
    int fds[2];

    create(4);
    check(pipe(fds) == 0 && write(fds[1], "hello", 5) == 5);
    check_res(read_into(fds[0], buf, sizeof buf, ID_MAX), 0);
    ck_assert_uint_eq(onering_in_flight(one), 1);
    check_res(onering_submit(one), 1);
    done = next();
    ck_assert_uint_eq(done.id, ID_MAX);
    ck_assert_int_eq(done.result, 5);
    ck_assert_uint_eq(done.flags, 0);
    ck_assert_str_eq(buf, "hello");
    ck_assert_uint_eq(onering_in_flight(one), 0);
    check_res(onering_destroy(one), 0);
}

TEST(arguments_out_of_range_are_einval)
{
    char byte;

    check_res(onering_create(&one, 0), -EINVAL);
    check_res(onering_create(&one, 4097), -EINVAL);
    create(1);
    check_res(onering_nop(one, ID_MAX + 1), -EINVAL);
    check_res(onering_timeout(one, 1, UINT64_MAX), -EINVAL);
    check_res(onering_cancel(one, UINT64_MAX), -EINVAL);
    check_res(read_into(0, &byte, 1u << 31, 1), -EINVAL);
    ck_assert_uint_eq(onering_in_flight(one), 0);
    check_res(onering_destroy(one), 0);
}

TEST(a_full_sq_is_submitted_and_more_operations_are_ebusy)
{
    int fds[2];
    char bytes[9];

    create(2);
    check(pipe(fds) == 0);
    for (uint64_t i = 0; i < 8; i++)
        check_res(read_into(fds[0], &bytes[i], 1, i), 0);
    check_res(read_into(fds[0], &bytes[8], 1, 8), -EBUSY);
    check_res(onering_nop(one, 8), -EBUSY);
    check_res(onering_cancel(one, 3), 0); /* a cancel makes room */
    ck_assert_uint_eq(next().id, 3);
    check_res(onering_nop(one, 8), 0);
    ck_assert_uint_eq(next().id, 8);
    check_res(onering_destroy(one), 7);
}

/* The times of three operations must not share memory: they are read when the
 * kernel takes the SQEs, which is later. */
TEST(timeouts_that_are_submitted_together_keep_their_own_times)
{
    create(4);
    check_res(onering_timeout(one, 200 * SECOND, 1), 0);
    check_res(onering_timeout(one, SECOND / 50, 2), 0);
    check_res(onering_timeout(one, 300 * SECOND, 3), 0);
    check_res(onering_submit(one), 3);
    ck_assert_uint_eq(next().id, 2);
    check_res(onering_destroy(one), 2);
}

TEST(a_wait_returns_etime_without_a_completion)
{
    create(4);
    check_res(onering_wait(one, 1000000), -ETIME);
    check_res(onering_timeout(one, 100 * SECOND, 1), 0);
    check_res(onering_wait(one, 1000000), -ETIME); /* it submitted one */
    check_res(onering_destroy(one), 1);
}

TEST(a_cancelled_read_completes_and_the_cancel_is_not_seen)
{
    struct onering_completion done;
    int fds[2];
    char byte;

    create(4);
    check(pipe(fds) == 0);
    check_res(read_into(fds[0], &byte, 1, 1), 0);
    check_res(onering_submit(one), 1);
    check_res(onering_cancel(one, 1), 0);
    done = next();
    ck_assert_uint_eq(done.id, 1);
    check_res(done.result, -ECANCELED);
    check_res(onering_nop(one, 2), 0);
    ck_assert_uint_eq(next().id, 2);
    check_res(onering_cancel(one, 99), 0); /* there is none */
    check_res(onering_submit(one), 1);
    ck_assert_uint_eq(onering_in_flight(one), 0);
    check_res(onering_destroy(one), 0);
}

TEST(the_eventfd_is_readable_after_a_completion)
{
    eventfd_t count;

    create(4);
    check_res(onering_nop(one, 1), 0);
    check_res(onering_submit(one), 1);
    check(eventfd_read(onering_eventfd(one), &count) == 0 && count == 1);
    ck_assert_uint_eq(next().id, 1);
    check_res(onering_destroy(one), 0);
}

/* The kernel must not write to a buffer after onering_destroy: with the ring
 * gone, the data stays in the pipe, and the buffer as it was. */
TEST(destroy_ends_the_loan_of_every_buffer)
{
    char byte = 'a', other = 'a';
    int fds[2], open;

    check(pipe(fds) == 0);
    open = fds_open();
    create(4);
    check_res(read_into(fds[0], &byte, 1, 1), 0);
    check_res(onering_submit(one), 1);
    check_res(read_into(fds[0], &byte, 1, 2), 0); /* not submitted */
    check_res(onering_timeout(one, 1000 * SECOND, 3), 0);
    check_res(onering_destroy(one), 3);
    ck_assert_int_eq(fds_open(), open);
    ck_assert_int_eq(ring_mappings(), 0);
    check(write(fds[1], "b", 1) == 1);
    check(read(fds[0], &other, 1) == 1);
    ck_assert_int_eq(other, 'b');
    ck_assert_int_eq(byte, 'a');
}

TEST(completions_that_were_not_taken_are_dropped_by_destroy)
{
    create(4);
    for (uint64_t i = 0; i < 16; i++)
        check_res(onering_nop(one, i), 0);
    check_res(onering_submit(one), 4);
    check_res(onering_destroy(one), 16);
}

TEST(a_kernel_that_refuses_leaves_nothing_behind)
{
    const struct deny reg = {.reg = EPERM}, all = {.setup = EPERM};
    int open = fds_open();

    check_res(deny_install(&reg), 0);
    check_res(onering_create(&one, 4), -EPERM);
    ck_assert_int_eq(fds_open(), open);
    ck_assert_int_eq(ring_mappings(), 0);
    check_res(deny_install(&all), 0);
    check_res(onering_create(&one, 4), -EPERM);
}

TEST(many_rings_leave_nothing_behind)
{
    int open = fds_open();

    for (int i = 0; i < 50; i++) {
        create(4);
        check_res(onering_nop(one, 1), 0);
        check_res(onering_destroy(one), 1);
    }
    ck_assert_int_eq(fds_open(), open);
    ck_assert_int_eq(ring_mappings(), 0);
}

int main(void)
{
    const struct deny none = {0};
    const char *why_no_filter = NULL;
    pid_t pid = fork();
    int status = 0;

    if (pid == 0)
        _exit(deny_install(&none) != 0);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        why_no_filter = "this kernel has no seccomp filters";
    suite_begin("onering");
    suite_add(a_read_completes_with_its_id_and_length);
    suite_add(arguments_out_of_range_are_einval);
    suite_add(a_full_sq_is_submitted_and_more_operations_are_ebusy);
    suite_add(timeouts_that_are_submitted_together_keep_their_own_times);
    suite_add(a_wait_returns_etime_without_a_completion);
    suite_add(a_cancelled_read_completes_and_the_cancel_is_not_seen);
    suite_add(the_eventfd_is_readable_after_a_completion);
    suite_add(destroy_ends_the_loan_of_every_buffer);
    suite_add(completions_that_were_not_taken_are_dropped_by_destroy);
    suite_add_unless(why_no_filter,
                     a_kernel_that_refuses_leaves_nothing_behind);
    suite_add(many_rings_leave_nothing_behind);
    return suite_end();
}
