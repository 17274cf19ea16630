/* sim_name_kinds.c: what the opcodes for files by name do; see sim_op.h.
 *
 * What it teaches: what an operation copies at submit. The kernel copies a path
 * and a struct open_how, so the program may reuse both after the submit. The
 * kernel writes the result of a statx at the end, so it owns that memory until
 * then. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "sim_check.h"
#include "sim_kinds.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sim_registered.h"
#include "sim_tree.h"

/* As getname() does in the kernel. */
static void copy_path(struct sim_op *op)
{
    const char *path = (const char *)(uintptr_t)op->sqe.addr;
    size_t len = strlen(path);

    check_that(len < sizeof op->path, "simulated-operation",
               "a path is too long:", (int64_t)len);
    memory_copy(op->path, path, len + 1);
}

void kind_prepare_openat(struct sim_op *op)
{
    copy_path(op);
    op->how.flags = op->sqe.open_flags;
}

void kind_prepare_openat2(struct sim_op *op)
{
    copy_path(op);
    memory_copy(&op->how, (const void *)(uintptr_t)op->sqe.addr2,
                sizeof op->how);
}

/* The directory of an operation, or NULL. */
static struct sim_file *directory_of(const struct sim_op *op)
{
    struct sim_file *dir = file_of(op->sqe.fd);

    check_that(op->sqe.fd == AT_FDCWD || dir != NULL,
               "no-operation-on-a-closed-fd",
               "a path is looked up below a closed fd:", op->sqe.fd);
    return dir;
}

/* -EAGAIN: another process has renamed something at the same time, or the file
 * is leased. A slot needs no descriptor, so the limit of those does not
 * matter. */
int kind_run_openat(struct sim_op *op)
{
    struct sim_file *dir = directory_of(op), *file;
    int rc;

    check_that(!(op->how.flags & (O_CREAT | O_WRONLY | O_RDWR)),
               "simulated-operation", "an open with flags",
               (int64_t)op->how.flags);
    if (op->how.resolve != 0 && knob(KNOB_EAGAIN))
        rc = -EAGAIN;
    else if (op->sqe.file_index == 0 && knob(KNOB_FD_LIMIT))
        rc = -EMFILE;
    else
        rc = tree_find(dir, op->path, &file);
    if (rc == 0)
        rc = op->sqe.file_index > 0
                 ? registered_put(op->sqe.file_index - 1, file)
                 : file_install(file);
    check_trace("open %s: %d", op->path, rc);
    return rc;
}

/* A worker writes to this memory, so it must outlive a cancel. */
void kind_prepare_statx(struct sim_op *op)
{
    copy_path(op);
    op->parts[0] = (struct iovec){(void *)(uintptr_t)op->sqe.off,
                                  sizeof(struct statx)};
}

int kind_run_statx(struct sim_op *op)
{
    struct sim_file *file = directory_of(op);

    if (op->path[0] != '\0' || !(op->sqe.statx_flags & AT_EMPTY_PATH))
        check_fail("simulated-operation", "a statx of a path is not "
                   "simulated");
    tree_stat(file, op->parts[0].iov_base);
    return 0;
}
