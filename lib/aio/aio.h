/* aio.h: files as objects that know their position.
 * Introduced in phase 5. Needs: await.h.
 *
 *     struct aio file;
 *
 *     rc = aio_await_open(&file, "notes", "r+");
 *     got = aio_await_read(&file, buf, sizeof buf);
 *     rc = aio_await_close(&file);
 *
 * await.h has operations, with short results and explicit offsets. This is the
 * object on top: it knows its position, resumes short transfers, and
 * distinguishes files from streams (pipes, terminals, sockets). A stream has no
 * position, and a read of it returns the bytes that are there.
 *
 * Rules
 *  - Every function named aio_await_... suspends the current task. A cancel or
 *    a deadline ends it with -ECANCELED or -ETIME; but a read that has bytes
 *    returns their number, and the next call reports the interruption. It also
 *    returns -EBADF if the file is not open, -EINVAL if len is above
 *    AWAIT_LEN_MAX, and the -errno of its system call.
 *  - One task at a time uses the position: asserted. aio_await_pread and
 *    aio_await_pwrite do not use it; any number of them may run at once.
 *  - The caller owns the buffers; the kernel uses them until the call returns.
 *  - Close every file, and check the result if the file was written. */
#ifndef ONE_RING_AIO_H
#define ONE_RING_AIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "await.h"

/* Zeroed, or closed: not open. Only aio.c writes the fields. */
struct aio {
    uint64_t position; /* bytes from the start; of a stream, bytes so far */
    int fd;            /* owned while is_open */
    bool is_open;
    bool is_stream;    /* cannot seek */
    bool appends;      /* every write goes to the end of the file */
    bool is_at_end;    /* opened for appending, or after an append: position is
                          not known yet */
    bool is_busy;      /* a call that uses the position is running */
    unsigned users;    /* running calls of any kind */
};

/* Returns the flags of open(2) for a mode in Python's notation: one of
 *   r  read                          w  write, empty it or create it
 *   a  append, create it if needed   x  write, create it; it must not exist
 * then, in any order: + for reading and writing; b or t, which have no effect.
 *
 * Returns  >= 0     the flags
 *          -EINVAL  mode is malformed */
int aio_mode_flags(const char *mode);

/* Opens path, relative to the working directory; new files get 0666 less umask.
 * With "a" the position is the end of the file, otherwise its start. On failure
 * the file is not open.
 *
 * Returns  0                   success
 *          -EINVAL             mode is malformed
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from open(2) */
int aio_await_open(struct aio *file, const char *path, const char *mode);

/* Takes ownership of an open fd: a pipe, a socket, stdin. Keeps its position,
 * if it has one, and its O_APPEND. Does not suspend.
 *
 * Returns  0       success
 *          -EBADF  fd is not open; the caller still owns it */
int aio_adopt(struct aio *file, int fd);

/* Closes the file. Cannot be interrupted. The file is closed afterwards,
 * whatever this returns.
 *
 * Returns  0       success
 *          -EBADF  the file is not open
 *          -EIO, -ENOSPC, -EDQUOT  earlier writes could not be stored */
int aio_await_close(struct aio *file);

/* Closes the file at the end of the scope, if it is open, and drops the result:
 * for files that are only read.   AIO_SCOPED struct aio file = {0}; */
#define AIO_SCOPED __attribute__((cleanup(aio_await_scope_end)))
void aio_await_scope_end(struct aio *file);

/* Reads at the position: a file until len bytes have come or it ends, a stream
 * once.
 *
 * Returns  > 0     the number of bytes
 *          0       end of input
 *          -errno  no byte was read */
int aio_await_read(struct aio *file, void *buf, size_t len);

/* Writes all of buf at the position.
 *
 * Returns  >= 0    len
 *          -EIO    the kernel wrote nothing and gave no reason
 *          -errno  a part may be written: the position is behind it */
int aio_await_write(struct aio *file, const void *buf, size_t len);

/* Reads or writes at an offset; the position does not change. A write to an
 * appending file still goes to the end: see open(2), BUGS.
 *
 * Returns  >= 0     as aio_await_read and aio_await_write
 *          -ESPIPE  the file is a stream
 *          -EINVAL  len is above AWAIT_LEN_MAX, or offset is above INT64_MAX */
int aio_await_pread(struct aio *file, void *buf, size_t len, uint64_t offset);
int aio_await_pwrite(struct aio *file, const void *buf, size_t len,
                     uint64_t offset);

/* Reads into, or writes, several buffers in order. Does not change the vectors,
 * of which there may be any number with at most AWAIT_LEN_MAX bytes together.
 * Returns as aio_await_read or aio_await_write. */
int aio_await_readv(struct aio *file, const struct iovec *vectors,
                    size_t count);
int aio_await_writev(struct aio *file, const struct iovec *vectors,
                     size_t count);

/* Moves the position: SEEK_SET, SEEK_CUR or SEEK_END, as in lseek(2).
 *
 * Returns  0        success
 *          -ESPIPE  the file is a stream
 *          -EINVAL  before the start, above INT64_MAX, or a bad whence
 *          -errno   the file's size could not be read */
int aio_await_seek(struct aio *file, int64_t offset, int whence);

/* Makes the file len bytes long; the position does not change. On kernels
 * before 6.9 it is a system call, which may block the loop's thread.
 *
 * Returns  0        success
 *          -EINVAL  len is above INT64_MAX, or the file has no length */
int aio_await_truncate(struct aio *file, uint64_t len);

/* Fills *out with STATX_BASIC_STATS. Returns 0 or -errno as statx(2). */
int aio_await_stat(struct aio *file, struct statx *out);

/* Makes earlier writes survive a crash; fdatasync leaves out the times. Do not
 * try again after a failure: the kernel may have dropped the pages, and the
 * next success would be false. Returns 0 or -errno as fsync(2). */
int aio_await_fsync(struct aio *file);
int aio_await_fdatasync(struct aio *file);

/* For aio.c and aio_whole.c: sets the position to the file's end if an append
 * has moved it. Returns 0 or -errno as statx(2). */
int aio_await_settle(struct aio *file);

#endif
