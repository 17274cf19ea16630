/* lab-clone-buffers.c: registered buffers that several rings share.
 * Introduced in phase 8. Needs: lab.h, uring_buffers.h.
 *
 * What it teaches: to register a buffer, the kernel looks up and holds each of
 * its pages. A program with a ring per thread would repeat that for each ring,
 * and the pages would count against RLIMIT_MEMLOCK each time. CLONE_BUFFERS
 * (6.12) gives a second ring references to the same buffers:
 *
 *      ring 1   0 --> [ buffer A ] <-- 0   ring 2
 *               1 --> [ buffer B ] <-- 1
 *
 * The buffers live until the last ring has dropped them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lab.h"
#include "uring_buffers.h"

enum { LEN = 4096 };

static char a[LEN], b[LEN];

/* Gives ring the count buffers of from that begin at offset. count 0: all. */
static int clone_buffers(struct io_uring *ring, const struct io_uring *from,
                         unsigned flags, unsigned offset, unsigned count)
{
    struct ur_clone_buffers clone = {
        .src_fd = (uint32_t)from->ring_fd,
        .flags = flags,
        .src_offset = offset,
        .count = count,
    };

    return io_uring_register((unsigned)ring->ring_fd, UR_REGISTER_CLONE_BUFFERS,
                             &clone, 1);
}

/* Reads 5 bytes into the registered buffer with this index. */
static int read_fixed(struct io_uring *ring, int fd, char *buffer, int index)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    io_uring_prep_read_fixed(sqe, fd, buffer, 5, 0, index);
    lab_take(ring, &cqe, 1);
    return cqe.res;
}

static void try_clones(struct io_uring *first, struct io_uring *second, int fd)
{
    lab_print("the second ring, before and after a clone");
    lab_result("a read into buffer 1", -EFAULT, read_fixed(second, fd, b, 1));
    lab_result("cloning", 0, clone_buffers(second, first, 0, 0, 0));
    lab_result("a read into buffer 1", 5, read_fixed(second, fd, b, 1));
    lab_text("its bytes", "bytes", b);
    lab_print("a second clone");
    lab_result("cloning", -EBUSY, clone_buffers(second, first, 0, 0, 0));
    lab_result("cloning buffer 1 only, in place of both", 0,
               clone_buffers(second, first, UR_CLONE_DST_REPLACE, 1, 1));
    lab_result("a read into buffer B, which is 0 now", 5,
               read_fixed(second, fd, b, 0));
    lab_print("the first ring unregisters its buffers");
    lab_result("unregistering", 0, io_uring_unregister_buffers(first));
    lab_result("a read of the first ring", -EFAULT,
               read_fixed(first, fd, a, 0));
    lab_result("a read of the second ring", 5, read_fixed(second, fd, b, 0));
    lab_result("cloning from the first ring", -ENXIO,
               clone_buffers(second, first, UR_CLONE_DST_REPLACE, 0, 0));
}

int main(int argc, char **argv)
{
    struct iovec buffers[2] = {{a, LEN}, {b, LEN}};
    struct io_uring first, second;
    int fd;
    int code = lab_options(argc, argv, "lab-clone-buffers",
                           "Can two rings share registered buffers?");

    if (code != -1)
        return code;
    if (lab_ring(&first, 4, 0, 0) < 0 || lab_ring(&second, 4, 0, 0) < 0)
        return LAB_USAGE;
    fd = lab_file("bytes", 5);
    lab_result("registering two buffers", 0,
               io_uring_register_buffers(&first, buffers, 2));
    /* Since 6.13, a clone may replace buffers. Before that, it may not. */
    if (clone_buffers(&second, &first, UR_CLONE_DST_REPLACE, 0, 0) == -EINVAL) {
        lab_absent("cloning", "the kernel cannot replace buffers (6.13)");
        return lab_end();
    }
    (void)io_uring_unregister_buffers(&second);
    try_clones(&first, &second, fd);
    io_uring_queue_exit(&second);
    io_uring_queue_exit(&first);
    return lab_end();
}
