/* lab-space.c: reserve, release and cut the space of a file.
 * Introduced in phase 6. Needs: lab.h, uring_compat.h.
 *
 * What it teaches: a file has a size and blocks, and FALLOCATE changes each of
 * the two alone:
 *
 *      FALLOCATE                  blocks for a range, and a size that covers it
 *      FALLOCATE, KEEP_SIZE       blocks for a range, beyond the end, too
 *      FALLOCATE, PUNCH_HOLE      no blocks for a range, which reads as zeros
 *      FTRUNCATE                  the size; the blocks beyond it are released
 *
 * A copy that reserves its target first learns of a full disk before it writes
 * a byte. A file system may refuse each mode with -EOPNOTSUPP: a program that
 * only wanted to save time goes on without it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/stat.h>

#include "lab.h"
#include "uring_compat.h"

enum { TEXT_LEN = 5, LEN = 64 * 1024, SECTOR = 512 };

static int allocate(struct io_uring *ring, int fd, int mode, off_t len)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_fallocate(sqe, fd, mode, 0, len);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

/* Predicts the size, and whether the file has blocks for `space` bytes. */
static void predict_file(int fd, int size, bool has_blocks, int space)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return;
    lab_result("size", size, (int)status.st_size);
    lab_truth(space == LEN ? "has blocks for 64 KiB" : "has blocks for 128 KiB",
              has_blocks, status.st_blocks * SECTOR >= space);
}

static void punch(struct io_uring *ring, int fd)
{
    char text[TEXT_LEN];

    lab_print("PUNCH_HOLE over the whole file");
    lab_result("fallocate", 0,
               allocate(ring, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        LEN));
    predict_file(fd, LEN, false, LEN);
    lab_truth("the text reads as zeros", true,
              pread(fd, text, TEXT_LEN, 0) == TEXT_LEN &&
                  memcmp(text, "\0\0\0\0\0", TEXT_LEN) == 0);
}

static void truncate_file(struct io_uring *ring, int fd)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    int rc;

    lab_print("FTRUNCATE to 2 bytes");
    ur_prep_ftruncate(sqe, fd, 2);
    io_uring_sqe_set_data64(sqe, 1);
    rc = lab_run(ring, 1);
    if (rc == -EINVAL) {
        lab_absent("ftruncate", "the kernel has no such operation (6.9)");
        return;
    }
    lab_result("ftruncate", 0, rc);
    predict_file(fd, 2, false, LEN);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fd, rc, code = lab_options(argc, argv, "lab-space",
                                   "What do FALLOCATE and FTRUNCATE change?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    fd = lab_file("hello", TEXT_LEN);
    lab_print("64 KiB, for a file of 5 bytes");
    rc = allocate(&ring, fd, 0, LEN);
    if (rc == -EOPNOTSUPP) {
        lab_absent("fallocate", "the file system of TMPDIR refuses it");
        return lab_end();
    }
    lab_result("fallocate", 0, rc);
    predict_file(fd, LEN, true, LEN);
    punch(&ring, fd);
    lab_print("KEEP_SIZE, 128 KiB");
    lab_result("fallocate", 0,
               allocate(&ring, fd, FALLOC_FL_KEEP_SIZE, 2 * LEN));
    predict_file(fd, LEN, true, 2 * LEN);
    truncate_file(&ring, fd);
    io_uring_queue_exit(&ring);
    return lab_end();
}
