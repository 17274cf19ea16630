/* plain.c: copies a range of bytes with plain system calls; see plain.h.
 *
 * What it teaches: the engines to compare the ring with. plain_copy_rw copies
 * through a buffer in user space, with pread(2) and pwrite(2). copy_file_range
 * copies in the kernel, and may let the two files share blocks instead. splice
 * moves pages through a pipe.
 *
 *   do      give every call its own offset: the file position is not used
 *   do      expect any call to move fewer bytes than requested
 *   do not  fail if the kernel cannot copy between two files: use read and
 *           write */
#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "stop.h"

#define BLOCK_LEN (128 * 1024)

/* Returns true if the call must be repeated: it failed with EINTR or EAGAIN,
 * and no signal asks us to stop. Counts the retry. */
static bool is_retry(struct engine_job *job, ssize_t returned)
{
    if (returned >= 0 || (errno != EINTR && errno != EAGAIN) ||
        stop_requested() != 0)
        return false;
    job->cp->stats.retries++;
    return true;
}

/* Writes all of block at offset. Returns 0 or -errno. */
static int write_all(struct engine_job *job, const char *block, size_t len,
                     uint64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t wrote =
            pwrite(job->out, block + done, len - done, (off_t)(offset + done));

        if (is_retry(job, wrote))
            continue;
        if (wrote <= 0)
            return engine_fail(job, ENGINE_TARGET, offset + done,
                               wrote < 0 ? -errno : -ENOSPC);
        done += (size_t)wrote;
        job->cp->stats.short_writes += done < len;
    }
    stats_add_bytes(&job->cp->stats, len);
    return 0;
}

int plain_copy_rw(struct engine_job *job, uint64_t begin, uint64_t end,
                  uint64_t *reached)
{
    static _Alignas(ENGINE_ALIGN) char block[BLOCK_LEN];

    for (*reached = begin; *reached < end;) {
        uint64_t left = end - *reached;
        ssize_t got = pread(job->in, block, BLOCK_LEN, (off_t)*reached);
        int rc;

        job->cp->stats.direct_reads += job->in_direct;
        if (stop_requested() != 0)
            return -EINTR;
        if (is_retry(job, got))
            continue;
        if (got < 0)
            return engine_fail(job, ENGINE_SOURCE, *reached, -errno);
        if (got == 0)
            return 0;
        if ((uint64_t)got > left)
            got = (ssize_t)left; /* do not copy beyond the range */
        if (got % ENGINE_ALIGN != 0) {
            engine_end_direct_in(job);
            engine_end_direct_out(job);
        }
        rc = write_all(job, block, (size_t)got, *reached);
        if (rc < 0)
            return rc;
        *reached += (uint64_t)got;
    }
    return 0;
}

/* Returns true if the error means that the kernel cannot copy between these two
 * files. They may be on different file systems, or one may be in /sys. read and
 * write still work. */
static bool is_no_way(int error)
{
    return error == EXDEV || error == EINVAL || error == EOPNOTSUPP ||
           error == ENOSYS;
}

int plain_copy_file_range(struct engine_job *job, uint64_t begin, uint64_t end,
                          uint64_t *reached)
{
    for (*reached = begin; *reached < end;) {
        off_t from = (off_t)*reached, to = from;
        uint64_t left = end - *reached;
        size_t len = job->cp->options.block_len;
        ssize_t moved = copy_file_range(job->in, &from, job->out, &to,
                                        left < len ? left : len, 0);

        if (stop_requested() != 0)
            return -EINTR;
        if (is_retry(job, moved))
            continue;
        if (moved < 0 && is_no_way(errno))
            return plain_copy_rw(job, *reached, end, reached);
        if (moved < 0) /* the call does not report which file failed */
            return engine_fail(job,
                               errno == EIO ? ENGINE_SOURCE : ENGINE_TARGET,
                               *reached, -errno);
        if (moved == 0)
            return 0;
        stats_add_bytes(&job->cp->stats, (uint64_t)moved);
        *reached += (uint64_t)moved;
    }
    return 0;
}

/* Moves len bytes from the pipe to the target. Returns 0 or -errno. */
static int splice_out(struct engine_job *job, int pipe_fd, uint64_t offset,
                      size_t len)
{
    size_t done = 0;

    while (done < len) {
        off_t to = (off_t)(offset + done);
        ssize_t moved = splice(pipe_fd, NULL, job->out, &to, len - done, 0);

        if (is_retry(job, moved))
            continue;
        if (moved <= 0)
            return engine_fail(job, ENGINE_TARGET, offset + done,
                               moved < 0 ? -errno : -ENOSPC);
        done += (size_t)moved;
        stats_add_bytes(&job->cp->stats, (uint64_t)moved);
    }
    return 0;
}

/* Moves pages from the source into the pipe, and from the pipe into the
 * target. Returns 0 or -errno. */
static int splice_through(struct engine_job *job, const int ends[2],
                          uint64_t end, uint64_t *reached)
{
    while (*reached < end) {
        off_t from = (off_t)*reached;
        uint64_t left = end - *reached;
        size_t len = job->cp->options.block_len;
        ssize_t got =
            splice(job->in, &from, ends[1], NULL, left < len ? left : len, 0);
        int rc;

        if (stop_requested() != 0)
            return -EINTR;
        if (is_retry(job, got))
            continue;
        if (got < 0 && is_no_way(errno))
            return plain_copy_rw(job, *reached, end, reached);
        if (got < 0)
            return engine_fail(job, ENGINE_SOURCE, *reached, -errno);
        if (got == 0)
            return 0;
        rc = splice_out(job, ends[0], *reached, (size_t)got);
        if (rc == -EINVAL) /* read the pipe's bytes from the file again */
            return plain_copy_rw(job, *reached, end, reached);
        if (rc < 0)
            return rc;
        *reached += (uint64_t)got;
    }
    return 0;
}

int plain_copy_splice(struct engine_job *job, uint64_t begin, uint64_t end,
                      uint64_t *reached)
{
    int ends[2], rc;

    *reached = begin;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return engine_fail(job, ENGINE_SOURCE, begin, -errno);
    /* A bigger pipe means fewer calls. If it cannot grow, copy anyway. */
    (void)fcntl(ends[0], F_SETPIPE_SZ, job->cp->options.block_len);
    rc = splice_through(job, ends, end, reached);
    close(ends[0]);
    close(ends[1]);
    return rc;
}
