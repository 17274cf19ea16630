/* cat_plain.c: one input to stdout by read(2) and write(2).
 *
 * What it teaches: what has to be right before any ring. A read gives what is
 * there, not what was asked for; a write takes what fits; both may be
 * interrupted.
 *
 *   do      pass on what a read gave, at once, however little it is
 *   do      write until all of it is written
 *   do not  take a short read for the end: the end is a read of 0 */
#include <errno.h>
#include <unistd.h>

#include "cat.h"

/* Writes all of data. Returns its length, or -errno. */
static int write_all(struct cat_job *job, const char *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t wrote = write(job->out, data + done, len - done);
        int result = cat_write_result(job, wrote < 0 ? -errno : (int)wrote);

        if (result < 0)
            return result;
        if (result == CAT_RETRY)
            continue;
        done += (size_t)result;
        job->in_offset += (uint64_t)result;
    }
    return (int)len;
}

int cat_copy_plain(struct cat_job *job)
{
    static _Alignas(CAT_BLOCK_ALIGN) char block[CAT_BLOCK_LEN];
    int result;

    do {
        ssize_t got = read(job->in, block, sizeof block);

        result = cat_read_result(job, got < 0 ? -errno : (int)got);
        if (result > 0 && result != CAT_RETRY)
            result = write_all(job, block, (size_t)result);
    } while (result > 0);
    return result;
}
