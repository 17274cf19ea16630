/* ring_setup.c: a ring is made, or refused and leaves nothing, and only the
 * thread that made it uses it. */
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "forked.h"
#include "small_rings.h"

TEST(ring_sizes_are_rounded_and_clamped)
{
    start(0, 0);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 256);
    ck_assert_uint_eq(ring.cq_entries, 1024);
    ring_finish(&ring);
    start(3, 0);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 4);
    ck_assert_uint_eq(ring.cq_entries, 16);
    ring_finish(&ring);
    start(64, 2);
    ck_assert_uint_eq(ring.cq_entries, 64);
    ring_finish(&ring);
    start(1000000, 1000000);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 32768);
    ck_assert_uint_eq(ring.cq_entries, 65536);
    ring_finish(&ring);
}

TEST(a_zeroed_ring_can_be_finished_and_a_finished_ring_reused)
{
    ring_finish(&ring);
    for (int i = 0; i < 100; i++) {
        start(2, 2);
        ring_finish(&ring);
        ring_finish(&ring);
    }
}

TEST(the_rings_descriptor_is_not_inherited_by_a_program)
{
    start(0, 0);
    ck_assert_int_eq(fcntl(ring.uring.ring_fd, F_GETFD), FD_CLOEXEC);
    ring_finish(&ring);
}

TEST(ring_init_without_descriptors_fails_and_leaks_nothing)
{
    struct ring_options options = {0};
    int free_fd = dup(0);
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)free_fd;
    close(free_fd);
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    check_res(ring_init(&ring, &options), -EMFILE);
    ring_finish(&ring);
    limit.rlim_cur++;
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    start(0, 0);
    ck_assert_int_eq(ring.uring.ring_fd, free_fd);
    ring_finish(&ring);
}

/* The limit on locked memory does not apply to root. The kernel counts per
 * user, so this uses a user that no other process has. */
static void limit_locked_memory(rlim_t len)
{
    struct rlimit limit = {len, len};

    check_res(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
    check_res(setgroups(0, NULL), 0);
    check_res(setresuid(54322, 54322, 54322), 0);
}

TEST(ring_init_with_little_locked_memory_makes_a_smaller_ring)
{
    limit_locked_memory(256 << 10);
    start(4096, 0);
    ck_assert_uint_eq(ring.uring.sq.ring_entries, 1024);
    ck_assert_uint_eq(ring.cq_entries, 4096);
    nop(1);
    ck_assert_uint_eq(next().handle, 1);
    ring_finish(&ring);
}

/* The kernel counts the memory of a ring for a while after it was closed. */
TEST(one_ring_after_another_keeps_its_size_though_memory_is_freed_late)
{
    limit_locked_memory(4 << 20);
    for (int i = 0; i < 40; i++) {
        start(4096, 0);
        ck_assert_uint_eq(ring.uring.sq.ring_entries, 4096);
        ring_finish(&ring);
    }
}

TEST(ring_init_without_locked_memory_returns_enomem)
{
    struct ring_options options = {0};
    int free_fd = dup(0);

    close(free_fd);
    limit_locked_memory(0);
    check_res(ring_init(&ring, &options), -ENOMEM);
    ck_assert_int_eq(dup(0), free_fd);
    close(free_fd);
    ring_finish(&ring);
}

static void *use_it(void *arg)
{
    (void)arg;
    nop(1);
    return NULL;
}

static void use_it_in_a_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, use_it, NULL) == 0)
        pthread_join(thread, NULL);
}

TEST(using_the_ring_in_another_thread_is_asserted)
{
    start(0, 0);
    check(forked_aborts(use_it_in_a_thread));
    ring_finish(&ring);
}

static void use_it_here(void)
{
    nop(1);
    ring_enter(&ring, 0, 0);
}

static void finish_it(void)
{
    ring_finish(&ring);
}

/* A fork does not copy the ring. A child that used it would submit the SQEs
 * that the parent had queued. */
TEST(a_child_that_uses_the_ring_is_stopped_and_the_parent_goes_on)
{
    start(0, 0);
    nop(5);
    check(forked_aborts(use_it_here));
    ck_assert_int_eq(forked_run(finish_it), 0);
    nop(6);
    ck_assert_uint_eq(next().handle, 5);
    ck_assert_uint_eq(next().handle, 6);
    check(is_empty());
    ring_finish(&ring);
}

static void reserve_too_many(void)
{
    start(4, 0);
    ring_reserve(&ring, 5);
}

TEST(reserving_more_sqes_than_the_ring_has_is_asserted)
{
    check(forked_aborts(reserve_too_many));
}

static void abort_if_unlimited(void)
{
    struct ring_options options = {0};

    limit_locked_memory(0);
    if (ring_init(&ring, &options) == 0)
        abort();
}

static const char *why_not_limited(void)
{
    if (geteuid() != 0)
        return "only root can become another user";
    return forked_aborts(abort_if_unlimited)
               ? "this kernel does not count a ring as locked memory"
               : NULL;
}

int main(void)
{
    suite_begin("ring_setup");
    suite_add(ring_sizes_are_rounded_and_clamped);
    suite_add(a_zeroed_ring_can_be_finished_and_a_finished_ring_reused);
    suite_add(the_rings_descriptor_is_not_inherited_by_a_program);
    suite_add(ring_init_without_descriptors_fails_and_leaks_nothing);
    suite_add_unless(
        why_not_limited(),
        ring_init_with_little_locked_memory_makes_a_smaller_ring);
    suite_add_unless(
        why_not_limited(),
        one_ring_after_another_keeps_its_size_though_memory_is_freed_late);
    suite_add_unless(why_not_limited(),
                     ring_init_without_locked_memory_returns_enomem);
    suite_add(using_the_ring_in_another_thread_is_asserted);
    suite_add(a_child_that_uses_the_ring_is_stopped_and_the_parent_goes_on);
    suite_add(reserving_more_sqes_than_the_ring_has_is_asserted);
    return suite_end();
}
