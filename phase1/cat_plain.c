/* cat_plain.c: copies one input to stdout with read(2) and write(2).
 *
 * What it teaches: the rules that hold with and without a ring. A read returns
 * the bytes that are available, which may be fewer than requested. A write may
 * write only some of its bytes. A signal may interrupt either of them.
 *
 *   do      write what each read returns immediately, even a single byte
 *   do      call write until all bytes are written
 *   do not  treat a short read as the end: only a read of 0 bytes is the end */
#include "cat_plain.h"

#include <errno.h>
#include <unistd.h>

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
