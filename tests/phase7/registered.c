/* registered.c: what the kernel keeps until it is unregistered. Runs on
 * lib/own, and as registered_liburing on liburing. */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "own_rings.h"

#define GROUP 3
#define BUFFERS 4u
#define BUFFER_LEN 64u

/* Makes a pipe that holds len bytes of text. Returns its end to read from. */
static int pipe_with(const char *text, size_t len)
{
    int fds[2];

    check(pipe(fds) == 0);
    check(write(fds[1], text, len) == (ssize_t)len);
    close(fds[1]);
    return fds[0];
}

/* --- buffer rings ------------------------------------------------------ */

static struct io_uring_buf_ring *buffers;
static char bytes[BUFFERS][BUFFER_LEN];

static int register_buffers(unsigned flags)
{
    struct io_uring_buf_reg reg = {
        .ring_addr = (uintptr_t)buffers,
        .ring_entries = BUFFERS,
        .bgid = GROUP,
    };

    return io_uring_register_buf_ring(&ring, &reg, flags);
}

static void make_buffers(void)
{
    buffers = aligned_alloc(4096, 4096);
    check(buffers != NULL);
    memset(buffers, 0, 4096);
    check_res(register_buffers(0), 0);
    io_uring_buf_ring_init(buffers);
    for (unsigned i = 0; i < BUFFERS; i++)
        io_uring_buf_ring_add(buffers, bytes[i], BUFFER_LEN,
                              (unsigned short)i,
                              io_uring_buf_ring_mask(BUFFERS), (int)i);
    io_uring_buf_ring_advance(buffers, BUFFERS);
}

/* A read into whichever buffer of the group is free. Returns its result, and
 * sets *id to the buffer's. */
static int read_into_group(int fd, unsigned *id)
{
    struct io_uring_sqe *sqe = take_sqe(0);
    struct io_uring_cqe *cqe;
    int result;

    io_uring_prep_read(sqe, fd, NULL, BUFFER_LEN, 0);
    sqe->flags = IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    check_res(io_uring_submit_and_wait(&ring, 1), 1);
    check_res(io_uring_peek_cqe(&ring, &cqe), 0);
    result = cqe->res;
    *id = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
    io_uring_cqe_seen(&ring, cqe);
    return result;
}

TEST(a_read_takes_a_buffer_of_the_registered_ring)
{
    int fd = pipe_with("hello", 5);
    unsigned id;

    start(8, 0);
    make_buffers();
    check_res(read_into_group(fd, &id), 5);
    check(id < BUFFERS && memcmp(bytes[id], "hello", 5) == 0);
    check_res(io_uring_unregister_buf_ring(&ring, GROUP), 0);
    check_res(read_into_group(fd, &id), -ENOBUFS);
    check_res(io_uring_unregister_buf_ring(&ring, GROUP), -ENOENT);
    io_uring_queue_exit(&ring);
}

TEST(a_group_has_one_buffer_ring)
{
    start(8, 0);
    make_buffers();
    check_res(register_buffers(0), -EEXIST);
    io_uring_queue_exit(&ring);
}

/* IOU_PBUF_RING_INC, since Linux 6.12: the flags reach the kernel, which says
 * -EINVAL for those that no kernel has. liburing 2.3 drops them. */
TEST(flags_of_a_buffer_ring_reach_the_kernel)
{
    start(8, 0);
    buffers = aligned_alloc(4096, 4096);
    check(buffers != NULL);
    check_res(register_buffers(1u << 15), -EINVAL);
    io_uring_queue_exit(&ring);
}

/* --- the eventfd ------------------------------------------------------- */

TEST(the_eventfd_counts_completions_while_it_is_registered)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    eventfd_t count;

    start(8, 0);
    check_res(io_uring_register_eventfd(&ring, fd), 0);
    check_res(io_uring_register_eventfd(&ring, fd), -EBUSY);
    nop(1);
    check_res(next_of(1), 0);
    check(eventfd_read(fd, &count) == 0 && count == 1);
    check_res(io_uring_cq_eventfd_toggle(&ring, false), 0);
    nop(2);
    check_res(next_of(2), 0);
    check(eventfd_read(fd, &count) == -1);
    check_res(io_uring_unregister_eventfd(&ring), 0);
    check_res(io_uring_unregister_eventfd(&ring), -ENXIO);
    check_res(io_uring_register_eventfd(&ring, -1), -EBADF);
    io_uring_queue_exit(&ring);
}

/* --- files and buffers ------------------------------------------------- */

static int read_slot(unsigned slot, char *buf, unsigned len)
{
    struct io_uring_sqe *sqe = take_sqe(1);

    io_uring_prep_read(sqe, (int)slot, buf, len, 0);
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->user_data = 1;
    return next_of(1);
}

