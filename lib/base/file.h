/* file.h: kinds, lengths and positions of files, and how to open them.
 * Introduced in phase 1. Needs: sys.h.
 *
 * The size that stat reports is only a first guess. It is 0 for files in /proc,
 * one page for files in /sys, and outdated for a file that another process is
 * writing. Always read until the end of the file.
 *
 * Pipes, terminals and sockets have no position. For such a file, set the
 * offset in the SQE to -1. Keep only one read and one write per file in flight,
 * because the kernel may run two reads or two writes in either order. Use the
 * kind of a file to find out whether the file has a position. Do not use
 * lseek(2), which succeeds even on an eventfd and on /dev/null.
 *
 * Nothing here suspends a task. Like open(2), file_open_read blocks the thread
 * on a FIFO until a process opens the other end. */
#ifndef ONE_RING_FILE_H
#define ONE_RING_FILE_H

#include <stdbool.h>
#include <stddef.h>
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
    FILE_OTHER, /* st_mode has no type bits: an eventfd, a ring */
};

/* Returns the kind that is encoded in st_mode. */
enum file_kind file_kind_of(mode_t mode);

/* Returns the name of a kind for messages: "a directory", "a FIFO", ... The
 * string is static, and never NULL. */
const char *file_kind_words(enum file_kind kind);

/* Returns true if a and b describe the same file: the same device and inode. */
bool file_is_same(const struct stat *a, const struct stat *b);

/* Opens the file at path for reading, and fills *info as fstat(2) does. Retries
 * if a signal interrupts the open, which can happen on a FIFO or a device.
 * Opens directories, too, but a read from a directory fails with -EISDIR.
 *
 * Returns >= 0    an fd (close-on-exec), which the caller owns
 *         -errno  from open(2) or fstat(2) */
int file_open_read(const char *path, struct stat *info);

/* Creates a file for writing, with the permissions mode & ~umask. Does not
 * follow a symbolic link in the last component of path.
 *
 * Returns >= 0     an fd (close-on-exec), which the caller owns
 *         -EEXIST  path exists, perhaps as a dangling symbolic link
 *         -errno   from open(2) */
int file_create(const char *path, mode_t mode);

/* Stores in *len the length in bytes of fd's file. For a regular file, *len is
 * the size that fstat(2) reports, which is only a first guess. For a block
 * device, fstat(2) reports 0, so *len is the size of the device instead.
 *
 * Returns 0        *len is set
 *         -EISDIR  fd is a directory
 *         -ESPIPE  this kind of file has no length
 *         -errno   from fstat(2) or lseek(2) */
int file_len(int fd, uint64_t *len);

/* Stores in *offset the position at which the next read or write of fd begins.
 *
 * Returns 0        *offset is set
 *         -ESPIPE  fd is neither a regular file, nor a block device, nor a
 *                  directory: use offset -1 in each operation
 *         -errno   from fstat(2) or lseek(2) */
int file_position(int fd, uint64_t *offset);

/* Corrects the position of fd after a short write with offset -1 through the
 * ring. before is the result of sys_seek(fd, 0, SEEK_CUR) before the write; it
 * is negative if fd cannot seek. wrote is the result of the write. io_uring
 * retries the rest of a short write by itself. If the retry fails, for example
 * at the limit on the size of a file, Linux 6.18 does not move the position
 * past the bytes of the short write. Without this call, the next write would
 * overwrite these bytes. */
void file_settle_position(int fd, int64_t before, size_t wrote);

/* Returns false if fd's file is on FUSE (a file system that a user process
 * implements). Access such a file with read(2) and write(2) instead of the
 * ring. The position of a FUSE file that bypasses the page cache
 * (FOPEN_DIRECT_IO) does not advance after a short read or write (observed on
 * Linux 6.18). io_uring retries the rest of a short transfer by itself. It then
 * transfers the same bytes twice, or it stops at the size that stat reports,
 * which may be wrong on FUSE. */
bool file_suits_ring(int fd);

#endif
