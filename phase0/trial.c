/* trial.c: tests features by using them; see trial.h.
 *
 * The operations run on an eventfd, which is not a socket. A kernel that
 * supports multishot accept checks the file and returns ENOTSOCK. A kernel that
 * does not support it refuses the flag first, with EINVAL. */
#include "trial.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "probe.h"
#include "retry_budget.h"
#include "sys.h"
#include "uring_compat.h"

#define BUFFER_LEN (1u << 20)

/* Submits the one prepared entry. Returns the result of its completion, and
 * stores the flags of the completion in *flags. */
static int complete(struct io_uring *ring, unsigned *flags)
{
    struct io_uring_cqe *cqe;
    int result = io_uring_submit_and_wait(ring, 1);

    if (result >= 0)
        result = io_uring_wait_cqe(ring, &cqe);
    if (result < 0)
        return result;
    result = cqe->res;
    *flags = cqe->flags;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

static int try_accept(struct io_uring *ring, int event)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    unsigned flags;
    int result;

    io_uring_prep_multishot_accept(sqe, event, NULL, NULL, 0);
    result = complete(ring, &flags);
    return result == -ENOTSOCK ? 0 : result;
}

static int try_recv(struct io_uring *ring, int event)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    unsigned flags;
    int result;

    io_uring_prep_recv_multishot(sqe, event, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    result = complete(ring, &flags);
    return result == -ENOTSOCK ? 0 : result;
}

/* The eventfd is readable, so the first completion comes immediately. F_MORE in
 * that completion means that the poll stays active. The poll ends when the ring
 * is closed. */
static int try_poll(struct io_uring *ring, int event)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    unsigned flags = 0;
    int result;

    io_uring_prep_poll_multishot(sqe, event, POLLIN);
    result = complete(ring, &flags);
    if (result < 0)
        return result;
    return (flags & IORING_CQE_F_MORE) != 0 ? 0 : -EINVAL;
}

/* A kernel before 6.10 ignores the flags of a NOP and returns 0. */
static int try_nop(struct io_uring *ring, int event)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    unsigned flags;
    int result;

    (void)event;
    ur_prep_nop_result(sqe, -EIO);
    result = complete(ring, &flags);
    if (result == -EIO)
        return 0;
    return result == 0 ? -EINVAL : result;
}

static int try_buffer_ring(struct io_uring *ring, int event)
{
    struct io_uring_buf_reg reg;
    void *memory;
    int result = sys_map(&memory, sys_page_size());

    (void)event;
    if (result < 0)
        return result;
    memset(&reg, 0, sizeof reg);
    reg.ring_addr = (uintptr_t)memory;
    reg.ring_entries = 8;
    result = io_uring_register_buf_ring(ring, &reg, 0);
    if (result == 0)
        result = io_uring_unregister_buf_ring(ring, 0);
    (void)sys_unmap(memory, sys_page_size());
    return result;
}

/* Registered buffers are pinned and count against RLIMIT_MEMLOCK. */
static int try_buffers(struct io_uring *ring, int event)
{
    struct iovec buffer = {NULL, BUFFER_LEN};
    int result = sys_map(&buffer.iov_base, buffer.iov_len);

    (void)event;
    if (result < 0)
        return result;
    result = io_uring_register_buffers(ring, &buffer, 1);
    if (result == 0)
        result = io_uring_unregister_buffers(ring);
    (void)sys_unmap(buffer.iov_base, buffer.iov_len);
    return result;
}

static int try_sparse_files(struct io_uring *ring, int event)
{
    (void)event;
    return io_uring_register_files_sparse(ring, 8);
}

static int try_ring_fd(struct io_uring *ring, int event)
{
    int count = io_uring_register_ring_fd(ring);

    (void)event;
    return count < 0 ? count : 0;
}

static const struct {
    struct catalog_entry entry;
    int (*run)(struct io_uring *ring, int event);
} trials[] = {
    {{"multishot poll", "5.13", 2, "the overflow lab; later any descriptor"},
     try_poll},
    {{"registered ring fd", "5.18", 2, "a lookup saved per enter"},
     try_ring_fd},
    {{"sparse file table", "5.19", 1, "files without descriptors in cp-uring"},
     try_sparse_files},
    {{"buffer ring", "5.19", 8, "buffers that the kernel picks"},
     try_buffer_ring},
    {{"multishot accept", "5.19", 8, "accepting with one entry"}, try_accept},
    {{"multishot recv", "6.0", 8, "receiving with one entry"}, try_recv},
    {{"NOP with a chosen result", "6.10", 3, "error paths in the tests"},
     try_nop},
    /* This trial is last, because it uses up the retry budget if it fails. */
    {{"registered buffer of 1 MiB", "5.1", 2, "the fixed mode of batch"},
     try_buffers},
};

int trial_count(void)
{
    int count = sizeof trials / sizeof *trials;

    assert(count <= TRIALS_MAX);
    return count;
}

const struct catalog_entry *trial_entry(int n)
{
    assert(n >= 0 && n < trial_count());
    return &trials[n].entry;
}

/* Runs trial n on a new ring, with a readable eventfd as its target. */
static int run_once(int n)
{
    struct io_uring ring;
    int event, result = io_uring_queue_init(4, &ring, 0);

    if (result < 0)
        return result;
    event = sys_event_fd();
    result = event;
    if (event < 0)
        goto exit_ring;
    (void)sys_event_signal(event); /* a new eventfd is never full */
    result = trials[n].run(&ring, event);
    (void)sys_close(event);
exit_ring:
    io_uring_queue_exit(&ring);
    return result;
}

int trial_run(int n)
{
    int result;

    assert(n >= 0 && n < trial_count());
    do {
        result = run_once(n);
    } while (retry_budget_try_again(result));
    return result;
}

/* Both tables are indexed by bit number. companions contains the flags that a
 * flag requires. expected contains the error that the kernel returns if it
 * knows the flag but finds no argument for it. */
static const uint32_t companions[32] = {
    [2] = 1u << 1,   /* SQ_AFF: SQPOLL */
    [9] = 1u << 8,   /* TASKRUN_FLAG: COOP_TASKRUN */
    [13] = 1u << 12, /* DEFER_TASKRUN: SINGLE_ISSUER */
    [15] = 1u << 14, /* REGISTERED_FD_ONLY: NO_MMAP */
    [17] = 1u << 0,  /* HYBRID_IOPOLL: IOPOLL */
    [20] = 1u << 16, /* SQ_REWIND: NO_SQARRAY */
};
static const int expected[32] = {
    [5] = -ENXIO,   /* ATTACH_WQ: no ring given */
    [14] = -EFAULT, /* NO_MMAP: no memory given */
    [15] = -EFAULT,
};

int trial_flag(int bit)
{
    int result;

    assert(bit >= 0 && bit < 32);
    do {
        result = probe_try_flags(4, 1u << bit | companions[bit]);
    } while (retry_budget_try_again(result));
    return result == expected[bit] ? 0 : result;
}
