/* ring_defaults.c: a ring has every flag that ring_init requests, if the kernel
 * supports it. */
#include "ring.h"

#include <errno.h>

#include "forked.h"
#include "small_rings.h"

#define DEFERRED (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

TEST(the_default_ring_defers_its_work_to_its_one_issuer)
{
    start(0, 0);
    ck_assert_uint_eq(ring.flags & DEFERRED, DEFERRED);
    ck_assert_uint_eq(ring.uring.flags & DEFERRED, DEFERRED);
    ring_finish(&ring);
}

TEST(the_default_ring_flags_completions_that_wait_for_an_enter)
{
    start(0, 0);
    check(ring.flags & IORING_SETUP_TASKRUN_FLAG);
    ring_finish(&ring);
}

TEST(a_plain_ring_does_not_defer_its_work)
{
    struct ring_options options = {.plain = true};

    check_ring(ring_init(&ring, &options));
    ck_assert_uint_eq(ring.flags & DEFERRED, 0);
    ring_finish(&ring);
}

/* Our own limits are those of today's kernel; one with lower limits clamps. */
TEST(every_ring_lets_the_kernel_clamp_its_sizes)
{
    struct ring_options options = {.plain = true};

    start(0, 0);
    check(ring.flags & IORING_SETUP_CLAMP);
    ring_finish(&ring);
    check_ring(ring_init(&ring, &options));
    check(ring.flags & IORING_SETUP_CLAMP);
    ring_finish(&ring);
}

/* liburing enters the kernel with enter_ring_fd: an index of the thread's table
 * of rings if the ring is registered, and otherwise ring_fd. */
TEST(an_enter_uses_the_registered_descriptor)
{
    start(0, 0);
    ck_assert_int_ne(ring.uring.enter_ring_fd, ring.uring.ring_fd);
    ring_finish(&ring);
}

static void read_the_index(void)
{
    _exit(*(volatile unsigned *)ring.uring.sq.khead == 77);
}

static void read_an_entry(void)
{
    _exit(*(volatile unsigned char *)ring.uring.sq.sqes == 77);
}

TEST(a_forked_child_has_no_memory_of_the_ring)
{
    start(0, 0);
    check(forked_faults(read_the_index));
    check(forked_faults(read_an_entry));
    ring_finish(&ring);
}

/* Returns why the kernel refuses a ring with these flags, or NULL. */
static const char *why_not(unsigned flags, const char *reason)
{
    struct io_uring uring;

    if (io_uring_queue_init(2, &uring, flags) < 0)
        return reason;
    io_uring_queue_exit(&uring);
    return NULL;
}

static const char *why_not_registered(void)
{
    struct io_uring uring;
    int count;

    if (io_uring_queue_init(2, &uring, 0) < 0)
        return "there is no ring";
    count = io_uring_register_ring_fd(&uring);
    io_uring_queue_exit(&uring);
    return count == 1 ? NULL : "no ring can be registered here (Linux 5.18)";
}

int main(void)
{
    const char *no_defer = why_not(DEFERRED, "no DEFER_TASKRUN (Linux 6.1)");

    suite_begin("ring_defaults");
    suite_add_unless(no_defer,
                     the_default_ring_defers_its_work_to_its_one_issuer);
    suite_add_unless(why_not(IORING_SETUP_COOP_TASKRUN |
                                 IORING_SETUP_TASKRUN_FLAG,
                             "no TASKRUN_FLAG (Linux 5.19)"),
                     the_default_ring_flags_completions_that_wait_for_an_enter);
    suite_add(a_plain_ring_does_not_defer_its_work);
    suite_add(every_ring_lets_the_kernel_clamp_its_sizes);
    suite_add_unless(why_not_registered(),
                     an_enter_uses_the_registered_descriptor);
    suite_add(a_forked_child_has_no_memory_of_the_ring);
    return suite_end();
}
