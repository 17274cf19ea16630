/* small.c: copies one small file with a chain of linked SQEs; see small.h. */
#include "small.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "file.h"
#include "target.h"

#define PAGE_LEN 4096 /* holes in shorter files are not kept */

/* Sets the flags and the tag of a prepared SQE, and counts the SQE as
 * pending. */
static void queue_step(struct small *small, struct io_uring_sqe *sqe,
                       enum small_step step, unsigned flags)
{
    sqe->flags |= (unsigned char)flags;
    rings_tag(sqe, (uint64_t)small->number * SMALL_STEPS + step);
    small->results[step] = -ECANCELED;
    small->pending++;
}

static void close_source(struct small *small)
{
    if (small->fd >= 0)
        (void)close(small->fd); /* read-only: no data can be lost */
    small->fd = -1;
}

/* Chooses the name under which the copy is created: its final name in a private
 * directory, otherwise a random name in the target's directory. Returns false
 * if the name is too long. */
static bool choose_name(struct small *small)
{
    const char *slash = strrchr(small->target.path, '/');
    size_t len = slash != NULL ? (size_t)(slash + 1 - small->target.path) : 0;

    small->new_name = small->target.path;
    if (small->is_private)
        return true;
    if (len + TARGET_TEMP_LEN > sizeof small->temp_text)
        return false;
    memcpy(small->temp_text, small->target.path, len);
    target_temp_name(small->temp_text + len);
    small->new_name = small->temp_text;
    return true;
}

/* Queues the steps of the copy, from creating the file to renaming it. The
 * kernel starts each step when the previous one is complete. If the open or the
 * close fails, or the write is short, the kernel cancels the rest. A failed
 * fsync does not cancel the rest (phase6/labs/lab-link-failure.c). A rename
 * after it in the chain would publish a file whose data may be lost. So the
 * chain has an fsync only in a private directory, where it has no rename. */
static enum small_state begin_writing(struct small *small, const struct cp *cp,
                                      struct cp_ring *ring)
{
    int dir = small->target.dir, file = (int)small->number;
    struct io_uring_sqe *sqe = rings_sqe(ring);
    unsigned more = IOSQE_FIXED_FILE | IOSQE_IO_LINK;

    assert(!cp->options.fsync || small->is_private);
    close_source(small);
    small->phase = SMALL_WRITING;
    io_uring_prep_openat_direct(sqe, dir, small->new_name,
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                small->info.st_mode & 0777,
                                small->number);
    queue_step(small, sqe, SMALL_OPEN, IOSQE_IO_LINK);
    if (small->len > 0) {
        sqe = rings_sqe(ring);
        io_uring_prep_write(sqe, file, small->bytes, (unsigned)small->len, 0);
        queue_step(small, sqe, SMALL_WRITE, more);
    }
    if (cp->options.fsync) {
        sqe = rings_sqe(ring);
        io_uring_prep_fsync(sqe, file, 0);
        queue_step(small, sqe, SMALL_SYNC, more);
    }
    sqe = rings_sqe(ring);
    io_uring_prep_close_direct(sqe, small->number);
    queue_step(small, sqe, SMALL_CLOSE, small->is_private ? 0 : IOSQE_IO_LINK);
    if (!small->is_private) {
        sqe = rings_sqe(ring);
        io_uring_prep_renameat(sqe, dir, small->new_name, dir,
                               small->target.path, RENAME_NOREPLACE);
        queue_step(small, sqe, SMALL_RENAME, 0);
    }
    return SMALL_UNDER_WAY;
}

/* Opens the source. Returns true if the open succeeds, and the source is a
 * small regular file without holes. O_NONBLOCK is set because the name may
 * refer to a FIFO by now, and opening a FIFO would block. */
static bool open_source(struct small *small)
{
    struct stat *info = &small->info;

    small->fd = openat(small->source.dir, small->source.path,
                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
                           O_CLOEXEC);
    if (small->fd < 0 || fstat(small->fd, info) < 0 ||
        file_kind_of(info->st_mode) != FILE_REGULAR ||
        info->st_size >= SMALL_LEN ||
        (info->st_size > PAGE_LEN && info->st_blocks < info->st_size / 512))
        return false;
    small->len = (size_t)info->st_size;
    return true;
}

/* Reads the file if the read does not have to wait for the disk. If the file
 * system does not support RWF_NOWAIT, makes a plain read; on tmpfs such a read
 * never waits. Requests more than the file size, so that a short read confirms
 * the end. Returns the number of bytes, or -errno. */
static int read_at_once(struct small *small)
{
    struct iovec buffer = {small->bytes, SMALL_LEN};
    ssize_t got = preadv2(small->fd, &buffer, 1, 0, RWF_NOWAIT);

    if (got < 0 && errno == EOPNOTSUPP)
        got = pread(small->fd, small->bytes, SMALL_LEN, 0);
    return got < 0 ? -errno : (int)got;
}

enum small_state small_begin(struct small *small, const struct cp *cp,
                             struct cp_ring *ring)
{
    struct io_uring_sqe *sqe;
    int got;

    small->pending = 0;
    for (int i = 0; i < SMALL_STEPS; i++)
        small->results[i] = -ECANCELED;
    if (!open_source(small) || !choose_name(small)) {
        close_source(small);
        return SMALL_AGAIN;
    }
    got = read_at_once(small);
    if (got == (int)small->len)
        return begin_writing(small, cp, ring);
    if ((got < 0 && got != -EAGAIN) || !file_suits_ring(small->fd)) {
        close_source(small);
        return SMALL_AGAIN;
    }
    /* Part of the file is not in the page cache. Read the file through the
     * ring, and continue with other files. */
    small->phase = SMALL_READING;
    sqe = rings_sqe(ring);
    io_uring_prep_read(sqe, small->fd, small->bytes, SMALL_LEN, 0);
    queue_step(small, sqe, SMALL_READ, 0);
    return SMALL_UNDER_WAY;
}

static bool is_written(const struct small *small, const struct cp *cp)
{
    const int *results = small->results;

    return results[SMALL_OPEN] >= 0 && results[SMALL_CLOSE] >= 0 &&
           (small->len == 0 || results[SMALL_WRITE] == (int)small->len) &&
           (!cp->options.fsync || results[SMALL_SYNC] >= 0) &&
           (small->is_private || results[SMALL_RENAME] >= 0);
}

/* Removes the new file, and first closes it if a broken chain left it open. */
static enum small_state undo(struct small *small, struct cp_ring *ring)
{
    struct io_uring_sqe *sqe;

    close_source(small);
    if (small->results[SMALL_OPEN] < 0)
        return SMALL_AGAIN;
    if (small->phase != SMALL_UNDOING && small->results[SMALL_CLOSE] < 0) {
        small->phase = SMALL_UNDOING;
        sqe = rings_sqe(ring);
        io_uring_prep_close_direct(sqe, small->number);
        queue_step(small, sqe, SMALL_CLOSE, 0);
        return SMALL_UNDER_WAY;
    }
    (void)unlinkat(small->target.dir, small->new_name, 0);
    return SMALL_AGAIN;
}

enum small_state small_advance(struct small *small, const struct cp *cp,
                               struct cp_ring *ring)
{
    assert(small->pending == 0);
    if (small->phase == SMALL_READING &&
        small->results[SMALL_READ] == (int)small->len)
        return begin_writing(small, cp, ring);
    if (small->phase == SMALL_WRITING && is_written(small, cp))
        return SMALL_COPIED;
    return undo(small, ring);
}
