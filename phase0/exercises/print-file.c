/* print-file FILE: prints the first 4096 bytes of FILE.
 *
 * The task: open FILE, read it with one SQE, and write the bytes to stdout.
 *
 *   - Make a ring of one entry with io_uring_queue_init. Get an SQE, prepare a
 *     read at offset 0, submit it, and wait for the CQE.
 *   - The CQE's res is the number of bytes, or -errno. A file may have any
 *     bytes, including zero bytes.
 *   - After you have read the CQE, mark it as seen. Close the ring.
 *   - If anything fails, print the reason on stderr, and exit with 1.
 *   - phase0/first_ring.c does the same with an operation that does nothing.
 *
 * Try it: build/my/phase0/print-file my/phase0/print-file.c */
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    static char block[4096];
    int fd;

    if (argc != 2) {
        fprintf(stderr, "usage: print-file FILE\n");
        return 2;
    }
    fd = open(argv[1], O_RDONLY);
    if (fd < 0) {
        perror("print-file: open");
        return 1;
    }
    /* Yours: read fd into block through a ring, and write the bytes. */
    (void)block;
    return 0;
}
