/* onering.c: one ring for programs in other languages; see onering.h.
 * Introduced in phase 7. Needs: onering.h, own.h, sys.h.
 *
 * What it teaches: an interface for other languages has functions, numbers and
 * opaque pointers. It also defines how long the kernel owns each buffer. */
#include "onering.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "own.h"
#include "sys.h"

#define SQ_ENTRIES_MAX 4096u
#define CQ_PER_SQ 4u
#define PROBED_OPS 64u
#define NS_PER_S 1000000000u

/* The greatest id that a caller may use, and the user_data of all cancels.
 * onering_next does not return the completions of cancels. */
#define ID_MAX (UINT64_MAX >> 1)
#define ID_OURS UINT64_MAX

struct onering {
    struct io_uring uring;
    size_t mapped; /* bytes of this object */
    int event_fd;  /* owned */
    unsigned in_flight; /* operations whose completion was not taken */
    unsigned cancels;   /* the cancels among them */
    /* The kernel reads the time of a timeout when it takes the SQE, so one time
     * per entry of the SQ is enough. */
    struct __kernel_timespec times[];
};

/* Returns 0 if the kernel has the operations that this file uses. */
static int check_operations(struct io_uring *uring)
{
    static const int needed[] = {IORING_OP_NOP, IORING_OP_READ,
                                 IORING_OP_TIMEOUT, IORING_OP_ASYNC_CANCEL};
    union { /* a probe ends with an array of operations */
        struct io_uring_probe probe;
        char room[sizeof(struct io_uring_probe) +
                  PROBED_OPS * sizeof(struct io_uring_probe_op)];
    } answer = {.room = {0}};
    int rc = io_uring_register_probe(uring, &answer.probe, PROBED_OPS);

    for (unsigned i = 0; rc == 0 && i < sizeof needed / sizeof *needed; i++)
        if (!io_uring_opcode_supported(&answer.probe, needed[i]))
            rc = -EOPNOTSUPP;
    return rc;
}

static int init(struct onering *ring, unsigned sq_entries)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_CQSIZE,
        .cq_entries = CQ_PER_SQ * sq_entries,
    };
    int rc = io_uring_queue_init_params(sq_entries, &ring->uring, &params);

    if (rc < 0)
        return rc;
    rc = check_operations(&ring->uring);
    if (rc == 0)
        rc = sys_event_fd();
    if (rc >= 0) {
        ring->event_fd = rc;
        rc = io_uring_register_eventfd(&ring->uring, rc);
        if (rc == 0)
            rc = io_uring_ring_dontfork(&ring->uring);
        if (rc < 0)
            (void)sys_close(ring->event_fd);
    }
    if (rc < 0)
        io_uring_queue_exit(&ring->uring);
    return rc;
}

/* Rounds the length of ring->times up to a power of two, as the kernel rounds
 * the number of SQ entries. */
int onering_create(struct onering **out, unsigned sq_entries)
{
    struct onering *ring;
    void *memory;
    unsigned times = 1;
    size_t len;
    int rc;

    if (sq_entries == 0 || sq_entries > SQ_ENTRIES_MAX)
        return -EINVAL;
    while (times < sq_entries)
        times *= 2;
    len = sizeof *ring + times * sizeof *ring->times;
    rc = sys_map(&memory, len);
    if (rc < 0)
        return rc;
    ring = memory;
    ring->mapped = len;
    rc = init(ring, sq_entries);
    if (rc < 0) {
        (void)sys_unmap(memory, len);
        return rc;
    }
    assert(ring->uring.sq.ring_entries <= times);
    *out = ring;
    return 0;
}

/* Sets *sqe to the next SQE, and clears it. Submits first if the SQ is full. */
static int take_sqe(struct onering *ring, struct io_uring_sqe **sqe,
                    uint64_t user_data)
{
    int rc;

    if (io_uring_sq_space_left(&ring->uring) == 0) {
        rc = io_uring_submit(&ring->uring);
        if (rc < 0)
            return rc;
    }
    *sqe = io_uring_get_sqe(&ring->uring);
    if (*sqe == NULL) /* still full: the submit freed no entry */
        return -EAGAIN;
    **sqe = (struct io_uring_sqe){.user_data = user_data};
    ring->in_flight++;
    ring->cancels += user_data == ID_OURS;
    return 0;
}

