/* commit.h: makes bytes durable, by a write and an fsync in one submission.
 *
 * Needs: loop.h. */
#ifndef PHASE6_COMMIT_H
#define PHASE6_COMMIT_H

#include <stddef.h>
#include <stdint.h>

/* Writes len bytes at offset, and then makes the file durable (fdatasync(2)).
 * Cannot be interrupted. The kernel uses bytes until this returns. The loop's
 * CQ must have room for two operations. After a failure, do not call this again
 * for the same file: a part of the bytes may be stored, and a second fsync may
 * succeed although bytes are lost.
 *
 * Returns 0               the bytes are durable
 *         -EIO            a write of 0 bytes, or an error of the disk
 *         -ERR_NO_WORKER  the kernel could not create an io-wq worker
 *         -errno          from write(2) or fsync(2) */
int commit_await_bytes(int fd, const char *bytes, size_t len, uint64_t offset);

#endif
