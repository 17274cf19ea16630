/* file.h: kinds, lengths and positions of files, and how to open them.
 * Introduced in phase 1. Needs: sys.h.
 *
 * A size from stat is a hint. It is 0 for the files of /proc, a whole page for
 * those of /sys, and out of date for a file that another process is writing.
 * Read to the end, and use the size only as a first guess.
 *
 * An offset in an SQE has a meaning only if the file can seek. For pipes,
 * terminals and sockets it is -1, "the file's position". Have only one such
 * operation in flight: two of them take the bytes in the order in which they
 * happen to run.
 *
 * Nothing here suspends a task. Opening a FIFO blocks the thread until a
 * process opens the other end, as open(2) does. */
#ifndef ONE_RING_FILE_H
#define ONE_RING_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum file_kind {
    FILE_REGULAR,
    FILE_DIRECTORY,
    FILE_LINK,
    FILE_FIFO,
    FILE_SOCKET,
    FILE_CHARACTER, /* terminals, /dev/null */
    FILE_BLOCK,
    FILE_OTHER, /* has no type: an eventfd, a ring */
};

/* Returns the kind that is encoded in st_mode. */
enum file_kind file_kind_of(mode_t mode);

/* Returns "a directory", "a FIFO", ...: for messages. Never NULL; static
 * storage. */
const char *file_kind_words(enum file_kind kind);

/* Returns true if two results of stat describe one file: same device, same
 * inode. */
bool file_is_same(const struct stat *a, const struct stat *b);

/* Opens the file at path for reading, and fills *info as fstat(2) does. Repeats
 * an open that a signal interrupts (only a FIFO's or a device's can be). Opens
 * a directory, too; reading it fails with -EISDIR.
 *
 * Returns >= 0    an fd (close-on-exec), which the caller owns
 *         -errno  as open(2) or fstat(2) */
int file_open_read(const char *path, struct stat *info);

/* Creates a file for writing, with mode & ~umask. Does not follow a symbolic
 * link in the last component.
 *
 * Returns >= 0     an fd (close-on-exec), which the caller owns
 *         -EEXIST  the name exists, also as a symbolic link
 *         -errno   as open(2) */
int file_create(const char *path, mode_t mode);

/* Stores in *len the length in bytes that stat reports for fd: a hint, see
 * above.
 *
 * Returns 0        *len is set
 *         -EISDIR  fd is a directory
 *         -ESPIPE  this kind of file has no length
 *         -errno   as fstat(2) */
int file_len(int fd, uint64_t *len);

/* Stores in *offset the position at which the next read or write of fd begins.
 *
 * Returns 0        *offset is set
 *         -ESPIPE  the file cannot seek: each operation takes the offset -1
 *         -errno   as lseek(2) */
int file_position(int fd, uint64_t *offset);

/* Returns false if the file of fd is on FUSE: then use read(2) and write(2)
 * instead of the ring (observed on Linux 6.18). A FUSE file that bypasses the
 * page cache (FOPEN_DIRECT_IO) does not advance its position after a short read
 * or write. The ring retries the rest by itself, so it returns the same bytes
 * twice, or ends at the size that stat reports. */
bool file_suits_ring(int fd);

#endif
