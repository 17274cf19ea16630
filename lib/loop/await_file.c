/* await_file.c: file operations as function calls; see await.h.
 * Introduced in phase 3. Needs: await.h, file.h, operation.h, sys.h.
 *
 * What it teaches: all operations can be awaited in the same way. Each function
 * prepares one SQE and waits. */
#include "await.h"

#include <assert.h>
#include <errno.h>

#include "file.h"
#include "operation.h"
#include "sys.h"

int await_openat(int dir, const char *path, int flags, mode_t mode)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_openat(sqe, dir, path, flags | O_CLOEXEC, mode);
    return await_result(&await);
}

int await_openat2(int dir, const char *path, struct open_how *how)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    how->flags |= O_CLOEXEC;
    io_uring_prep_openat2(sqe, dir, path, how);
    return await_result(&await);
}

int await_close(int fd)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);
    int rc;

    io_uring_prep_close(sqe, fd);
    rc = await_result_uninterrupted(&await);
    /* On some file systems, a close needs an io-wq worker. If the kernel cannot
     * create the worker, it cancels the close, and fd is still open. */
    return rc == -ECANCELED ? sys_close(fd) : rc;
}

int await_read(int fd, void *buf, size_t len, uint64_t offset)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_read(sqe, fd, buf, (unsigned)len, offset);
    return await_result_of(&await, buf, len);
}

int await_write(int fd, const void *buf, size_t len, uint64_t offset)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    assert(len <= AWAIT_LEN_MAX);
    io_uring_prep_write(sqe, fd, buf, (unsigned)len, offset);
    return await_result(&await);
}

int await_readv(int fd, const struct iovec *iov, unsigned count,
                uint64_t offset)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_readv(sqe, fd, iov, count, offset);
    return await_result(&await);
}

int await_writev(int fd, const struct iovec *iov, unsigned count,
                 uint64_t offset)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_writev(sqe, fd, iov, count, offset);
    return await_result(&await);
}

int await_fsync(int fd, unsigned flags)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_fsync(sqe, fd, flags);
    return await_result(&await);
}

int await_statx(int dir, const char *path, int flags, unsigned mask,
                struct statx *out)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_statx(sqe, dir, path, flags, mask, out);
    return await_result_of(&await, out, sizeof *out);
}

int await_renameat(int old_dir, const char *old_path, int new_dir,
                   const char *new_path)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_renameat(sqe, old_dir, old_path, new_dir, new_path, 0);
    return await_result(&await);
}

int await_unlinkat(int dir, const char *path, int flags)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_unlinkat(sqe, dir, path, flags);
    return await_result(&await);
}

int await_splice(int in, int64_t in_offset, int out, int64_t out_offset,
                 unsigned len)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_splice(sqe, in, in_offset, out, out_offset, len, 0);
    return await_result(&await);
}

int await_write_all(int fd, const void *buf, size_t len, uint64_t offset)
{
    const char *next = buf;

    while (len > 0) {
        size_t part = len < AWAIT_LEN_MAX ? len : AWAIT_LEN_MAX;
        int64_t before = offset == AWAIT_STREAM ? sys_seek(fd, 0, SEEK_CUR)
                                                : -1;
        int wrote = await_write(fd, next, part, offset);

        if (wrote < 0)
            return wrote;
        if (wrote == 0)
            return -EIO; /* no progress, but no errno either */
        if ((size_t)wrote < part)
            file_settle_position(fd, before, (size_t)wrote);
        next += wrote;
        len -= (size_t)wrote;
        if (offset != AWAIT_STREAM)
            offset += (uint64_t)wrote;
    }
    return 0;
}
