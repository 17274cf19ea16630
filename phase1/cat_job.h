/* cat_job.h: one input on its way to stdout, and what each result means for
 * it.
 *
 * An engine passes every result to the function for its operation, once per
 * completion. The function decides: it was data, it was the end, try again, or
 * fail. */
#ifndef PHASE1_CAT_JOB_H
#define PHASE1_CAT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define CAT_BLOCK_LEN (128 * 1024)
#define CAT_BLOCK_ALIGN 4096 /* for files opened with O_DIRECT */

/* One input on its way to stdout. The fds are borrowed. */
struct cat_job {
    int in, out;
    struct stat in_info, out_info;
    bool in_seeks;         /* then in_offset is where the next read is */
    bool out_seeks;        /* stdout is a regular file, with a position */
    uint64_t in_offset;    /* how much of the input has been written */
    uint64_t out_position; /* of stdout, after the last write */
    bool write_failed;     /* the failure is stdout's, not the input's */
};

/* Returns the offset for a read: the job's own, or -1 if it cannot seek. */
uint64_t cat_read_offset(const struct cat_job *job);

/* Decide what a result of a read or a write means.
 *
 * Return  CAT_RETRY  try the same operation again: it was interrupted, or a
 *                    non-blocking file was not ready and is now
 *         > 0        result, the number of bytes
 *         0          the end of the input (reads only)
 *         -errno     the failure */
#define CAT_RETRY 0x7fffffff
int cat_read_result(struct cat_job *job, int result);
int cat_write_result(struct cat_job *job, int result);

/* Moves the position of stdout past a write through the ring that did not move
 * it. Call it after each such write.
 *
 * "At the file's position, and move it" holds for an operation that finishes
 * while it is issued. An operation that completes later (O_DIRECT, FUSE) does
 * not move the position: the next write would overwrite the same bytes. */
void cat_settle_position(struct cat_job *job, int written);

/* Decides what to do after io_uring_enter returned result. Returns if it is to
 * be called again: after EINTR, which only says that a signal arrived; and
 * after EAGAIN, EBUSY or ENOMEM, which say that the kernel has no memory now.
 * Queued entries stay queued. It waits 1 ms then, at most 1000 times in a row.
 *
 * Any other failure ends the program with exit code 1. No completion can be
 * waited for any more; the kernel cancels the rest when the process ends. */
void cat_enter_result(int result);

#endif
