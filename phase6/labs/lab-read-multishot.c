/* lab-read-multishot.c: one read that completes at every event.
 * Introduced in phase 6. Needs: lab.h, probe.h, sys.h, uring_compat.h.
 *
 * What it teaches: READ_MULTISHOT (6.7) reads a file that can be polled again
 * and again. Each read takes a provided buffer, and its CQE has F_MORE:
 *
 *      an eventfd       8 bytes per event: the sum of the writes so far
 *      no buffer left   -ENOBUFS, without F_MORE: submit it again later
 *      end of a pipe    0, without F_MORE
 *      a regular file   -EBADFD: it is always ready
 *
 * The program owns the buffer of a CQE until it puts the buffer back. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lab.h"
#include "probe.h"
#include "sys.h"
#include "uring_compat.h"

enum { GROUP = 7, BUFFERS = 4, LEN = 8 };

static char memory[BUFFERS][LEN];
static struct io_uring_buf_ring *buffers;

/* Puts every buffer into the ring. Call it when the kernel has none. */
static void put_buffers(void)
{
    for (unsigned short i = 0; i < BUFFERS; i++)
        io_uring_buf_ring_add(buffers, memory[i], LEN, i,
                              io_uring_buf_ring_mask(BUFFERS), i);
    io_uring_buf_ring_advance(buffers, BUFFERS);
}

static int register_buffers(struct io_uring *ring)
{
    struct io_uring_buf_reg registration = {
        .ring_entries = BUFFERS,
        .bgid = GROUP,
    };
    void *page;
    int rc = sys_map(&page, sys_page_size());

    if (rc < 0)
        return rc;
    buffers = page;
    registration.ring_addr = (uintptr_t)page;
    io_uring_buf_ring_init(buffers);
    put_buffers();
    return io_uring_register_buf_ring(ring, &registration, 0);
}

static void start(struct io_uring *ring, int fd)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    /* The length is 0, because each buffer has its length. */
    ur_prep_read_multishot(sqe, fd, 0, 0, GROUP);
    io_uring_submit(ring);
}

/* Takes one completion, and predicts its result and its F_MORE. Returns the
 * index of its buffer. */
static unsigned take(struct io_uring *ring, const char *what, int result,
                     bool has_more)
{
    struct io_uring_cqe cqe;

    lab_take(ring, &cqe, 1);
    lab_result(what, result, cqe.res);
    lab_truth("F_MORE", has_more, (cqe.flags & IORING_CQE_F_MORE) != 0);
    return cqe.flags >> IORING_CQE_BUFFER_SHIFT;
}

static void read_events(struct io_uring *ring, int fd)
{
    uint64_t sum = 0, value;

    start(ring, fd);
    for (uint64_t i = 1; i <= BUFFERS; i++) {
        if (write(fd, &i, sizeof i) != sizeof i)
            exit(LAB_USAGE);
        memcpy(&value, memory[take(ring, "an event", LEN, true)], LEN);
        sum += value;
    }
    lab_result("the sum of the values 1 to 4", 10, (int)sum);
    value = 5;
    if (write(fd, &value, sizeof value) != sizeof value)
        exit(LAB_USAGE);
    take(ring, "an event without a buffer", -ENOBUFS, false);
    put_buffers();
    start(ring, fd);
    memcpy(&value, memory[take(ring, "the event, read again", LEN, true)], LEN);
    lab_result("its value", 5, (int)value);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2], event_fd = eventfd(0, EFD_CLOEXEC);
    int code = lab_options(argc, argv, "lab-read-multishot",
                           "How many events does one read bring?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    if (probe_missing_op(UR_OP_READ_MULTISHOT) != NULL ||
        register_buffers(&ring) < 0) {
        lab_absent("a multishot read", "the kernel has none (6.7)");
        return lab_end();
    }
    lab_print("an eventfd, one read, 4 buffers");
    read_events(&ring, event_fd);
    lab_pipe(fds);
    close(fds[1]);
    lab_print("a pipe at its end");
    start(&ring, fds[0]);
    take(&ring, "the read", 0, false);
    lab_print("a regular file");
    start(&ring, lab_file("text", 4));
    take(&ring, "the read", -EBADFD, false);
    io_uring_queue_exit(&ring);
    return lab_end();
}
