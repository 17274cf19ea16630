/* content.c: copies the content of one open file into another; see
 * content.h. */
#include "content.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include "file.h"
#include "optional.h"
#include "page_cache.h"
#include "plain.h"
#include "pump.h"
#include "stop.h"
#include "sys.h"

/* For shorter files, reserving space costs more than it saves. */
#define RESERVE_MIN (1024 * 1024)

/* Returns the engine for this pair of files: the one that --engine names, or
 * CP_ENGINE_RW if one of the files does not suit a ring. */
static enum cp_engine choose_engine(const struct engine_job *job)
{
    if (!file_suits_ring(job->in) || !file_suits_ring(job->out))
        return CP_ENGINE_RW;
    return job->cp->options.engine;
}

/* Sets O_DIRECT on a large source that is not in the page cache, so that the
 * copy does not evict other data. With --direct=auto only the ring uses
 * O_DIRECT, because it has many reads in flight and needs no readahead. If the
 * file system refuses O_DIRECT, the source is read through the page cache. */
static void begin_direct_in(struct engine_job *job, const struct stat *source)
{
    const struct cp_options *options = &job->cp->options;

    if (options->direct == CP_DIRECT_AUTO &&
        choose_engine(job) == CP_ENGINE_URING &&
        options->block_len % ENGINE_ALIGN == 0 &&
        page_cache_should_bypass(job->in, source))
        job->in_direct = fcntl(job->in, F_SETFL, O_DIRECT) == 0;
}

/* Returns true if reserving space changes only the speed. On a copy-on-write
 * file system it changes more: btrfs does not compress a file with reserved
 * space, and reports a full disk for a file that would fit when compressed. So
 * the target must be on a file system where reserving is known to be harmless.
 * The source must not be on FUSE, where stat may report a size that is far too
 * large. */
static bool should_reserve(const struct engine_job *job,
                           const struct stat *source)
{
    uint64_t magic;

    return source->st_size >= RESERVE_MIN && file_suits_ring(job->in) &&
           sys_file_system(job->out, &magic) == 0 &&
           (magic == EXT4_SUPER_MAGIC || magic == XFS_SUPER_MAGIC ||
            magic == TMPFS_MAGIC);
}

/* Reserves all the space in one call. The file system can then allocate it in
 * one piece, and reports a full disk before the first byte is written. For a
 * big file, this call accounts for much of the time that cp-uring saves
 * compared with cp. The engines without a ring make the call, too.
 *
 * Returns  0       the space is reserved, or the file system cannot do that
 *          -EINTR  a signal asked us to stop
 *          -errno  job->blame and job->offset are set */
static int reserve(struct engine_job *job, uint64_t len)
{
    while (fallocate(job->out, 0, 0, (off_t)len) < 0) {
        if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
            return engine_fail(job, ENGINE_TARGET, 0, -errno);
        if (errno != EINTR)
            return 0;
        if (stop_requested() != 0)
            return -EINTR;
    }
    return 0;
}

/* Finds the next range with data between offset and len. If the file system
 * cannot find holes, the range is everything up to len. Returns false if only a
 * hole is left. */
static bool next_range(const struct engine_job *job, uint64_t offset,
                       uint64_t len, uint64_t *begin, uint64_t *end)
{
    off_t found = lseek(job->in, (off_t)offset, SEEK_DATA);

    *begin = offset;
    *end = len;
    if (found < 0)
        return errno != ENXIO;
    *begin = (uint64_t)found;
    if (*begin >= len)
        return false;
    found = lseek(job->in, found, SEEK_HOLE);
    if (found > (off_t)*begin && (uint64_t)found < len)
        *end = (uint64_t)found;
    if (job->in_direct || job->out_direct)
        *begin -= *begin % ENGINE_ALIGN; /* the range may begin in a hole */
    return true;
}

static int copy_range(struct engine_job *job, enum cp_engine engine,
                      uint64_t begin, uint64_t end, uint64_t *reached)
{
    switch (engine) {
    case CP_ENGINE_URING:
        return pump_copy(job, begin, end, reached);
    case CP_ENGINE_COPY_FILE_RANGE:
        return plain_copy_file_range(job, begin, end, reached);
    case CP_ENGINE_SPLICE:
        return plain_copy_splice(job, begin, end, reached);
    default:
        return plain_copy_rw(job, begin, end, reached);
    }
}

/* Copies the first len bytes. If keep_holes is set, skips the holes. Sets
 * *reached to len, or to the end of the source if that is earlier. */
static int copy_ranges(struct engine_job *job, bool keep_holes, uint64_t len,
                       uint64_t *reached)
{
    enum cp_engine engine = choose_engine(job);
    uint64_t begin = 0, end = len;

    *reached = 0;
    while (*reached < len) {
        int rc;

        if (keep_holes && !next_range(job, *reached, len, &begin, &end)) {
            *reached = len;
            return 0;
        }
        rc = copy_range(job, engine, begin, end, reached);
        if (rc < 0)
            return rc;
        if (*reached < end)
            return 0; /* the source ends here, whatever stat reported */
        begin = *reached;
    }
    return 0;
}

/* Returns true if the source became shorter after it was opened. The copy may
 * then mix old and new content, a state that the source never had. */
static bool has_shrunk(const struct engine_job *job, const struct stat *before)
{
    struct stat now;

    return fstat(job->in, &now) == 0 && now.st_size < before->st_size;
}

/* Sets the length of the copy. The copy may be too short, because a hole at the
 * end was not written, or too long, because more space was reserved. Not every
 * file system has ftruncate, so ftruncate is called only if the length is
 * wrong. If ftruncate is missing and the copy is too short, writes the last
 * byte instead. Returns 0 or -errno. */
static int set_length(struct engine_job *job, uint64_t len)
{
    struct stat now = {0};
    char last;
    int rc;

    if (fstat(job->out, &now) == 0 && (uint64_t)now.st_size == len)
        return 0;
    if (ftruncate(job->out, (off_t)len) == 0)
        return 0;
    rc = -errno;
    if (optional_is_missing(rc) && (uint64_t)now.st_size < len &&
        pread(job->in, &last, 1, (off_t)len - 1) == 1 &&
        pwrite(job->out, &last, 1, (off_t)len - 1) == 1)
        return 0;
    return engine_fail(job, ENGINE_TARGET, len, rc);
}

int content_copy(struct engine_job *job, const struct stat *source)
{
    const struct cp_options *options = &job->cp->options;
    uint64_t len = (uint64_t)source->st_size, reached, total;
    bool holes = source->st_blocks < source->st_size / 512;
    int rc = 0;

    begin_direct_in(job, source);
    if (!(holes && options->keep_holes) && should_reserve(job, source))
        rc = reserve(job, len);
    if (rc == 0)
        rc = copy_ranges(job, holes && options->keep_holes, len, &reached);
    if (rc < 0)
        return rc;
    /* Only a read of 0 bytes proves the end of the file, so read on past the
     * size that stat reported. */
    engine_end_direct_in(job);
    engine_end_direct_out(job);
    rc = plain_copy_rw(job, reached, UINT64_MAX, &total);
    if (rc < 0)
        return rc;
    if (has_shrunk(job, source))
        return engine_fail(job, ENGINE_SOURCE, total, -ESTALE);
    return set_length(job, total);
}
