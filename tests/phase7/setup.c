/* setup.c: how a ring is made, registered with its thread, kept from children,
 * and released. Runs on lib/own, and as setup_liburing on liburing. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deny.h"
#include "children.h"
#include "fds.h"
#include "forked.h"
#include "own_rings.h"

#define NO_MMAP (1u << 14)
#define NO_SQARRAY (1u << 16)
#define SQ_REWIND (1u << 20)

TEST(a_ring_has_the_sizes_that_the_kernel_chose)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_CQSIZE,
        .cq_entries = 100,
    };

    check_ring(io_uring_queue_init_params(5, &ring, &params));
    ck_assert_uint_eq(params.sq_entries, 8);
    ck_assert_uint_eq(ring.sq.ring_entries, 8);
    ck_assert_uint_eq(ring.sq.ring_mask, 7);
    ck_assert_uint_eq(*ring.sq.kring_entries, 8);
    ck_assert_uint_eq(*ring.sq.kring_mask, 7);
    ck_assert_uint_eq(ring.cq.ring_entries, 128);
    ck_assert_uint_eq(ring.cq.ring_mask, 127);
    ck_assert_uint_eq(*ring.cq.kring_entries, 128);
    ck_assert_uint_eq(*ring.cq.kring_mask, 127);
    ck_assert_uint_eq(*ring.sq.kdropped, 0);
    ck_assert_uint_eq(*ring.cq.koverflow, 0);
    ck_assert_uint_eq(ring.features, params.features);
    ck_assert_int_eq(ring.enter_ring_fd, ring.ring_fd);
    check(fcntl(ring.ring_fd, F_GETFD) == FD_CLOEXEC);
    check(io_uring_cq_eventfd_enabled(&ring));
    io_uring_queue_exit(&ring);
}

/* With an array of the SQ or, where the kernel has that, without. */
TEST(entry_n_of_the_sq_is_sqe_n)
{
    struct io_uring_params params = {.flags = IORING_SETUP_CLAMP};

    check_ring(io_uring_queue_init_params(16, &ring, &params));
    ck_assert_uint_eq(ring.flags, params.flags);
    check(params.flags & IORING_SETUP_CLAMP);
    if (params.flags & NO_SQARRAY) {
        check(ring.sq.array == NULL);
    } else {
        for (unsigned i = 0; i < 16; i++)
            ck_assert_uint_eq(ring.sq.array[i], i);
    }
    io_uring_queue_exit(&ring);
}

TEST(a_ring_has_no_array_of_indices_where_the_kernel_needs_none)
{
    start(8, 0);
    check(ring.flags & NO_SQARRAY);
    ck_assert_ptr_null(ring.sq.array);
    nop(7);
    check_res(next_of(7), 0);
    io_uring_queue_exit(&ring);
}

static const char *why_an_array(void)
{
    struct io_uring_params params = {.flags = NO_SQARRAY};
    int fd = (int)syscall(SYS_io_uring_setup, 2, &params);

    if (fd < 0)
        return "the kernel needs the array (before Linux 6.6)";
    close(fd);
    return NULL;
}

/* SQEs of 128 bytes and CQEs of 32: other lengths to map, another stride. */
TEST(rings_with_large_entries_work)
{
    check_ring(io_uring_queue_init(8, &ring,
                                   IORING_SETUP_SQE128 | IORING_SETUP_CQE32));
    for (uint64_t i = 0; i < 50; i++) {
        nop(i);
        check_res(next_of(i), 0);
    }
    io_uring_queue_exit(&ring);
    ck_assert_int_eq(ring_mappings(), 0);
}

TEST(a_setup_that_the_kernel_refuses_returns_its_errno)
{
    check_res(io_uring_queue_init(0, &ring, 0), -EINVAL);
    check_res(io_uring_queue_init(32769, &ring, 0), -EINVAL);
    check_res(io_uring_queue_init(8, &ring, IORING_SETUP_SQ_AFF), -EINVAL);
    check_res(io_uring_queue_init(8, &ring, IORING_SETUP_TASKRUN_FLAG),
              -EINVAL);
    ck_assert_int_eq(ring_mappings(), 0);
}

TEST(a_flag_that_changes_who_maps_is_refused)
{
    check_res(io_uring_queue_init(8, &ring, NO_MMAP), -EINVAL);
    check_res(io_uring_queue_init(8, &ring, SQ_REWIND | NO_SQARRAY), -EINVAL);
    check_res(io_uring_queue_init(8, &ring, 1u << 31), -EINVAL);
}

TEST(rings_that_were_released_leave_nothing)
{
    int open = fds_open();

    for (int i = 0; i < 100; i++) {
        start(8, 0);
        check_res(io_uring_register_ring_fd(&ring), 1);
        nop(1);
        check_res(next_of(1), 0);
        io_uring_queue_exit(&ring);
    }
    ck_assert_int_eq(fds_open(), open);
    ck_assert_int_eq(ring_mappings(), 0);
}

TEST(without_descriptors_a_setup_fails_and_leaves_nothing)
{
    struct rlimit limit, none;

    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    none = limit;
    none.rlim_cur = 0;
    check(setrlimit(RLIMIT_NOFILE, &none) == 0);
    check_res(io_uring_queue_init(8, &ring, 0), -EMFILE);
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    ck_assert_int_eq(ring_mappings(), 0);
}

