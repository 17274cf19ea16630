/* cat-raw: cat through a ring, without liburing.
 *
 * What it teaches: the whole interface. It consists of three system calls
 * (io_uring_setup, io_uring_enter, io_uring_register), two rings in memory that
 * we share with the kernel, and four indices. liburing wraps the same calls.
 *
 *   SQ, the submission queue: we write entries and move its tail;
 *       the kernel reads entries and moves its head.
 *   CQ, the completion queue: the kernel writes entries and moves its tail;
 *       we read entries and move its head.
 *
 * Each index has one writer. The index only counts up, and wraps at 2^32. Its
 * low bits, index & mask, are the slot number. The ring is empty if head ==
 * tail, and full if tail - head == entries.
 *
 *   do      zero every SQE: the kernel also reads fields that you did not set
 *   do      read a CQE before you move the head: afterwards the kernel may
 *           overwrite it
 *   do not  look in errno for the result of an operation: it is in cqe->res,
 *           which is negative after a failure
 *   do not  touch a buffer between its submission and its completion
 *
 * One operation is in flight at a time, so this cat is no faster than cat-sync.
 * cat-uring and cp-uring have many operations in flight. */
#include <assert.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cat.h"

#define RING_ENTRIES 2
#define PROBE_OPS 64 /* the probe covers opcodes 0 to 63 */

/* The addresses of the parts of the ring. Each _Atomic index is shared with the
 * kernel: one side moves it, and the other reads it. */
struct ring {
    int fd;
    void *rings; /* first mapping: indices of both rings, CQEs */
    size_t rings_len;
    struct io_uring_sqe *sqes; /* second mapping */
    size_t sqes_len;

    _Atomic uint32_t *sq_head; /* moved by the kernel */
    _Atomic uint32_t *sq_tail; /* moved by us */
    uint32_t *sq_array;        /* see sq_push */
    uint32_t sq_mask;

    _Atomic uint32_t *cq_head; /* moved by us */
    _Atomic uint32_t *cq_tail; /* moved by the kernel */
    struct io_uring_cqe *cqes;
    uint32_t cq_mask;
};

static struct ring ring;

/* Converts the return value of syscall(2) to a result or -errno. The C library
 * has no wrappers for the three system calls. */
static int result_of(long returned)
{
    return returned < 0 ? -errno : (int)returned;
}

/* Sets the pointers into the mapping, from the offsets that the kernel
 * returned. */
static void ring_find_parts(struct ring *r,
                            const struct io_uring_params *params)
{
    char *base = r->rings;

    r->sq_head = (_Atomic uint32_t *)(void *)(base + params->sq_off.head);
    r->sq_tail = (_Atomic uint32_t *)(void *)(base + params->sq_off.tail);
    r->sq_array = (uint32_t *)(void *)(base + params->sq_off.array);
    r->sq_mask = *(uint32_t *)(void *)(base + params->sq_off.ring_mask);
    r->cq_head = (_Atomic uint32_t *)(void *)(base + params->cq_off.head);
    r->cq_tail = (_Atomic uint32_t *)(void *)(base + params->cq_off.tail);
    r->cqes = (struct io_uring_cqe *)(void *)(base + params->cq_off.cqes);
    r->cq_mask = *(uint32_t *)(void *)(base + params->cq_off.ring_mask);
}

/* Maps the two areas, the rings and the SQEs. Kernels before 5.4 need a third
 * mapping. We do not support them, because they also lack IORING_OP_READ.
 * Returns 0 or -errno. */
