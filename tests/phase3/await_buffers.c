/* await_buffers.c: the owners of memory and descriptors while an operation is
 * in flight: the kernel owns the buffer, and the descriptor's number may be
 * reused. */
#include "await.h"

#include "awaiting.h"
#include "forked.h"

static int read_old_pipe(void *arg)
{
    char byte = 0;
    int rc = await_read(*(int *)arg, &byte, 1, AWAIT_STREAM);

    return rc == 1 ? byte : rc;
}

/* The read is in the SQ when the close is asked for, and goes first. */
TASK_TEST(a_read_queued_before_a_close_reads_the_old_file)
{
    make_pipe();
    int old_end = ends[0], old_writer = ends[1];

    check_res(task_spawn(&helpers[0], "reader", read_old_pipe, &old_end), 0);
    task_yield();
    check_res(await_close(old_end), 0);
    make_pipe();
    ck_assert_int_eq(ends[0], old_end);
    check_res(await_write(ends[1], "S", 1, AWAIT_STREAM), 1);
    check_res(await_write(old_writer, "o", 1, AWAIT_STREAM), 1);
    check_res(task_join(&helpers[0]), 'o');
    check_res(await_close(old_writer), 0);
    close_ends();
    return 0;
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

/* In the ASan build the line that does it is the one that stops. */
TEST(touching_a_buffer_that_the_kernel_owns_is_caught)
{
    check(forked_faults(touch_in_flight));
}

TEST(the_caller_owns_a_buffer_again_when_its_operation_has_ended)
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
TEST(a_buffer_that_is_being_sent_may_be_read)
{
    make_sockets();
    big = calloc(1, BIG);
    check_res(run(read_while_it_is_sent, NULL), BIG);
    free(big);
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

int main(void)
{
    suite_begin("await_buffers");
    suite_add(a_read_queued_before_a_close_reads_the_old_file);
    suite_add_unless(why_no_poison(),
                     touching_a_buffer_that_the_kernel_owns_is_caught);
    suite_add(the_caller_owns_a_buffer_again_when_its_operation_has_ended);
    suite_add(a_buffer_that_is_being_sent_may_be_read);
    return suite_end();
}
