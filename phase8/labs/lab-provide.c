/* lab-provide.c: provided buffers without a ring, and why there is one now.
 * Introduced in phase 8. Needs: lab.h, sys.h, tcp.h.
 *
 * What it teaches: PROVIDE_BUFFERS (5.7) gives buffers to the kernel with an
 * SQE, and has a CQE. A buffer that a receive has used must be provided again,
 * with another SQE:
 *
 *      PROVIDE_BUFFERS    SQE and CQE       a buffer ring   a store to memory
 *      RECV               SQE and CQE       RECV            SQE and CQE
 *      PROVIDE_BUFFERS    SQE and CQE                       a store to memory
 *
 * So a message costs two SQEs where it costs one with a buffer ring (5.19), and
 * the buffer is free only when the kernel has run the second one. */
#include <errno.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "tcp.h"

enum { GROUP = 7, RING_GROUP = 8, BUFFERS = 2, LEN = 16, MESSAGES = 8 };

static char memory[BUFFERS][LEN];
static int sqes; /* since the last count */

static struct io_uring_sqe *next_sqe(struct io_uring *ring)
{
    sqes++;
    return io_uring_get_sqe(ring);
}

static int run(struct io_uring *ring, struct io_uring_cqe *cqe)
{
    lab_take(ring, cqe, 1);
    return cqe->res;
}

static int provide(struct io_uring *ring, int id, int count, int group)
{
    struct io_uring_cqe cqe;

    io_uring_prep_provide_buffers(next_sqe(ring), memory[id], LEN, count, group,
                                  id);
    return run(ring, &cqe);
}

/* Receives a message. Returns its length, and sets *id to its buffer. */
static int receive(struct io_uring *ring, const int fds[2], int group, int *id)
{
    struct io_uring_sqe *sqe = next_sqe(ring);
    struct io_uring_cqe cqe;
    int rc;

    if (write(fds[0], "a message", 9) != 9)
        return -EPIPE;
    io_uring_prep_recv(sqe, fds[1], NULL, LEN, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = (unsigned short)group;
    rc = run(ring, &cqe);
    *id = (int)(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
    return rc;
}

static void use_operations(struct io_uring *ring, const int fds[2])
{
    int id, total = 0;

    lab_print("2 buffers from PROVIDE_BUFFERS, 8 messages");
    lab_result("providing", 0, provide(ring, 0, BUFFERS, GROUP));
    sqes = 0;
    for (int i = 0; i < MESSAGES; i++) {
        total += receive(ring, fds, GROUP, &id);
        total += provide(ring, id, 1, GROUP);
    }
    lab_result("bytes", 72, total);
    lab_result("SQEs", 16, sqes);
}

static void use_ring(struct io_uring *ring, const int fds[2])
{
    struct io_uring_buf_reg registration = {
        .ring_entries = BUFFERS,
        .bgid = RING_GROUP,
    };
    struct io_uring_buf_ring *buffers;
    void *page;
    int id, total = 0;

    if (sys_map(&page, sys_page_size()) < 0)
        return;
    buffers = page;
    registration.ring_addr = (uintptr_t)page;
    lab_print("2 buffers in a ring, 8 messages");
    lab_result("registering", 0,
               io_uring_register_buf_ring(ring, &registration, 0));
    for (id = 0; id < BUFFERS; id++)
        io_uring_buf_ring_add(buffers, memory[id], LEN, (unsigned short)id,
                              io_uring_buf_ring_mask(BUFFERS), id);
    io_uring_buf_ring_advance(buffers, BUFFERS);
    sqes = 0;
    for (int i = 0; i < MESSAGES; i++) {
        total += receive(ring, fds, RING_GROUP, &id);
        io_uring_buf_ring_add(buffers, memory[id], LEN, (unsigned short)id,
                              io_uring_buf_ring_mask(BUFFERS), 0);
        io_uring_buf_ring_advance(buffers, 1);
    }
    lab_result("bytes", 72, total);
    lab_result("SQEs", 8, sqes);
    lab_result("PROVIDE_BUFFERS for this group", -EINVAL,
               provide(ring, 0, 1, RING_GROUP));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2];
    int code = lab_options(argc, argv, "lab-provide",
                           "What does a buffer ring save?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    tcp_pair(fds);
    use_operations(&ring, fds);
    use_ring(&ring, fds);
    io_uring_queue_exit(&ring);
    return lab_end();
}
