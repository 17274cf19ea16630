/* lab-advice.c: tell the kernel which pages it may drop.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: FADVISE gives advice on a file's pages in the page cache,
 * MADVISE on a process's own pages.
 *
 *      FADV_DONTNEED   drops clean pages: the next read goes to the disk
 *      FADV_WILLNEED   starts to read them, and does not wait
 *      MADV_DONTNEED   frees anonymous pages: they read as zeros
 *
 * DONTNEED does not drop a dirty page, so the lab writes the pages back first.
 * A read with RWF_NOWAIT shows whether a page is cached: if not, the read
 * returns -EAGAIN instead of waiting. MADVISE runs on an io-wq worker, which
 * shares the address space with us. So a ring can free memory while the program
 * goes on, and nothing stops it from freeing memory in use. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "lab.h"

enum { LEN = 64 * 1024 };

static int advise_file(struct io_uring *ring, int fd, int advice)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_fadvise(sqe, fd, 0, LEN, advice);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

/* Returns the result of a read that does not wait for the disk. */
static int read_cached(struct io_uring *ring, int fd)
{
    static char bytes[LEN];
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_read(sqe, fd, bytes, LEN, 0);
    sqe->rw_flags = RWF_NOWAIT;
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

static void advise_cache(struct io_uring *ring)
{
    static char bytes[LEN];
    int rc, fd = lab_file(bytes, LEN);

    lab_print("a file of 64 KiB that was just written");
    rc = read_cached(ring, fd);
    if (rc == -EOPNOTSUPP) {
        lab_absent("this", "the file system of TMPDIR has no RWF_NOWAIT");
        return;
    }
    lab_result("a read that does not wait", LEN, rc);
    fdatasync(fd);
    lab_result("FADV_DONTNEED", 0,
               advise_file(ring, fd, POSIX_FADV_DONTNEED));
    rc = read_cached(ring, fd);
    if (rc == LEN) { /* does the file system keep its pages in any case? */
        (void)posix_fadvise(fd, 0, LEN, POSIX_FADV_DONTNEED);
        if (read_cached(ring, fd) == LEN) {
            lab_absent("the rest",
                       "the file system of TMPDIR keeps its pages");
            return;
        }
    }
    lab_result("a read that does not wait", -EAGAIN, rc);
    lab_result("FADV_WILLNEED", 0,
               advise_file(ring, fd, POSIX_FADV_WILLNEED));
    for (int i = 0; i < 5000 && rc != LEN; i++) {
        usleep(1000);
        rc = read_cached(ring, fd);
    }
    lab_result("a read that does not wait, within 5 s", LEN, rc);
}

static void advise_memory(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    char *memory = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return;
    memset(memory, 'x', LEN);
    lab_print("64 KiB of memory, full of the letter x");
    io_uring_prep_madvise(sqe, memory, LEN, MADV_DONTNEED);
    io_uring_sqe_set_data64(sqe, 1);
    lab_result("MADV_DONTNEED", 0, lab_run(ring, 1));
    lab_result("the first byte", 0, memory[0]);
    lab_result("the last byte", 0, memory[LEN - 1]);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-advice",
                           "Which pages does the kernel drop on advice?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    advise_cache(&ring);
    advise_memory(&ring);
    io_uring_queue_exit(&ring);
    return lab_end();
}