TEST(registered_files_are_read_by_their_slot)
{
    int fds[2] = {pipe_with("one", 3), pipe_with("two", 3)};
    char buf[8];

    start(8, 0);
    check_res(io_uring_register_files(&ring, fds, 2), 0);
    close(fds[0]);
    close(fds[1]);
    check_res(read_slot(1, buf, sizeof buf), 3);
    check(memcmp(buf, "two", 3) == 0);
    check_res(read_slot(0, buf, sizeof buf), 3);
    check(memcmp(buf, "one", 3) == 0);
    check_res(io_uring_unregister_files(&ring), 0);
    check_res(io_uring_unregister_files(&ring), -ENXIO);
    check_res(read_slot(0, buf, sizeof buf), -EBADF);
    io_uring_queue_exit(&ring);
}

TEST(an_update_returns_the_number_of_slots)
{
    int fds[2] = {pipe_with("one", 3), pipe_with("two", 3)};
    char buf[8];

    start(8, 0);
    check_res(io_uring_register_files_update(&ring, 0, fds, 2), -ENXIO);
    check_res(io_uring_register_files_sparse(&ring, 4), 0);
    check_res(read_slot(3, buf, sizeof buf), -EBADF);
    check_res(io_uring_register_files_update(&ring, 2, fds, 2), 2);
    check_res(read_slot(3, buf, sizeof buf), 3);
    check(memcmp(buf, "two", 3) == 0);
    check_res(io_uring_register_files_update(&ring, 3, fds, 2), -EINVAL);
    io_uring_queue_exit(&ring);
}

/* liburing raises the limit of the process and tries again. */
TEST(a_file_table_above_the_limit_is_refused_and_the_limit_stays)
{
    struct rlimit limit, after;

    start(8, 0);
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 20;
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    check_res(io_uring_register_files_sparse(&ring, 30), ON_OWN ? -EMFILE : 0);
    check(getrlimit(RLIMIT_NOFILE, &after) == 0);
    ck_assert_uint_eq(after.rlim_cur, ON_OWN ? 20 : 50);
    io_uring_queue_exit(&ring);
}

TEST(a_registered_buffer_is_read_into_by_its_index)
{
    static char memory[4096];
    struct iovec iov = {memory, sizeof memory};
    int fd = pipe_with("fixed", 5);
    struct io_uring_sqe *sqe;

    start(8, 0);
    check_res(io_uring_unregister_buffers(&ring), -ENXIO);
    check_res(io_uring_register_buffers(&ring, &iov, 1), 0);
    check_res(io_uring_register_buffers(&ring, &iov, 1), -EBUSY);
    sqe = take_sqe(0);
    io_uring_prep_read_fixed(sqe, fd, memory + 100, 64, 0, 0);
    sqe->user_data = 1;
    check_res(next_of(1), 5);
    check(memcmp(memory + 100, "fixed", 5) == 0);
    check_res(io_uring_unregister_buffers(&ring), 0);
    iov.iov_base = NULL;
    check_res(io_uring_register_buffers(&ring, &iov, 1), -EFAULT);
    io_uring_queue_exit(&ring);
}

/* --- questions --------------------------------------------------------- */

TEST(the_limits_of_workers_are_swapped_with_the_old_ones)
{
    unsigned first[2] = {3, 5}, second[2] = {0, 0};

    start(8, 0);
    check_res(io_uring_register_iowq_max_workers(&ring, first), 0);
    check(first[0] != 3 && first[1] != 5);
    check_res(io_uring_register_iowq_max_workers(&ring, second), 0);
    ck_assert_uint_eq(second[0], 3);
    ck_assert_uint_eq(second[1], 5);
    io_uring_queue_exit(&ring);
}

TEST(a_probe_lists_the_operations_of_the_kernel)
{
    struct io_uring_probe *probe =
        calloc(1, sizeof *probe + 256 * sizeof *probe->ops);

    start(8, 0);
    check_res(io_uring_register_probe(&ring, probe, 256), 0);
    check(io_uring_opcode_supported(probe, IORING_OP_NOP));
    check(io_uring_opcode_supported(probe, IORING_OP_READ));
    check(!io_uring_opcode_supported(probe, 255));
    check_res(io_uring_register_probe(&ring, probe, 256), -EINVAL);
    free(probe);
    io_uring_queue_exit(&ring);
}

int main(void)
{
    suite_begin(ON_OWN ? "registered" : "registered_liburing");
    suite_add(a_read_takes_a_buffer_of_the_registered_ring);
    suite_add(a_group_has_one_buffer_ring);
    suite_add_unless(ON_OWN ? NULL : "liburing 2.3 drops the flags",
                     flags_of_a_buffer_ring_reach_the_kernel);
    suite_add(the_eventfd_counts_completions_while_it_is_registered);
    suite_add(registered_files_are_read_by_their_slot);
    suite_add(an_update_returns_the_number_of_slots);
    suite_add(a_file_table_above_the_limit_is_refused_and_the_limit_stays);
    suite_add(a_registered_buffer_is_read_into_by_its_index);
    suite_add(the_limits_of_workers_are_swapped_with_the_old_ones);
    suite_add(a_probe_lists_the_operations_of_the_kernel);
    return suite_end();
}
