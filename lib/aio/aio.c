/* aio.c: opens, reads, writes and closes a file; see aio.h.
 * Introduced in phase 5. Needs: aio.h, file.h, sys.h.
 *
 * What it teaches: the difference between an operation and an interface. The
 * kernel may transfer fewer bytes than requested, but a caller wants all of
 * them or an error. This file loops until all bytes are transferred, so that
 * its callers do not need loops. */
#include "aio.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "file.h"
#include "sys.h"

/* The maximum number of vectors in one operation. The kernel allows IOV_MAX
 * (1024), but the vectors are on the task's stack, which is small. */
#define VECTORS_AT_ONCE 16

int aio_mode_flags(const char *mode)
{
    int flags, both = O_RDONLY;

    switch (mode[0]) {
    case 'r': flags = 0; break;
    case 'w': flags = O_CREAT | O_TRUNC; break;
    case 'a': flags = O_CREAT | O_APPEND; break;
    case 'x': flags = O_CREAT | O_EXCL; break;
    default: return -EINVAL;
    }
    for (const char *more = mode + 1; *more != '\0'; more++) {
        if (strchr(mode + 1, *more) != more) /* each letter at most once */
            return -EINVAL;
        if (*more == '+')
            both = O_RDWR;
        else if (*more != 'b' && *more != 't')
            return -EINVAL;
    }
    if (strchr(mode, 'b') != NULL && strchr(mode, 't') != NULL)
        return -EINVAL;
    if (both == O_RDWR)
        return flags | O_RDWR;
    return flags | (mode[0] == 'r' ? O_RDONLY : O_WRONLY);
}

int aio_adopt(struct aio *file, int fd)
{
    uint64_t position = 0;
    int flags = sys_open_flags(fd);
    bool is_stream = file_position(fd, &position) < 0;

    if (flags < 0)
        return flags;
    *file = (struct aio){
        .fd = fd,
        .is_open = true,
        .is_stream = is_stream,
        .position = position,
        .appends = (flags & O_APPEND) != 0,
    };
    return 0;
}

int aio_await_open(struct aio *file, const char *path, const char *mode)
{
    int flags = aio_mode_flags(mode);
    int fd, rc;

    *file = (struct aio){0};
    if (flags < 0)
        return flags;
    fd = await_openat(AT_FDCWD, path, flags, 0666);
    if (fd < 0)
        return fd;
    rc = aio_adopt(file, fd);
    if (rc < 0)
        await_close(fd);
    else /* the first call that uses the position looks it up */
        file->is_at_end = file->appends && !file->is_stream;
    return rc;
}

int aio_await_close(struct aio *file)
{
    int fd = file->fd;

    if (!file->is_open)
        return -EBADF;
    assert(file->users == 0); /* the fd's number may be reused immediately */
    *file = (struct aio){0};
    return await_close(fd);
}

void aio_await_scope_end(struct aio *file)
{
    if (file->is_open)
        (void)aio_await_close(file);
}

/* Counts a running call, and asserts that only one call at a time uses the
 * position. Returns 0, or -EBADF if the file is not open. */
static int begin(struct aio *file, bool uses_position)
{
    if (!file->is_open)
        return -EBADF;
    assert(!uses_position || !file->is_busy);
    file->is_busy |= uses_position;
    file->users++;
    return 0;
}

static void end(struct aio *file, bool used_position)
{
    file->users--;
    if (used_position)
        file->is_busy = false;
}

enum direction { READS, WRITES };

/* The part of the caller's vectors that remains to be transferred. */
struct cursor {
    const struct iovec *vectors; /* borrowed from the caller, never written */
    size_t count;
    size_t done_in_first; /* bytes of vectors[0] that are transferred */
};

static void skip(struct cursor *cursor, size_t done)
{
    done += cursor->done_in_first;
    while (cursor->count > 0 && done >= cursor->vectors->iov_len) {
        done -= cursor->vectors->iov_len;
        cursor->vectors++;
        cursor->count--;
    }
    cursor->done_in_first = done;
}

static int aio_await_once(struct aio *file, enum direction direction,
                          struct cursor *cursor, uint64_t offset)
{
    struct iovec vectors[VECTORS_AT_ONCE];
    unsigned count = cursor->count < VECTORS_AT_ONCE ? (unsigned)cursor->count
                                                     : VECTORS_AT_ONCE;

