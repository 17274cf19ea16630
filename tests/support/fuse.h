/* fuse.h: a file system for tests that misbehaves on request.
 *
 * A child process keeps a few files in memory and serves them through
 * /dev/fuse, in a private mount namespace that ends with the test. Reads and
 * writes bypass the page cache, so a program sees each short result.
 *
 * Test support. Needs root and /dev/fuse. */
#ifndef TESTS_FUSE_H
#define TESTS_FUSE_H

#include <stddef.h>
#include <stdint.h>

#define FUSE_FILE_MAX (1024 * 1024) /* the maximum length of a file */

/* The faults of the file system. A zeroed struct has none. */
struct fuse_faults {
    uint32_t read_max;     /* bytes that a read returns at most */
    uint32_t write_max;    /* bytes that a write accepts at most */
    uint64_t read_fail_at; /* reads that reach this offset are short; reads
                              that begin there fail with read_error */
    int read_error;        /* errno; 0: none */
    int fsync_error, flush_error, rename_error;
    uint64_t says_len;     /* the length that stat reports for "source", */
    int lies;              /* if this is set */
    unsigned heals;        /* so many reads have their fault; then none is
                              left, and stat reports the true length */
    int attr_gate;         /* a pipe; 0: none. Each stat of "source" waits for
                              a byte from it, and cannot be cancelled */
    int completes_later;   /* direct I/O may be asynchronous (FUSE_ASYNC_DIO);
                              a ring then gets the correct results */
};

/* Returns NULL if this process can serve a FUSE file system, otherwise the
 * reason why it cannot. */
const char *fuse_missing(void);

/* Mounts the file system on directory. It has a file "source" of len bytes,
 * whose byte at offset n is fuse_byte(n). Fails the test if the mount fails. */
void fuse_serve(const char *directory, size_t len,
                const struct fuse_faults *faults);

unsigned char fuse_byte(size_t offset);

#endif
