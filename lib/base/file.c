/* file.c: kinds, lengths and positions of files; see file.h.
 * Introduced in phase 1. Needs: file.h, sys.h. */
#include "file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <unistd.h>

#include "sys.h"

enum file_kind file_kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return FILE_REGULAR;
    case S_IFDIR:
        return FILE_DIRECTORY;
    case S_IFLNK:
        return FILE_LINK;
    case S_IFIFO:
        return FILE_FIFO;
    case S_IFSOCK:
        return FILE_SOCKET;
    case S_IFCHR:
        return FILE_CHARACTER;
    case S_IFBLK:
        return FILE_BLOCK;
    default:
        return FILE_OTHER;
    }
}

const char *file_kind_words(enum file_kind kind)
{
    static const char *const words[] = {
        [FILE_REGULAR] = "a regular file",
        [FILE_DIRECTORY] = "a directory",
        [FILE_LINK] = "a symbolic link",
        [FILE_FIFO] = "a FIFO",
        [FILE_SOCKET] = "a socket",
        [FILE_CHARACTER] = "a character device",
        [FILE_BLOCK] = "a block device",
        [FILE_OTHER] = "a file without a type",
    };

    assert(kind >= FILE_REGULAR && kind <= FILE_OTHER);
    return words[kind];
}

bool file_is_same(const struct stat *a, const struct stat *b)
{
    assert(a != NULL && b != NULL);
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int file_open_read(const char *path, struct stat *info)
{
    int fd, rc;

    assert(path != NULL && info != NULL);
    do {
        fd = sys_open(path, O_RDONLY, 0);
    } while (fd == -EINTR);
    if (fd < 0)
        return fd;
    rc = sys_stat(fd, info);
    if (rc < 0) {
        (void)sys_close(fd); /* nothing was written: no data is lost */
        return rc;
    }
    return fd;
}

int file_create(const char *path, mode_t mode)
{
    int fd;

    assert(path != NULL);
    do {
        fd = sys_open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    } while (fd == -EINTR);
    return fd;
}

/* Returns the size of the block device fd, or -errno from lseek(2). Restores
 * the position of fd, because other processes may share it. */
static int64_t device_len(int fd)
{
    int64_t position = sys_seek(fd, 0, SEEK_CUR);
    int64_t len = position < 0 ? position : sys_seek(fd, 0, SEEK_END);
    int64_t back = len < 0 ? len : sys_seek(fd, position, SEEK_SET);

    return back < 0 ? back : len;
}

int file_len(int fd, uint64_t *len)
{
    struct stat info;
    int rc = sys_stat(fd, &info);
    int64_t device;

    assert(len != NULL);
    if (rc < 0)
        return rc;
    switch (file_kind_of(info.st_mode)) {
    case FILE_REGULAR:
        *len = (uint64_t)info.st_size;
        return 0;
    case FILE_BLOCK:
        device = device_len(fd);
        *len = device < 0 ? 0 : (uint64_t)device;
        return device < 0 ? (int)device : 0;
    case FILE_DIRECTORY:
        return -EISDIR;
    default:
        return -ESPIPE;
    }
}

void file_settle_position(int fd, int64_t before, size_t wrote)
{
    if (before >= 0 && sys_seek(fd, 0, SEEK_CUR) == before)
        (void)sys_seek(fd, before + (int64_t)wrote, SEEK_SET);
}

bool file_suits_ring(int fd)
{
    uint64_t magic;

    return sys_file_system(fd, &magic) < 0 || magic != FUSE_SUPER_MAGIC;
}

int file_position(int fd, uint64_t *offset)
{
    struct stat info;
    int rc = sys_stat(fd, &info);

    assert(offset != NULL);
    if (rc < 0)
        return rc;
    switch (file_kind_of(info.st_mode)) {
    case FILE_REGULAR:
    case FILE_BLOCK:
    case FILE_DIRECTORY:
        return sys_position(fd, offset);
    default:
        return -ESPIPE;
    }
}
