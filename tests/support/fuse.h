/* fuse.h: a file system that misbehaves on request, for tests.
 *
 * It holds a few files in memory. A child process serves them through
 * /dev/fuse, in a private mount namespace that ends with the test. Reads and
 * writes bypass the page cache, so a program sees each short result.
 *
 * Test support. Needs root and /dev/fuse. */
#ifndef TESTS_FUSE_H
#define TESTS_FUSE_H

#include <stddef.h>
#include <stdint.h>

#define FUSE_FILE_MAX (1024 * 1024) /* the length of a file, at most */

/* What goes wrong. Zero: nothing. */
struct fuse_faults {
    uint32_t read_max;     /* a read gives no more than this */
    uint32_t write_max;    /* a write takes no more than this */
    uint64_t read_fail_at; /* reads that reach this offset are short, those
                              that begin there fail with read_error */
    int read_error;        /* errno; 0: none */
    int fsync_error, flush_error, rename_error;
    uint64_t says_len;     /* what stat says of the file "source", */
    int lies;              /* if this is set */
    int completes_later;   /* the kernel may answer after it has returned
                              (FUSE_ASYNC_DIO): then a ring is told the truth */
};

/* NULL when file systems can be served here, else the reason why not. */
const char *fuse_missing(void);

/* Mounts the file system on directory; a file "source" of len bytes is in it,
 * whose byte at n is fuse_byte(n). Fails the test if that does not work. */
void fuse_serve(const char *directory, size_t len,
                const struct fuse_faults *faults);

unsigned char fuse_byte(size_t offset);

#endif
