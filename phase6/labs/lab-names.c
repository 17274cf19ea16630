/* lab-names.c: make, rename and remove names through a ring.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: mkdir, symlink, link, rename and unlink are operations, too.
 * Each has a directory descriptor and a path, as its system call has:
 *
 *      MKDIRAT d --> SYMLINKAT d/s --> LINKAT d/h --> RENAMEAT d/h d/n
 *              link            link          link
 *
 * Each of them runs on an io-wq worker. Without links the kernel may run them
 * in any order. With links it runs them one after another, but a failure does
 * not stop the chain on every kernel: see lab-link-failure.c.
 *
 * The kernel copies the paths during the submit, so a path may change after
 * io_uring_submit returns. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab.h"
#include "sys.h"

enum { MKDIR = 1, SYMLINK, LINK, RENAME, CHAIN_LEN = RENAME };

/* Submits the chain below the directory at, and wipes the paths before it takes
 * the completions. `file` is a descriptor. */
static void make_names(struct io_uring *ring, int at, int file,
                       struct io_uring_cqe cqes[CHAIN_LEN])
{
    char paths[][8] = {"d", "d/s", "d/h", "d/n"};
    char source[32];
    struct io_uring_sqe *sqe;

    snprintf(source, sizeof source, "/proc/self/fd/%d", file);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_mkdirat(sqe, at, paths[0], 0700);
    io_uring_sqe_set_data64(sqe, MKDIR);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_symlinkat(sqe, "n", at, paths[1]);
    io_uring_sqe_set_data64(sqe, SYMLINK);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_linkat(sqe, AT_FDCWD, source, at, paths[2],
                         AT_SYMLINK_FOLLOW);
    io_uring_sqe_set_data64(sqe, LINK);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_renameat(sqe, at, paths[2], at, paths[3], 0);
    io_uring_sqe_set_data64(sqe, RENAME);
    io_uring_submit(ring);
    memset(paths, 0, sizeof paths);
    memset(source, 0, sizeof source);
    lab_take(ring, cqes, CHAIN_LEN);
}

/* Returns the result of one unlink through the ring. */
static int unlink_name(struct io_uring *ring, int at, const char *path,
                       int flags)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_unlinkat(sqe, at, path, flags);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

/* Returns true if both names lead to the same file. */
static bool is_same(int at, const char *name, const char *other)
{
    struct stat stats[2];

    return fstatat(at, name, &stats[0], 0) == 0 &&
           fstatat(at, other, &stats[1], 0) == 0 &&
           stats[0].st_ino == stats[1].st_ino;
}

int main(int argc, char **argv)
{
    struct io_uring_cqe cqes[CHAIN_LEN];
    struct io_uring ring;
    char directory[256];
    int at, code = lab_options(argc, argv, "lab-names",
                               "How does a ring make and remove names?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 8, 0, 0) < 0)
        return LAB_USAGE;
    snprintf(directory, sizeof directory, "%s/lab-names.XXXXXX",
             lab_directory());
    at = mkdtemp(directory) == NULL
             ? -errno
             : sys_open(directory, O_RDONLY | O_DIRECTORY, 0);
    if (at < 0)
        return LAB_USAGE;
    lab_print("four linked operations, whose paths are wiped after the submit");
    make_names(&ring, at, lab_file("text", 4), cqes);
    lab_result("mkdir d", 0, lab_res(cqes, CHAIN_LEN, MKDIR));
    lab_result("symlink d/s to n", 0, lab_res(cqes, CHAIN_LEN, SYMLINK));
    lab_result("link the file to d/h", 0, lab_res(cqes, CHAIN_LEN, LINK));
    lab_result("rename d/h to d/n", 0, lab_res(cqes, CHAIN_LEN, RENAME));
    lab_truth("d/s leads to d/n", true, is_same(at, "d/s", "d/n"));
    lab_print("removing");
    lab_result("unlink d, as a file", -EISDIR, unlink_name(&ring, at, "d", 0));
    lab_result("unlink d, as a directory", -ENOTEMPTY,
               unlink_name(&ring, at, "d", AT_REMOVEDIR));
    lab_result("unlink d/s", 0, unlink_name(&ring, at, "d/s", 0));
    lab_result("unlink d/n", 0, unlink_name(&ring, at, "d/n", 0));
    lab_result("unlink d, as a directory", 0,
               unlink_name(&ring, at, "d", AT_REMOVEDIR));
    rmdir(directory);
    io_uring_queue_exit(&ring);
    return lab_end();
}
