/* print-file FILE: the same as print-file.c, in another way: it submits and
 * waits with one call, exits where it fails, and writes without stdio. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <unistd.h>

static void check(const char *what, int result)
{
    if (result >= 0)
        return;
    errno = -result;
    err(1, "%s", what);
}

int main(int argc, char **argv)
{
    char block[4096];
    struct io_uring ring;
    struct io_uring_cqe *cqe;
    int fd, result;

    if (argc != 2)
        errx(1, "usage: print-file FILE");
    fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        err(1, "%s", argv[1]);
    check("set-up", io_uring_queue_init(4, &ring, IORING_SETUP_CLAMP));
    io_uring_prep_read(io_uring_get_sqe(&ring), fd, block, sizeof block, 0);
    check("submit", io_uring_submit_and_wait(&ring, 1));
    check("wait", io_uring_peek_cqe(&ring, &cqe));
    result = cqe->res;
    io_uring_cqe_seen(&ring, cqe);
    io_uring_queue_exit(&ring);
    check(argv[1], result);
    for (int done = 0; done < result;) {
        ssize_t len = write(STDOUT_FILENO, block + done,
                            (size_t)(result - done));

        if (len < 0)
            err(1, "write");
        done += (int)len;
    }
    return 0;
}
