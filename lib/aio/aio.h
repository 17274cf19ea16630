/* aio.h: files as objects that keep track of their position.
 * Introduced in phase 5. Needs: await.h.
 *
 *     struct aio file;
 *     rc = aio_await_open(&file, "notes", "r+");
 *     got = aio_await_read(&file, buf, sizeof buf);
 *     rc = aio_await_close(&file);
 *
 * The operations of await.h take explicit offsets and may transfer fewer bytes
 * than requested. struct aio keeps the position, and continues short transfers.
 * It distinguishes files (regular files, block devices) from streams (all
 * others: pipes, terminals, sockets, eventfds). A stream has no position. A
 * read from it returns the bytes that are available.
 *
 * Rules
 *  - Every function named aio_await_... may suspend the current task, and
 *    returns -ECANCELED after a cancel and -ETIME after a deadline. But a read
 *    that already has bytes returns their number, and the next call reports the
 *    interruption. Other errors are -EBADF if the file is not open, -EINVAL if
 *    len is above AWAIT_LEN_MAX, and the -errno of the system call.
 *  - Only one task at a time may use the position (asserted). Any number of
 *    tasks may call aio_await_pread and aio_await_pwrite, which do not use it.
 *  - The kernel uses the caller's buffers until the call returns.
 *  - Close every file, and check the result if the file was written. */
#ifndef ONE_RING_AIO_H
#define ONE_RING_AIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "await.h"

/* Only lib/aio writes the fields. In a zeroed struct, no file is open. */
struct aio {
    uint64_t position; /* bytes from the start; of a stream, bytes so far */
    int fd;            /* owned while is_open */
    bool is_open;
    bool is_stream;    /* has no position */
    bool appends;      /* every write goes to the end of the file */
    bool is_at_end;    /* position is unknown: look up the end first */
    bool is_busy;      /* a call that uses the position is running */
    unsigned users;    /* running calls of any kind */
};

/* Converts a mode in Python's notation to flags of open(2). A mode is one of
 *   r  read                      w  write; create or truncate the file
 *   a  append; create if needed  x  write; fail if the file exists
 * Optional, in any order: + (read and write), and b or t (no effect).
 *
 * Returns  >= 0     the flags
 *          -EINVAL  mode is malformed */
int aio_mode_flags(const char *mode);

/* Opens path, relative to the working directory. A new file has the permissions
 * 0666 & ~umask. With "a" the position is the end of the file, otherwise its
 * start. On failure the file is not open.
 *
 * Returns  0                   success
 *          -EINVAL             mode is malformed
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from open(2) */
int aio_await_open(struct aio *file, const char *path, const char *mode);

/* Takes ownership of an open fd, such as a pipe, a socket, an eventfd or stdin.
 * Keeps its position, if it has one, and its O_APPEND flag. Does not suspend.
 *
 * Returns  0       success
 *          -EBADF  fd is not open; the caller still owns it */
int aio_adopt(struct aio *file, int fd);

/* Closes the file. Cannot be interrupted. The file is closed even if this
 * returns an error.
 *
 * Returns  0       success
 *          -EBADF  the file is not open
 *          -EIO, -ENOSPC, -EDQUOT  earlier writes could not be stored */
int aio_await_close(struct aio *file);

/* Closes the file, if it is open, when the variable goes out of scope. Ignores
 * the result, so use it only for reading:  AIO_SCOPED struct aio file = {0}; */
#define AIO_SCOPED __attribute__((cleanup(aio_await_scope_end)))
void aio_await_scope_end(struct aio *file);

/* Reads at the position. Reads a file until buf has len bytes or the file ends.
 * Reads a stream only once.
 *
 * Returns  > 0     the number of bytes
 *          0       end of input
 *          -errno  an error before the first byte was read */
int aio_await_read(struct aio *file, void *buf, size_t len);

/* Writes all of buf at the position.
 *
 * Returns  len     success
 *          -EIO    the kernel reported a write of 0 bytes
 *          -errno  an error; the position is after the part that was written */
int aio_await_write(struct aio *file, const void *buf, size_t len);

/* Reads at offset, and does not use the position. Returns the same values as
 * aio_await_read, and two more errors:
 *          -ESPIPE  the file is a stream
 *          -EINVAL  offset is above INT64_MAX */
int aio_await_pread(struct aio *file, void *buf, size_t len, uint64_t offset);

/* Writes all of buf at offset. If the file was opened for appending, writes at
 * its end instead (see BUGS in pwrite(2)). Does not use the position. Returns
 * len, or an error that aio_await_write or aio_await_pread returns. */
int aio_await_pwrite(struct aio *file, const void *buf, size_t len,
                     uint64_t offset);

/* Works like aio_await_read, but on any number of buffers, in order, with at
 * most AWAIT_LEN_MAX bytes in total. Does not change the vectors. */
int aio_await_readv(struct aio *file, const struct iovec *vectors,
                    size_t count);

/* Works like aio_await_write, but on several buffers; see aio_await_readv. */
int aio_await_writev(struct aio *file, const struct iovec *vectors,
                     size_t count);

/* Moves the position, as lseek(2) does with SEEK_SET, SEEK_CUR or SEEK_END.
 *
 * Returns  0        success
 *          -ESPIPE  the file is a stream
 *          -EINVAL  whence is bad, or the new position is below 0 or too large
 *          -errno   the file's size could not be read */
int aio_await_seek(struct aio *file, int64_t offset, int whence);

/* Sets the file's length; the position does not change. Before Linux 6.9 this
 * makes a system call, which may block the loop's thread. Returns 0, or -errno
 * from ftruncate(2): -EINVAL if len is too large or the file has no length. */
int aio_await_truncate(struct aio *file, uint64_t len);

/* Fills *out (STATX_BASIC_STATS). Returns 0, or -errno from statx(2). */
int aio_await_stat(struct aio *file, struct statx *out);

/* Makes earlier writes durable. Do not retry after a failure: a retry may
 * succeed although the data is lost. Returns 0, or -errno from fsync(2). */
int aio_await_fsync(struct aio *file);

/* Works like aio_await_fsync, but need not make the file's times durable. */
int aio_await_fdatasync(struct aio *file);

/* For lib/aio only. If is_at_end is set, sets the position to the file's size.
 * Returns 0, or -errno from statx(2). */
int aio_await_settle(struct aio *file);

#endif
