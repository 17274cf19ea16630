/* print-file FILE: prints the first 4096 bytes of FILE, read by one SQE.
 *
 * What it teaches: no call of this program sets errno for the read. The setup
 * and the submit return -errno, and the read's own result is in the CQE. */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, int result)
{
    fprintf(stderr, "print-file: %s: %s\n", what, strerror(-result));
    return 1;
}

int main(int argc, char **argv)
{
    static char block[4096];
    struct io_uring ring;
    struct io_uring_sqe *sqe;
    struct io_uring_cqe *cqe;
    int fd, result;

    if (argc != 2) {
        fprintf(stderr, "usage: print-file FILE\n");
        return 2;
    }
    fd = open(argv[1], O_RDONLY);
    if (fd < 0) {
        perror("print-file: open");
        return 1;
    }
    result = io_uring_queue_init(1, &ring, 0);
    if (result < 0)
        return fail("io_uring_queue_init", result);
    sqe = io_uring_get_sqe(&ring);
    io_uring_prep_read(sqe, fd, block, sizeof block, 0);
    result = io_uring_submit(&ring);
    if (result >= 0)
        result = io_uring_wait_cqe(&ring, &cqe);
    if (result >= 0) {
        result = cqe->res; /* a copy: the slot is the kernel's after "seen" */
        io_uring_cqe_seen(&ring, cqe);
    }
    io_uring_queue_exit(&ring);
    if (result < 0)
        return fail("read", result);
    fwrite(block, 1, (size_t)result, stdout);
    if (fflush(stdout) != 0) /* the bytes may have been in a buffer until now */
        return fail("stdout", -errno);
    return 0;
}
