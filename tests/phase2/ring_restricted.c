/* ring_restricted.c: a ring with rules runs the operations that they list, and
 * no others. */
#include "ring.h"
#include "ring_register.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "small_rings.h"

static const uint8_t ops[] = {IORING_OP_NOP, IORING_OP_READ};
static struct ring_rules rules = {
    .ops = ops,
    .op_count = sizeof ops,
    .sqe_flags = IOSQE_IO_LINK,
};

static void start_restricted(bool plain)
{
    struct ring_options options = {.plain = plain, .rules = &rules};

    check_ring(ring_init(&ring, &options));
    ck_assert_int_eq(ring.restricted, 1);
}

/* Runs an operation on a pipe that holds a byte. Returns its result. */
static int run(int op, unsigned flags)
{
    static char byte;
    int fds[2];

    check_res(pipe2(fds, O_CLOEXEC), 0);
    check(write(fds[1], "x", 1) == 1);
    struct io_uring_sqe *sqe = ring_sqe(&ring, 1);

    io_uring_prep_rw(op, sqe, op == IORING_OP_READ ? fds[0] : fds[1], &byte, 1,
                     UINT64_MAX);
    if (op == IORING_OP_NOP)
        io_uring_prep_nop(sqe);
    sqe->flags = (uint8_t)flags;
    sqe->user_data = 1;
    int res = next().result;

    close(fds[0]);
    close(fds[1]);
    return res;
}

TEST(a_restricted_ring_runs_only_the_listed_operations)
{
    for (int plain = 0; plain < 2; plain++) {
        start_restricted(plain == 1);
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(run(IORING_OP_NOP, 0), 0);
            ck_assert_int_eq(run(IORING_OP_READ, 0), 1);
            ck_assert_int_eq(run(IORING_OP_WRITE, 0), -EACCES);
            ck_assert_int_eq(run(IORING_OP_CLOSE, 0), -EACCES);
        }
        ring_finish(&ring);
    }
}

TEST(a_restricted_ring_takes_only_the_listed_flags)
{
    start_restricted(false);
    ck_assert_int_eq(run(IORING_OP_READ, IOSQE_IO_LINK), 1);
    ck_assert_int_eq(run(IORING_OP_READ, IOSQE_ASYNC), -EACCES);
    ck_assert_int_eq(run(IORING_OP_READ, IOSQE_IO_LINK | IOSQE_IO_DRAIN),
                     -EACCES);
    ring_finish(&ring);
}

TEST(a_restricted_ring_makes_the_registrations_of_ring_h_and_no_others)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = eventfd(0, EFD_CLOEXEC);

    check(fd >= 0 && memory != MAP_FAILED);
    start_restricted(false);
    check_res(io_uring_register((unsigned)ring.uring.ring_fd,
                                IORING_REGISTER_FILES, &fd, 1), -EACCES);
    check_res(io_uring_register((unsigned)ring.uring.ring_fd,
                                IORING_REGISTER_RESTRICTIONS, &fd, 1), -EACCES);
    check_res(ring_register_eventfd(&ring, fd), 0);
    check_res(ring_unregister_eventfd(&ring), 0);
    check_res(ring_register_buf_ring(&ring, memory, 8, 0), 0);
    check_res(ring_unregister_buf_ring(&ring, 0), 0);
    ring_finish(&ring);
    munmap(memory, 4096);
    close(fd);
}

TEST(a_ring_works_without_rules_that_the_kernel_refuses)
{
    static const uint8_t unknown[] = {IORING_OP_NOP, 255};
    struct ring_rules wrong = {.ops = unknown, .op_count = 2};
    struct ring_options options = {.rules = &wrong};

    check_ring(ring_init(&ring, &options));
    ck_assert_int_eq(ring.restricted, -EINVAL);
    ck_assert_int_eq(run(IORING_OP_READ, 0), 1);
    ring_finish(&ring);
}

TEST(a_ring_without_rules_is_not_restricted)
{
    start(0, 0);
    ck_assert_int_eq(ring.restricted, 0);
    ck_assert_int_eq(run(IORING_OP_WRITE, IOSQE_ASYNC), 1);
    ring_finish(&ring);
}

int main(void)
{
    suite_begin("ring_restricted");
    suite_add(a_restricted_ring_runs_only_the_listed_operations);
    suite_add(a_restricted_ring_takes_only_the_listed_flags);
    suite_add(
        a_restricted_ring_makes_the_registrations_of_ring_h_and_no_others);
    suite_add(a_ring_works_without_rules_that_the_kernel_refuses);
    suite_add(a_ring_without_rules_is_not_restricted);
    return suite_end();
}