    /* Copy the next vectors, and leave out the part of the first vector that is
     * already transferred. */
    memcpy(vectors, cursor->vectors, count * sizeof *vectors);
    if (count > 0) {
        vectors[0].iov_base = (char *)vectors[0].iov_base +
                              cursor->done_in_first;
        vectors[0].iov_len -= cursor->done_in_first;
    }
    if (count == 1 && vectors[0].iov_len <= AWAIT_LEN_MAX)
        return direction == READS
                   ? await_read(file->fd, vectors[0].iov_base,
                                vectors[0].iov_len, offset)
                   : await_write(file->fd, vectors[0].iov_base,
                                 vectors[0].iov_len, offset);
    return direction == READS ? await_readv(file->fd, vectors, count, offset)
                              : await_writev(file->fd, vectors, count, offset);
}

/* Transfers until all bytes are done, the file ends, or an operation fails.
 * Reads a stream only once. Sets *failure to the -errno of the operation that
 * failed, or to 0. Returns the number of transferred bytes, or *failure if it
 * transferred none. */
static int aio_await_transfer_all(struct aio *file, enum direction direction,
                                  struct cursor cursor, uint64_t offset,
                                  int *failure)
{
    uint64_t total = 0;

    *failure = 0;
    skip(&cursor, 0); /* skips empty vectors */
    while (cursor.count > 0) {
        int rc =
            aio_await_once(file, direction, &cursor,
                           file->is_stream ? AWAIT_STREAM : offset + total);

        if (rc <= 0) {
            *failure = rc < 0 ? rc : direction == WRITES ? -EIO : 0;
            break;
        }
        total += (uint64_t)rc;
        skip(&cursor, (size_t)rc);
        if (file->is_stream && direction == READS)
            break;
    }
    return total > 0 || *failure == 0 ? (int)total : *failure;
}

/* Returns the sum of the lengths, or -EINVAL if it is above AWAIT_LEN_MAX. */
static int64_t length_of(const struct iovec *vectors, size_t count)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++) {
        if (vectors[i].iov_len > AWAIT_LEN_MAX - total)
            return -EINVAL;
        total += vectors[i].iov_len;
    }
    return (int64_t)total;
}

int aio_await_readv(struct aio *file, const struct iovec *vectors, size_t count)
{
    struct cursor cursor = {.vectors = vectors, .count = count};
    int failure, rc;

    if (length_of(vectors, count) < 0)
        return -EINVAL;
    rc = begin(file, true);
    if (rc < 0)
        return rc;
    rc = aio_await_settle(file);
    if (rc == 0)
        rc = aio_await_transfer_all(file, READS, cursor, file->position,
                                    &failure);
    if (rc > 0)
        file->position += (uint64_t)rc;
    end(file, true);
    return rc;
}

int aio_await_writev(struct aio *file, const struct iovec *vectors,
                     size_t count)
{
    struct cursor cursor = {.vectors = vectors, .count = count};
    int failure, rc;

    if (length_of(vectors, count) < 0)
        return -EINVAL;
    rc = begin(file, true);
    if (rc < 0)
        return rc;
    rc = aio_await_transfer_all(file, WRITES, cursor, file->position, &failure);
    if (rc > 0) {
        file->position += (uint64_t)rc;
        file->is_at_end = file->appends && !file->is_stream;
    }
    end(file, true);
    return failure < 0 ? failure : rc;
}

int aio_await_read(struct aio *file, void *buf, size_t len)
{
    struct iovec vector = {buf, len};

    return aio_await_readv(file, &vector, 1);
}

int aio_await_write(struct aio *file, const void *buf, size_t len)
{
    struct iovec vector = {(void *)(uintptr_t)buf, len};

    return aio_await_writev(file, &vector, 1);
}

/* Transfers at an offset, and does not use the position. */
static int aio_await_at(struct aio *file, enum direction direction,
                        struct iovec vector, uint64_t offset)
{
    struct cursor cursor = {.vectors = &vector, .count = 1};
    int failure, rc;

    if (vector.iov_len > AWAIT_LEN_MAX || offset > INT64_MAX)
        return -EINVAL;
    rc = begin(file, false);
    if (rc < 0)
        return rc;
    rc = file->is_stream ? -ESPIPE
                         : aio_await_transfer_all(file, direction, cursor,
                                                  offset, &failure);
    end(file, false);
    return rc >= 0 && direction == WRITES && failure < 0 ? failure : rc;
}

int aio_await_pread(struct aio *file, void *buf, size_t len, uint64_t offset)
{
    return aio_await_at(file, READS, (struct iovec){buf, len}, offset);
}

int aio_await_pwrite(struct aio *file, const void *buf, size_t len,
                     uint64_t offset)
{
    struct iovec vector = {(void *)(uintptr_t)buf, len};

    return aio_await_at(file, WRITES, vector, offset);
}
