/* aio.h: a file that is open, read, written and closed as one expects.
 * Introduced in phase 5. Needs: await.h.
 *
 *     struct aio file;
 *
 *     rc = aio_await_open(&file, "notes", "r+");
 *     got = aio_await_read(&file, buf, sizeof buf);
 *     rc = aio_await_close(&file);
 *
 * What await.h gives are operations: short results, explicit offsets. Here is
 * the object on top: it knows its position, resumes what was short, and tells
 * files from streams (pipes, terminals, sockets), which have no position and
 * give what they have.
 *
 * Rules
 *  - Every function named await_... suspends the current task. A cancel or a
 *    deadline ends it with -ECANCELED or -ETIME, unless bytes were transferred:
 *    then it returns their number, and the next call tells.
 *  - One task at a time uses the position: asserted. aio_await_pread and
 *    aio_await_pwrite leave it alone; any number of them may run at once.
 *  - Buffers are the caller's, and the kernel's until the call returns.
 *  - Do close, and do look at the result of closing what was written. */
#ifndef ONE_RING_AIO_H
#define ONE_RING_AIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "await.h"

/* Zeroed, or closed: not open. Read by anybody, written by aio.c. */
struct aio {
    uint64_t position; /* bytes from the start; of a stream, bytes so far */
    int fd;            /* owned while is_open */
    bool is_open;
    bool is_stream;    /* cannot seek */
    bool appends;      /* every write goes to the end, wherever that is */
    bool is_at_end;    /* opened for appending, or after an append: position is
                          not known yet */
    bool is_busy;      /* a call that uses the position is under way */
    unsigned users;    /* calls under way, of any kind */
};

/* What open(2) is told for a mode as Python has it: one of
 *   r  read                          w  write, empty it or create it
 *   a  append, create it if needed   x  write, create it; it must not exist
 * and behind it, in any order: + for reading and writing both; b or t, which
 * mean nothing here. Returns the flags, or -EINVAL. */
int aio_mode_flags(const char *mode);

/* Opens path, relative to the working directory; new files get 0666 less umask.
 * With "a" the position is the end of the file, else its start.
 * Returns 0; -EINVAL for the mode; or what open(2) says. On failure the file is
 * not open. */
int aio_await_open(struct aio *file, const char *path, const char *mode);

/* Takes ownership of an fd that is open already: a pipe, a socket, stdin. Its
 * position, if it has one, is kept; whether it appends is found out. Does not
 * suspend. Returns 0, or -EBADF, and then the fd is still the caller's. */
int aio_adopt(struct aio *file, int fd);

/* Closes. Never interrupted; the file is closed afterwards, whatever is
 * returned. Returns 0; -EBADF if it is not open; -EIO, -ENOSPC, -EDQUOT if what
 * was written earlier could not be kept. */
int aio_await_close(struct aio *file);

/* Closes at the end of the scope, if it is open, and drops the result: for what
 * was only read.   AIO_SCOPED struct aio file = {0}; */
#define AIO_SCOPED __attribute__((cleanup(aio_await_scope_end)))
void aio_await_scope_end(struct aio *file);

/* Reads at the position. A file gives len bytes unless it ends before (0: at
 * the end); a stream gives what it has, at least one byte unless it has ended.
 * Returns the number of bytes, or -errno if there were none. len is at most
 * AWAIT_LEN_MAX, here and below. */
int aio_await_read(struct aio *file, void *buf, size_t len);

/* Writes all of buf at the position. Returns len; or -errno if not all could be
 * written: the position says how much was. */
int aio_await_write(struct aio *file, const void *buf, size_t len);

/* The same at an offset, with the position left alone. -ESPIPE on a stream.
 * With an appending file, a write still goes to the end: see open(2), BUGS. */
int aio_await_pread(struct aio *file, void *buf, size_t len, uint64_t offset);
int aio_await_pwrite(struct aio *file, const void *buf, size_t len,
                     uint64_t offset);

/* The same as read and write with several buffers, filled or written in
 * order. Any count; together at most AWAIT_LEN_MAX. The vectors are left as
 * they are. */
int aio_await_readv(struct aio *file, const struct iovec *vectors,
                    size_t count);
int aio_await_writev(struct aio *file, const struct iovec *vectors,
                     size_t count);

/* Moves the position: SEEK_SET, SEEK_CUR or SEEK_END, as lseek(2) has it.
 * Returns 0; -EINVAL before the start, beyond INT64_MAX, or for another whence;
 * -ESPIPE on a stream; or the -errno of asking for the file's size. */
int aio_await_seek(struct aio *file, int64_t offset, int whence);

/* Makes the file len bytes long; the position stays. Returns 0 or -errno. On
 * kernels before 6.9 it is a system call, which may block the loop's thread. */
int aio_await_truncate(struct aio *file, uint64_t len);

/* What statx(2) says of the file: STATX_BASIC_STATS. Returns 0 or -errno. */
int aio_await_stat(struct aio *file, struct statx *out);

/* Has what was written survive a crash; with fdatasync not its times. After a
 * failure do not try again: the kernel may have dropped the pages, and the next
 * success would be a lie. Returns 0 or -errno. */
int aio_await_fsync(struct aio *file);
int aio_await_fdatasync(struct aio *file);

/* For aio.c and aio_whole.c: finds out where an append has left the
 * position. */
int aio_await_settle(struct aio *file);

#endif
