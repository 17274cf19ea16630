/* file.h: what a file is, how long it says it is, and how it is opened.
 * Introduced in phase 1. Needs: sys.h.
 *
 * A size from stat is a hint. It is 0 for the files of /proc, a whole page for
 * those of /sys, and yesterday's for a file that somebody is writing: read to
 * the end, and take the size for the first guess only.
 *
 * An offset in an SQE means something only where the file can seek. For the
 * others (pipes, terminals, sockets) it is -1, "the file's position", and only
 * one operation at a time may be in flight: two of them take what comes in the
 * order in which they happen to run.
 *
 * Nothing here suspends, but opening a FIFO blocks until the other end is
 * opened too, as open(2) does. */
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
    FILE_OTHER, /* what has no type: an eventfd, a ring */
};

/* The kind that st_mode tells. */
enum file_kind file_kind_of(mode_t mode);

/* "a directory", "a FIFO": for messages. Never NULL; static storage. */
const char *file_kind_words(enum file_kind kind);

/* Whether two results of stat describe one file: same device, same inode. */
bool file_is_same(const struct stat *a, const struct stat *b);

/* Opens a file to be read, and says what it is. An interrupted open is tried
 * again (only a FIFO's or a device's can be). Directories are opened as well:
 * reading them is what fails, with -EISDIR.
 *
 * Returns an fd (close-on-exec), which the caller owns, or -errno. */
int file_open_read(const char *path, struct stat *info);

/* Creates a file that did not exist, to be written, with mode & ~umask.
 * Follows no symbolic link in the last component.
 *
 * Returns an fd (close-on-exec), which the caller owns, or -errno: -EEXIST if
 * the name is taken. */
int file_create(const char *path, mode_t mode);

/* The length in bytes that fd's file says it has: a hint, see above.
 *
 * Returns 0, or -EISDIR for a directory, -ESPIPE for what has no length. */
int file_len(int fd, uint64_t *len);

/* The offset at which reading or writing fd goes on.
 *
 * Returns 0, or -ESPIPE if the file cannot seek: then the offset of every
 * operation is -1. */
int file_position(int fd, uint64_t *offset);

/* Whether a ring can be trusted with fd's file. On FUSE it cannot (observed on
 * Linux 6.18): a file that bypasses the page cache (FOPEN_DIRECT_IO) does not
 * move on when a read or write was short, and the ring, which tries the rest by
 * itself, gives the same bytes twice, or ends where stat says. read(2) and
 * write(2) are right there: use those. */
bool file_suits_ring(int fd);

#endif