static int ring_map(struct ring *r, const struct io_uring_params *params)
{
    size_t sq_len = params->sq_off.array +
                    params->sq_entries * sizeof(uint32_t);
    size_t cq_len = params->cq_off.cqes +
                    params->cq_entries * sizeof(struct io_uring_cqe);

    if ((params->features & IORING_FEAT_SINGLE_MMAP) == 0)
        return -ENOSYS;
    r->rings_len = sq_len > cq_len ? sq_len : cq_len;
    r->rings = mmap(NULL, r->rings_len, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
    if (r->rings == MAP_FAILED)
        return -errno;
    r->sqes_len = params->sq_entries * sizeof(struct io_uring_sqe);
    r->sqes = mmap(NULL, r->sqes_len, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQES);
    if (r->sqes == MAP_FAILED)
        return -errno;
    ring_find_parts(r, params);
    return 0;
}

/* Checks that the kernel has the two operations that we use. Kernels before 5.6
 * have neither IORING_REGISTER_PROBE nor IORING_OP_READ. Returns 0, -EOPNOTSUPP
 * if an operation is missing, or -errno. */
static int ring_check_ops(const struct ring *r)
{
    union {
        struct io_uring_probe probe; /* ends with the array of ops */
        char room[sizeof(struct io_uring_probe) +
                  PROBE_OPS * sizeof(struct io_uring_probe_op)];
    } answer = {.room = {0}};
    const struct io_uring_probe_op *ops = answer.probe.ops;
    int rc;

    do {
        rc = result_of(syscall(SYS_io_uring_register, r->fd,
                               IORING_REGISTER_PROBE, &answer, PROBE_OPS));
    } while (rc == -EINTR);
    if (rc < 0)
        return rc;
    if ((ops[IORING_OP_READ].flags & IO_URING_OP_SUPPORTED) == 0 ||
        (ops[IORING_OP_WRITE].flags & IO_URING_OP_SUPPORTED) == 0)
        return -EOPNOTSUPP;
    return 0;
}

/* Creates the ring. The kernel unmaps and closes it when the program ends. To
 * release it earlier, unmap both areas and close fd. Returns 0 or -errno. */
static int cat_raw_init(void)
{
    struct io_uring_params params = {0}; /* no flags; the kernel fills it in */
    int rc;

    do {
        ring.fd = result_of(syscall(SYS_io_uring_setup, RING_ENTRIES, &params));
    } while (ring.fd == -EINTR);
    if (ring.fd < 0)
        return ring.fd;
    rc = ring_map(&ring, &params);
    return rc < 0 ? rc : ring_check_ops(&ring);
}

/* Appends one entry to the submission queue, which must not be full.
 *
 * The ring itself is an array of indices: slot i holds the index of an SQE. So
 * a program can prepare entries in one order and queue them in another. Most
 * programs do not need that, and neither do we: slot i always holds i.
 * (IORING_SETUP_NO_SQARRAY, Linux 6.6, drops the array.)
 *
 * The barriers: we are the only writer of the tail, so a relaxed load is
 * enough. The kernel may read the entry as soon as it sees the new tail. The
 * release store makes the entry and the array visible before the tail. Without
 * it, the compiler or the processor may store the tail first, and the kernel
 * would execute the previous entry of that slot. */
static void sq_push(struct ring *r, const struct io_uring_sqe *sqe)
{
    uint32_t tail = atomic_load_explicit(r->sq_tail, memory_order_relaxed);
    uint32_t slot = tail & r->sq_mask;

    /* Acquire: the kernel has finished reading this slot's previous entry. */
    assert(tail - atomic_load_explicit(r->sq_head, memory_order_acquire) <=
           r->sq_mask);
    r->sqes[slot] = *sqe;
    r->sq_array[slot] = slot;
    atomic_store_explicit(r->sq_tail, tail + 1, memory_order_release);
}

/* Takes one result off the completion queue. Returns false if there is none.
 *
 * The acquire load pairs with the kernel's release of the tail: once we see the
 * new tail, we see the whole CQE and the bytes in our buffer. The release store
 * of the head frees the slot, but only after we have read the CQE. From then on
 * the kernel may write another CQE there. */
static bool cq_pop(struct ring *r, int *result)
{
    uint32_t head = atomic_load_explicit(r->cq_head, memory_order_relaxed);

    if (head == atomic_load_explicit(r->cq_tail, memory_order_acquire))
        return false;
    *result = r->cqes[head & r->cq_mask].res;
    atomic_store_explicit(r->cq_head, head + 1, memory_order_release);
    return true;
}

/* Runs one operation and returns its result. io_uring_enter submits the pending
 * entries and waits for one completion. Only one operation is in flight, so we
 * do not need user_data to match completions to operations. */
static int ring_do(uint8_t opcode, int fd, void *data, size_t len,
                   uint64_t offset)
{
    struct io_uring_sqe sqe = {
        .opcode = opcode,
        .fd = fd,
        .addr = (uint64_t)(uintptr_t)data,
        .len = (uint32_t)len,
        .off = offset, /* -1: use and advance the file position */
    };
    int result;

    sq_push(&ring, &sqe);
    while (!cq_pop(&ring, &result)) {
        /* Count the entries that the kernel has not taken. Even a call that
         * failed or was interrupted may have taken the entry, so check the
         * head. */
        uint32_t pending =
            atomic_load_explicit(ring.sq_tail, memory_order_relaxed) -
            atomic_load_explicit(ring.sq_head, memory_order_acquire);

        cat_enter_result(result_of(syscall(SYS_io_uring_enter, ring.fd,
                                           pending, 1, IORING_ENTER_GETEVENTS,
                                           NULL, 0)));
    }
    return result;
}

/* Writes all of data. Returns its length, or -errno. */
static int write_all(struct cat_job *job, char *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        int result = ring_do(IORING_OP_WRITE, job->out, data + done,
                             len - done, UINT64_MAX);

        result = cat_write_result(job, result);
        if (result < 0)
            return result;
        if (result == CAT_RETRY)
            continue;
        cat_settle_position(job, result);
        done += (size_t)result;
        job->in_offset += (uint64_t)result;
    }
    return (int)len;
}

static int cat_raw_copy(struct cat_job *job)
{
    static _Alignas(CAT_BLOCK_ALIGN) char block[CAT_BLOCK_LEN];
    int result;

    do {
        result = ring_do(IORING_OP_READ, job->in, block, sizeof block,
                         cat_read_offset(job));
        result = cat_read_result(job, result);
        if (result > 0 && result != CAT_RETRY)
            result = write_all(job, block, (size_t)result);
    } while (result > 0);
    return result;
}

int main(int argc, char **argv)
{
    static const struct cat_engine engine = {
        .program = "cat-raw",
        .summary = "Uses io_uring by system calls, without a library.",
        .init = cat_raw_init,
        .copy = cat_raw_copy,
    };

    return cat_main(argc, argv, &engine);
}
