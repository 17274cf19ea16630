/* lab-tags.c: when the kernel has released a registered buffer.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: a table of buffers may have empty entries, and an update
 * replaces one entry while operations run. An operation keeps the buffer with
 * which it began, so the program must not free the old buffer immediately. If
 * the entry has a tag, the kernel posts a CQE when it has released the buffer.
 * The tag is the user_data of this CQE:
 *
 *      entry 0: buffer A, tag 7
 *      a read into A begins
 *      update: entry 0 is buffer B       A is still in use
 *      the read completes                its CQE
 *      A is released                     a CQE with user_data 7 and res 0  */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "lab.h"

enum { READ = 1, TAG = 7, LEN = 4096, ENTRIES = 4 };

static char first[LEN], second[LEN];

/* Replaces entry 0 of the table. Returns 1, or -errno. */
static int replace(struct io_uring *ring, char *buffer, __u64 tag)
{
    struct iovec range = {buffer, buffer == NULL ? 0 : LEN};

    return io_uring_register_buffers_update_tag(ring, 0, &range, &tag, 1);
}

/* Submits a read into buffer, which must belong to entry 0. */
static void start_read(struct io_uring *ring, int fd, char *buffer)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_read_fixed(sqe, fd, buffer, 1, 0, 0);
    io_uring_sqe_set_data64(sqe, READ);
    io_uring_submit(ring);
}

/* Replaces the buffer of a read that waits for a byte. */
static void replace_in_flight(struct io_uring *ring)
{
    struct io_uring_cqe cqes[2];
    int fds[2];

    lab_pipe(fds);
    lab_result("entry 0 becomes buffer A, tag 7", 1, replace(ring, first, TAG));
    start_read(ring, fds[0], first);
    lab_result("entry 0 becomes buffer B, no tag", 1, replace(ring, second, 0));
    lab_result("completions while the read waits", 0,
               (int)io_uring_cq_ready(ring));
    if (write(fds[1], "x", 1) != 1)
        return;
    lab_take(ring, cqes, 2);
    lab_result("the read", 1, lab_res(cqes, 2, READ));
    lab_result("the CQE of tag 7", 0, lab_res(cqes, 2, TAG));
    lab_result("the byte is in buffer A", 'x', first[0]);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    struct io_uring_cqe cqe;
    int code = lab_options(argc, argv, "lab-tags",
                           "When has the kernel released a buffer?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_print("a table of four empty entries");
    if (io_uring_register_buffers_sparse(&ring, ENTRIES) == -EINVAL) {
        lab_absent("the table", "the kernel has no empty entries (5.19)");
        return lab_end();
    }
    start_read(&ring, 0, first);
    lab_take(&ring, &cqe, 1);
    lab_result("a read into an empty entry", -EFAULT, cqe.res);
    lab_print("a read from an empty pipe, and an update during it");
    replace_in_flight(&ring);
    lab_print("an entry that is not in use");
    lab_result("entry 0 becomes buffer A, tag 7", 1,
               replace(&ring, first, TAG));
    lab_result("entry 0 becomes empty", 1, replace(&ring, NULL, 0));
    lab_take(&ring, &cqe, 1);
    lab_result("the CQE of tag 7", 0, lab_res(&cqe, 1, TAG));
    io_uring_queue_exit(&ring);
    return lab_end();
}