static const char *why_no_filter(void)
{
    const struct deny none = {0};
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit(deny_install(&none) != 0);
    return pid > 0 && children_wait(pid, &status, 0) == pid && status == 0
               ? NULL
               : "this kernel has no seccomp filters";
}

/* Containers refuse a call with an errno of their own. */
TEST(calls_that_a_filter_refuses_return_its_errno)
{
    const struct deny all = {.setup = ENOSYS, .enter = EACCES, .reg = EPERM};
    struct io_uring_cqe *cqe;

    start(8, 0);
    check_res(deny_install(&all), 0);
    check_res(io_uring_queue_init(8, &(struct io_uring){0}, 0), -ENOSYS);
    check_res(io_uring_register_ring_fd(&ring), -EPERM);
    nop(1);
    check_res(io_uring_submit(&ring), -EACCES);
    ck_assert_uint_eq(io_uring_sq_ready(&ring), 1); /* it was not submitted */
    check_res(io_uring_wait_cqe(&ring, &cqe), -EACCES);
    io_uring_queue_exit(&ring);
    ck_assert_int_eq(ring_mappings(), 0);
}

/* --- the registered descriptor ----------------------------------------- */

/* An enter looks up the index, and not the descriptor: it works although the
 * descriptor is another file for a moment. */
TEST(a_registered_ring_is_entered_by_its_index)
{
    int copy, other = open("/dev/null", O_RDONLY);

    start(8, 0);
    check_res(io_uring_register_ring_fd(&ring), 1);
    copy = dup(ring.ring_fd);
    check(dup2(other, ring.ring_fd) == ring.ring_fd);
    nop(1);
    check_res(io_uring_submit_and_wait(&ring, 1), 1);
    check_res(io_uring_submit_and_get_events(&ring), 0);
    check_res(io_uring_get_events(&ring), 0);
    check_res(next_of(1), 0);
    check(dup2(copy, ring.ring_fd) == ring.ring_fd);
    check_res(io_uring_unregister_ring_fd(&ring), 1);
    check(dup2(other, ring.ring_fd) == ring.ring_fd);
    nop(2);
    check_res(io_uring_submit(&ring), -EOPNOTSUPP); /* not a ring any more */
}

/* liburing refuses this since 2.4; before, it leaked the first index. */
TEST(a_ring_is_registered_only_once)
{
    start(8, 0);
    check_res(io_uring_unregister_ring_fd(&ring), -EINVAL);
    check_res(io_uring_register_ring_fd(&ring), 1);
    check_res(io_uring_register_ring_fd(&ring), -EEXIST);
    io_uring_queue_exit(&ring);
}

/* The kernel gives out the lowest free index, and a process without stdin the
 * lowest descriptor: both are 0. A thread has 16 indices. */
TEST(an_exit_frees_an_index_that_equals_the_descriptor)
{
    close(STDIN_FILENO);
    for (int i = 0; i < 40; i++) {
        start(8, 0);
        check_res(io_uring_register_ring_fd(&ring), 1);
        ck_assert_int_eq(ring.ring_fd, 0);
        ck_assert_int_eq(ring.enter_ring_fd, 0);
        nop(1);
        check_res(next_of(1), 0);
        io_uring_queue_exit(&ring);
    }
}

/* --- children ---------------------------------------------------------- */

static void read_cq_head(void)
{
    _exit((int)(*(volatile unsigned *)ring.cq.khead & 0));
}

static void read_an_sqe(void)
{
    _exit(((volatile struct io_uring_sqe *)ring.sq.sqes)->opcode & 0);
}

TEST(a_child_has_no_ring_memory_after_dontfork)
{
    start(8, 0);
    check(!forked_faults(read_cq_head));
    check_res(io_uring_ring_dontfork(&ring), 0);
    check(forked_faults(read_cq_head));
    check(forked_faults(read_an_sqe));
    nop(1);
    check_res(next_of(1), 0); /* the parent still has it */
    io_uring_queue_exit(&ring);
}

TEST(dontfork_of_a_ring_that_was_not_made_is_einval)
{
    check_res(io_uring_ring_dontfork(&(struct io_uring){0}), -EINVAL);
}

int main(void)
{
    const char *why_no_own = ON_OWN ? NULL : "this holds for lib/own";

    suite_begin(ON_OWN ? "setup" : "setup_liburing");
    suite_add(a_ring_has_the_sizes_that_the_kernel_chose);
    suite_add(entry_n_of_the_sq_is_sqe_n);
    suite_add_unless(
        why_no_own != NULL ? why_no_own : why_an_array(),
        a_ring_has_no_array_of_indices_where_the_kernel_needs_none);
    suite_add(rings_with_large_entries_work);
    suite_add(a_setup_that_the_kernel_refuses_returns_its_errno);
    suite_add_unless(why_no_own, a_flag_that_changes_who_maps_is_refused);
    suite_add(rings_that_were_released_leave_nothing);
    suite_add(without_descriptors_a_setup_fails_and_leaves_nothing);
    suite_add_unless(why_no_filter(),
                     calls_that_a_filter_refuses_return_its_errno);
    suite_add(a_registered_ring_is_entered_by_its_index);
    suite_add_unless(why_no_own, a_ring_is_registered_only_once);
    suite_add(an_exit_frees_an_index_that_equals_the_descriptor);
    suite_add(a_child_has_no_ring_memory_after_dontfork);
    suite_add(dontfork_of_a_ring_that_was_not_made_is_einval);
    return suite_end();
}
