/* lab-fixed-vector.c: several pieces of one registered buffer in one read.
 * Introduced in phase 6. Needs: lab.h, uring_compat.h.
 *
 * What it teaches: READ_FIXED fills one range of a registered buffer.
 * READV_FIXED takes an array of ranges, as READV does, and all of them must be
 * in the one registered buffer that the SQE names:
 *
 *      registered buffer 0   [ head ][ ............ ][ body ]
 *      iovec                    0                       1
 *
 * So a head and a body go to two places with one operation, and the kernel pins
 * no page during it. A range outside the buffer is -EFAULT, even if the memory
 * belongs to the process. */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "lab.h"
#include "uring_compat.h"

enum { BUFFER_LEN = 4096, HEAD_LEN = 5, BODY_LEN = 6, BODY_AT = 2048 };

static char buffer[BUFFER_LEN];

/* Reads or writes the file with two ranges of the registered buffer. */
static int move(struct io_uring *ring, unsigned char op, int fd,
                struct iovec ranges[2])
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_rw(op, sqe, fd, ranges, 2, 0);
    sqe->buf_index = 0;
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

static void read_pieces(struct io_uring *ring, int fd)
{
    static char outside[BODY_LEN];
    struct iovec ranges[] = {{buffer, HEAD_LEN},
                             {buffer + BODY_AT, BODY_LEN}};
    int rc = move(ring, UR_OP_READV_FIXED, fd, ranges);

    if (rc == -EINVAL) {
        lab_absent("READV_FIXED", "the kernel has no such operation (6.15)");
        return;
    }
    lab_result("a read of 5 and 6 bytes", HEAD_LEN + BODY_LEN, rc);
    lab_text("the head", "head:", buffer);
    lab_text("the body", "body..", buffer + BODY_AT);
    lab_print("the second range is outside the registered buffer");
    ranges[1].iov_base = outside;
    lab_result("a read", -EFAULT, move(ring, UR_OP_READV_FIXED, fd, ranges));
    lab_print("the pieces in the other order, written");
    ranges[0] = (struct iovec){buffer + BODY_AT, BODY_LEN};
    ranges[1] = (struct iovec){buffer, HEAD_LEN};
    lab_result("a write of 6 and 5 bytes", HEAD_LEN + BODY_LEN,
               move(ring, UR_OP_WRITEV_FIXED, fd, ranges));
    memset(buffer, 0, sizeof buffer);
    if (pread(fd, buffer, BUFFER_LEN, 0) < 0)
        return;
    lab_text("the file", "body..head:", buffer);
}

int main(int argc, char **argv)
{
    const struct iovec all = {buffer, BUFFER_LEN};
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-fixed-vector",
                           "Which memory may a READV_FIXED fill?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_print("a registered buffer of 4096 bytes, two ranges of it");
    lab_result("register", 0, io_uring_register_buffers(&ring, &all, 1));
    read_pieces(&ring, lab_file("head:body..", HEAD_LEN + BODY_LEN));
    io_uring_queue_exit(&ring);
    return lab_end();
}
