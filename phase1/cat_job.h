/* cat_job.h: the state of copying one input, and the meaning of each result.
 *
 * After every completion, an engine passes the result to cat_read_result or
 * cat_write_result. These two functions decide what the result means: data, the
 * end of the input, a retry or a failure. */
#ifndef PHASE1_CAT_JOB_H
#define PHASE1_CAT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define CAT_BLOCK_LEN (128 * 1024)
#define CAT_BLOCK_ALIGN 4096 /* needed if a file has O_DIRECT set */

/* The state of copying one input to stdout. The fds are borrowed. */
struct cat_job {
    int in, out;
    struct stat in_info, out_info;
    bool in_seeks;         /* the input is seekable */
    bool out_seeks;        /* stdout is a regular, seekable file */
    uint64_t in_offset;    /* input position after the last byte written */
    uint64_t out_position; /* position of stdout after the last write */
    bool write_failed;     /* stdout failed, not the input */
};

/* Returns the offset to read at: in_offset, or -1 if the input is not
 * seekable. */
uint64_t cat_read_offset(const struct cat_job *job);

/* Decide what the result of a read or a write means. After -EAGAIN, wait until
 * the file is ready.
 *
 * Return  CAT_RETRY  repeat the operation: it was interrupted, or a file was
 *                    not ready but is ready now
 *         > 0        the number of bytes
 *         0          the end of the input (reads only)
 *         -errno     the operation failed */
#define CAT_RETRY 0x7fffffff
int cat_read_result(struct cat_job *job, int result);
int cat_write_result(struct cat_job *job, int result);

/* Advances the file position of stdout by `written` bytes, unless the kernel
 * has already done so. Call it after each write through the ring.
 *
 * A write at offset -1 starts at the file position. The kernel advances the
 * position only if the write completes during its submit. After a write that
 * completes later (O_DIRECT, FUSE), the position is unchanged, and the next
 * write would overwrite the same bytes. */
void cat_settle_position(struct cat_job *job, int written);

/* Handles the return value of io_uring_enter. Returns only if the caller may
 * enter again: after success, EINTR (a signal arrived), or EAGAIN, EBUSY or
 * ENOMEM (the kernel is temporarily out of resources). After one of the last
 * three it waits for 1 ms before it returns. Entries that the kernel has not
 * taken stay queued.
 *
 * Any other failure, or the 1000th EAGAIN, EBUSY or ENOMEM in a row, ends the
 * program with exit code 1, because the program cannot wait for completions any
 * more. The kernel cancels the operations in flight when the process ends. */
void cat_enter_result(int result);

#endif
