/* aio_whole.c: operations on a file as a whole; see aio.h.
 * Introduced in phase 5. Needs: aio.h, file.h, operation.h, sys.h,
 * uring_compat.h.
 *
 * What it teaches: to find out whether the kernel has a feature, try it; do not
 * compare version numbers. If the kernel returns -EINVAL, use the older
 * call. */
#include "aio.h"

#include <errno.h>
#include <unistd.h>

#include "file.h"
#include "operation.h"
#include "sys.h"
#include "uring_compat.h"

int aio_await_stat(struct aio *file, struct statx *out)
{
    int rc;

    if (!file->is_open)
        return -EBADF;
    file->users++;
    rc = await_statx(file->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, out);
    file->users--;
    return rc;
}

static int aio_await_size(struct aio *file, uint64_t *size)
{
    struct statx status;
    int rc = aio_await_stat(file, &status);

    if (rc == 0)
        *size = status.stx_size;
    /* statx reports the size 0 for a block device. So call file_len, which does
     * not block for block devices. */
    if (rc == 0 && file_kind_of(status.stx_mode) == FILE_BLOCK)
        rc = file_len(file->fd, size);
    return rc;
}

int aio_await_settle(struct aio *file)
{
    int rc = file->is_at_end ? aio_await_size(file, &file->position) : 0;

    if (rc == 0)
        file->is_at_end = false;
    return rc;
}

int aio_await_seek(struct aio *file, int64_t offset, int whence)
{
    uint64_t from = 0;
    int rc = 0;

    if (!file->is_open)
        return -EBADF;
    if (file->is_stream)
        return -ESPIPE;
    if (whence == SEEK_END) {
        rc = aio_await_size(file, &from);
    } else if (whence == SEEK_CUR) {
        rc = aio_await_settle(file);
        from = file->position;
    } else if (whence != SEEK_SET) {
        return -EINVAL;
    }
    if (rc < 0)
        return rc;
    if (offset < 0 ? from < -(uint64_t)offset
                   : (uint64_t)offset > (uint64_t)INT64_MAX - from)
        return -EINVAL;
    file->position = from + (uint64_t)offset;
    file->is_at_end = false;
    return 0;
}

int aio_await_truncate(struct aio *file, uint64_t len)
{
    struct await await;
    int rc;

    if (!file->is_open)
        return -EBADF;
    if (len > INT64_MAX)
        return -EINVAL;
    file->users++;
    ur_prep_ftruncate(await_start(&await), file->fd, (int64_t)len);
    rc = await_result(&await);
    if (rc == -EINVAL) /* a kernel before 6.9, or a file without a length */
        rc = sys_truncate(file->fd, len);
    file->users--;
    return rc;
}

static int aio_await_sync(struct aio *file, unsigned flags)
{
    int rc;

    if (!file->is_open)
        return -EBADF;
    file->users++;
    rc = await_fsync(file->fd, flags);
    file->users--;
    return rc;
}

int aio_await_fsync(struct aio *file)
{
    return aio_await_sync(file, 0);
}

int aio_await_fdatasync(struct aio *file)
{
    return aio_await_sync(file, IORING_FSYNC_DATASYNC);
}
