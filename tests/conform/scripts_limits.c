/* scripts_limits.c: linked timeouts. */
#include "conform.h"
#include "sys.h"

/* How long a limit is that ends an operation, and one that does not. */
#define SHORT_NS 2000000
#define LONG_S 3600

static struct io_uring_sqe *limit(unsigned data, bool is_long)
{
    static struct __kernel_timespec of_chain;
    struct io_uring_sqe *sqe = script_sqe(data);

    of_chain = is_long ? (struct __kernel_timespec){.tv_sec = LONG_S}
                       : (struct __kernel_timespec){.tv_nsec = SHORT_NS};
    io_uring_prep_link_timeout(sqe, &of_chain, 0);
    return sqe;
}

static void read_with_limit(unsigned flags)
{
    script_pipe();
    script_read(1, 5)->flags |= flags;
    limit(2, false);
}

static void expired(void)
{
    read_with_limit(IOSQE_IO_LINK);
    script_see(2);
    script_write("five!");
    script_read(3, 5);
    script_see(1);
}

static void in_time(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    limit(2, true);
    script_see(0);
    script_write("five!");
    script_see(2);
}

static void at_once(void)
{
    script_pipe();
    script_write("five!");
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    limit(2, true);
    script_see(2);
}

static void behind_the_limit(unsigned flags)
{
    script_pipe();
    script_read(1, 5)->flags |= flags;
    limit(2, false)->flags |= flags;
    io_uring_prep_nop(script_sqe(3));
    script_see(3);
}

static void rest_is_cancelled(void)
{
    behind_the_limit(IOSQE_IO_LINK);
}

static void rest_is_issued(void)
{
    behind_the_limit(IOSQE_IO_HARDLINK);
}

static void rest_in_time(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    limit(2, true)->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(script_sqe(3));
    script_see(0);
    script_write("five!");
    script_see(3);
}

/* The limit belongs to the second read, which is not issued yet. */
static void limit_of_the_second(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    script_read(2, 3)->flags |= IOSQE_IO_LINK;
    limit(3, false);
    script_see(0);
    script_write("five!");
    script_see(3);
}

static void cancelled_operation(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    limit(2, true);
    script_see(0);
    io_uring_prep_cancel64(script_sqe(3), 1, 0);
    script_see(3);
}

static void cancelled_limit(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    limit(2, true);
    script_see(0);
    io_uring_prep_cancel64(script_sqe(3), 2, 0);
    script_see(1);
    script_write("five!");
    script_see(2);
}

/* The read with the limit is the older one of two with this user_data. */
static void wrong_operation(void)
{
    read_with_limit(IOSQE_IO_LINK);
    io_uring_sqe_set_data64(script_read(3, 6), 1);
    script_see(2);
    script_write("five!");
    script_see(1);
}

static void broken_before(void)
{
    script_pipe();
    script_write("five!");
    script_read(1, 16)->flags |= IOSQE_IO_LINK;
    script_read(2, 5)->flags |= IOSQE_IO_LINK;
    limit(3, true);
    script_see(3);
}

static void wait_for_two(void)
{
    uint64_t begin_ns = sys_now_ns();

    read_with_limit(IOSQE_IO_LINK);
    ring_enter(&script_ring, 3, UINT64_C(50000000));
    script_say(sys_now_ns() - begin_ns < UINT64_C(40000000)
                   ? "the wait for three ended early" : "the wait went on");
    script_see(2);
}

const struct script scripts_limits[] = {
    {"a linked timeout ends a read, and is reported first", expired},
    {"a read in time cancels its linked timeout", in_time},
    {"a read that completes at once cancels its linked timeout", at_once},
    {"a linked timeout breaks the chain behind it", rest_is_cancelled},
    {"a linked timeout does not break a hard link", rest_is_issued},
    {"after a read in time, the chain goes on", rest_in_time},
    {"a linked timeout begins when its operation is issued",
     limit_of_the_second},
    {"a cancel of the operation cancels its linked timeout",
     cancelled_operation},
    {"a cancel does not find a linked timeout", cancelled_limit},
    {"a linked timeout cancels the newest with the user_data of its operation",
     wrong_operation},
    {"a chain that breaks before cancels the linked timeout", broken_before},
    {"a linked timeout does not end a wait", wait_for_two},
    {NULL, NULL},
};
