/* lab-send-buffers.c: sends from a provided-buffer ring.
 * Introduced in phase 8. Needs: lab.h, sys.h, tcp.h, uring_compat.h.
 *
 * What it teaches: a send with IOSQE_BUFFER_SELECT (6.10) takes its bytes from
 * a buffer ring, oldest entry first. A bundle sends all entries with one SQE:
 *
 *      ring:  "first " "second " "third."
 *      send                    -->  6, buffer 0
 *      send, BUNDLE            --> 13, from buffer 1 on
 *      send, the ring is empty --> -ENOBUFS
 *
 * The ring is the queue of what is to be sent. The program may add to it while
 * a send is in flight, and the bytes keep their order. A server needs such a
 * ring, which is at least a page, for each connection. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "tcp.h"
#include "uring_compat.h"

enum { GROUP = 3, ENTRIES = 8 };

static struct io_uring_buf_ring *queue;

static int register_queue(struct io_uring *ring)
{
    struct io_uring_buf_reg registration = {
        .ring_entries = ENTRIES,
        .bgid = GROUP,
    };
    void *page;
    int rc = sys_map(&page, sys_page_size());

    if (rc < 0)
        return rc;
    queue = page;
    registration.ring_addr = (uintptr_t)page;
    io_uring_buf_ring_init(queue);
    return io_uring_register_buf_ring(ring, &registration, 0);
}

static void add(const char *text, unsigned short id)
{
    io_uring_buf_ring_add(queue, (char *)text, (unsigned)strlen(text), id,
                          io_uring_buf_ring_mask(ENTRIES), 0);
    io_uring_buf_ring_advance(queue, 1);
}

/* Sends, and predicts the result and, if there is one, the first buffer. */
static void send_queue(struct io_uring *ring, int fd, unsigned flags,
                       int result, int buffer)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    io_uring_prep_send(sqe, fd, NULL, 0, MSG_WAITALL);
    sqe->ioprio |= (unsigned short)flags;
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    lab_take(ring, &cqe, 1);
    lab_result("a send", result, cqe.res);
    if (cqe.flags & IORING_CQE_F_BUFFER)
        lab_result("its first buffer", buffer,
                   (int)(cqe.flags >> IORING_CQE_BUFFER_SHIFT));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    char got[64] = "";
    int fds[2];
    int code = lab_options(argc, argv, "lab-send-buffers",
                           "Can a buffer ring be a queue of sends?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    if (!(ring.features & UR_FEAT_RECVSEND_BUNDLE) ||
        register_queue(&ring) < 0) {
        lab_absent("a send from a buffer ring", "the kernel has none (6.10)");
        return lab_end();
    }
    tcp_pair(fds);
    lab_print("three buffers, one send, and one bundle");
    add("first ", 0);
    add("second ", 1);
    add("third.", 2);
    send_queue(&ring, fds[0], 0, 6, 0);
    send_queue(&ring, fds[0], UR_RECVSEND_BUNDLE, 13, 1);
    lab_result("bytes that arrive", 19,
               (int)recv(fds[1], got, 19, MSG_WAITALL));
    lab_text("the bytes", "first second third.", got);
    lab_print("an empty ring");
    send_queue(&ring, fds[0], 0, -ENOBUFS, 0);
    io_uring_queue_exit(&ring);
    return lab_end();
}
