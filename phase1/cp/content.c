/* content.c: the bytes of one open file into another; see content.h. */
#include "content.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "file.h"
#include "page_cache.h"
#include "stop.h"

/* Below this much, asking for the space first costs more than it gives. */
#define ALLOCATE_MIN (1024 * 1024)

static data_engine *const engines[] = {
    [CP_ENGINE_URING] = pump_copy,
    [CP_ENGINE_RW] = plain_copy_rw,
    [CP_ENGINE_COPY_FILE_RANGE] = plain_copy_file_range,
    [CP_ENGINE_SPLICE] = plain_splice,
};

int data_failed(struct cp_data *data, enum data_blame blame, uint64_t offset,
                int result)
{
    data->blame = blame;
    data->offset = offset;
    return result;
}

void data_end_direct_in(struct cp_data *data)
{
    if (data->in_direct)
        (void)fcntl(data->in, F_SETFL, 0);
    data->in_direct = false;
}

void data_end_direct_out(struct cp_data *data)
{
    if (data->out_direct)
        (void)fcntl(data->out, F_SETFL, 0);
    data->out_direct = false;
}

/* The engine that was asked for, if it can be trusted with both files. */
static data_engine *engine_for(const struct cp_data *data)
{
    if (!file_suits_ring(data->in) || !file_suits_ring(data->out))
        return plain_copy_rw;
    return engines[data->cp->options.engine];
}

/* A long source that is not in the page cache is not put there either, by the
 * engine that does not need it to be read ahead. Where that is refused, it is
 * read as ever. */
static void begin_direct_in(struct cp_data *data, const struct stat *source)
{
    const struct cp_options *options = &data->cp->options;

    if (options->direct == CP_DIRECT_AUTO && engine_for(data) == pump_copy &&
        options->block_len % DATA_ALIGN == 0 &&
        page_cache_should_bypass(data->in, source))
        data->in_direct = fcntl(data->in, F_SETFL, O_DIRECT) == 0;
}

/* Fewer blocks than its length needs: there are holes in it. */
static bool has_holes(const struct stat *source)
{
    return source->st_blocks < source->st_size / 512;
}

/* Asks for all the space at once. The file system then finds it in one piece,
 * and a disk that is too small is known before the first byte is written; for
 * a big file this is a good part of what cp-uring gains over cp, ring or no
 * ring. Not every file system can, and those that cannot need not. */
static int allocate(struct cp_data *data, uint64_t len)
{
    while (fallocate(data->out, 0, 0, (off_t)len) < 0) {
        if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
            return data_failed(data, DATA_TARGET, 0, -errno);
        if (errno != EINTR)
            return 0;
        if (stop_requested() != 0)
            return -EINTR;
    }
    return 0;
}

/* The next range that holds data, at or behind offset, within len. Where the
 * file system cannot tell, that is all of it. False: only a hole is left. */
static bool next_range(const struct cp_data *data, uint64_t offset,
                       uint64_t len, uint64_t *begin, uint64_t *end)
{
    off_t found = lseek(data->in, (off_t)offset, SEEK_DATA);

    *begin = offset;
    *end = len;
    if (found < 0)
        return errno != ENXIO;
    *begin = (uint64_t)found;
    if (*begin >= len)
        return false;
    found = lseek(data->in, found, SEEK_HOLE);
    if (found > (off_t)*begin && (uint64_t)found < len)
        *end = (uint64_t)found;
    if (data->in_direct || data->out_direct)
        *begin -= *begin % DATA_ALIGN; /* a little of the hole, as zeroes */
    return true;
}

/* The len bytes that the source says it has; *reached is less where it has
 * less. */
static int copy_ranges(struct cp_data *data, bool keep_holes, uint64_t len,
                       uint64_t *reached)
{
    data_engine *engine = engine_for(data);
    uint64_t begin = 0, end = len;

    *reached = 0;
    while (*reached < len) {
        int rc;

        if (keep_holes && !next_range(data, *reached, len, &begin, &end)) {
            *reached = len;
            return 0;
        }
        rc = engine(data, begin, end, reached);
        if (rc < 0)
            return rc;
        if (*reached < end)
            return 0; /* it ends here, whatever it said */
        begin = *reached;
    }
    return 0;
}

/* Whether the source has lost bytes since it was opened. The copy may then
 * hold some of before and some of after, and is no copy of anything. */
static bool has_shrunk(const struct cp_data *data, const struct stat *before)
{
    struct stat now;

    return fstat(data->in, &now) == 0 && now.st_size < before->st_size;
}

int data_copy(struct cp_data *data, const struct stat *source)
{
    const struct cp_options *options = &data->cp->options;
    uint64_t len = (uint64_t)source->st_size, reached, total;
    bool holes = has_holes(source);
    int rc = 0;

    begin_direct_in(data, source);
    if (len >= ALLOCATE_MIN && !(holes && options->keep_holes))
        rc = allocate(data, len);
    if (rc == 0)
        rc = copy_ranges(data, holes && options->keep_holes, len, &reached);
    if (rc < 0)
        return rc;
    /* Only a read of 0 is the end: read on from where it is said to be. */
    data_end_direct_in(data);
    data_end_direct_out(data);
    rc = plain_copy_rw(data, reached, UINT64_MAX, &total);
    if (rc < 0)
        return rc;
    if (has_shrunk(data, source))
        return data_failed(data, DATA_SOURCE, total, -ESTALE);
    /* A hole at the end was not written, and what was allocated may be more
     * than has come. */
    if (ftruncate(data->out, (off_t)total) < 0)
        return data_failed(data, DATA_TARGET, total, -errno);
    return 0;
}