/* Takes an SQE if id and the number of operations are within the limits.
 * onering_cancel does not call this, so the number of cancels is not limited.
 * If their completions overflow the CQ, the kernel keeps those that do not
 * fit. */
static int start(struct onering *ring, struct io_uring_sqe **sqe, uint64_t id)
{
    if (id > ID_MAX)
        return -EINVAL;
    if (onering_in_flight(ring) >= ring->uring.cq.ring_entries)
        return -EBUSY;
    return take_sqe(ring, sqe, id);
}

int onering_read(struct onering *ring, const struct onering_read *read)
{
    struct io_uring_sqe *sqe;
    int rc = read->len > INT_MAX ? -EINVAL : start(ring, &sqe, read->id);

    if (rc == 0) {
        io_uring_prep_read(sqe, read->fd, read->buf, read->len, read->offset);
        sqe->user_data = read->id;
    }
    return rc;
}

int onering_nop(struct onering *ring, uint64_t id)
{
    struct io_uring_sqe *sqe;
    int rc = start(ring, &sqe, id);

    if (rc == 0) {
        io_uring_prep_nop(sqe);
        sqe->user_data = id;
    }
    return rc;
}

int onering_timeout(struct onering *ring, uint64_t timeout_ns, uint64_t id)
{
    struct __kernel_timespec *time;
    struct io_uring_sqe *sqe;
    int rc = start(ring, &sqe, id);

    if (rc < 0)
        return rc;
    time = &ring->times[sqe - ring->uring.sq.sqes];
    time->tv_sec = (int64_t)(timeout_ns / NS_PER_S);
    time->tv_nsec = (int64_t)(timeout_ns % NS_PER_S);
    io_uring_prep_timeout(sqe, time, 0, 0);
    sqe->user_data = id;
    return 0;
}

int onering_cancel(struct onering *ring, uint64_t id)
{
    struct io_uring_sqe *sqe;
    int rc = id > ID_MAX ? -EINVAL : take_sqe(ring, &sqe, ID_OURS);

    if (rc == 0) {
        io_uring_prep_cancel64(sqe, id, 0);
        sqe->user_data = ID_OURS;
    }
    return rc;
}

int onering_submit(struct onering *ring)
{
    return io_uring_submit(&ring->uring);
}

int onering_wait(struct onering *ring, uint64_t timeout_ns)
{
    struct __kernel_timespec time = {
        .tv_sec = (int64_t)(timeout_ns / NS_PER_S),
        .tv_nsec = (int64_t)(timeout_ns % NS_PER_S),
    };
    struct io_uring_cqe *cqe = NULL;
    int rc = io_uring_submit_and_wait_timeout(&ring->uring, &cqe, 1, &time,
                                              NULL);

    if (rc < 0)
        return rc;
    return cqe != NULL ? 0 : -ETIME;
}

int onering_next(struct onering *ring, struct onering_completion *out)
{
    struct io_uring_cqe *cqe;

    while (io_uring_peek_cqe(&ring->uring, &cqe) == 0) {
        bool is_ours = cqe->user_data == ID_OURS;

        *out = (struct onering_completion){cqe->user_data, cqe->res,
                                           cqe->flags};
        io_uring_cqe_seen(&ring->uring, cqe);
        ring->in_flight--;
        if (!is_ours)
            return 1;
        ring->cancels--;
    }
    return 0;
}

unsigned onering_in_flight(const struct onering *ring)
{
    return ring->in_flight - ring->cancels;
}

int onering_eventfd(const struct onering *ring)
{
    return ring->event_fd;
}

int onering_destroy(struct onering *ring)
{
    struct onering_completion dropped;
    int count = (int)onering_in_flight(ring), rc = 0;

    if (count > 0) {
        struct io_uring_sqe *sqe;

        rc = take_sqe(ring, &sqe, ID_OURS);
        if (rc < 0)
            return rc;
        io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY);
        sqe->user_data = ID_OURS;
    }
    while (ring->in_flight > 0) {
        rc = io_uring_submit_and_wait(&ring->uring, 1);
        if (rc < 0 && rc != -EINTR)
            return rc;
        while (onering_next(ring, &dropped) == 1)
            continue;
    }
    io_uring_queue_exit(&ring->uring);
    (void)sys_close(ring->event_fd);
    (void)sys_unmap(ring, ring->mapped);
    return count;
}
