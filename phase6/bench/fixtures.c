/* fixtures.c: the files that bench reads and writes; see fixtures.h. */
#include "fixtures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "interrupt.h"
#include "pattern.h"
#include "sys.h"

#define CHUNK_LEN (64u << 10)

/* The folder's name, a slash, and a number. */
#define NAME_LEN (sizeof((struct fixtures *)0)->folder + 16)

/* One part of a file: the bytes that it should have, and the bytes that it
 * has. */
static unsigned char chunk[CHUNK_LEN], found[CHUNK_LEN];

/* Fills chunk with the bytes at offset of a file of len bytes. Returns the
 * number of these bytes, which is 0 at the end of the file. */
static size_t next_chunk(uint64_t offset, uint64_t len, uint64_t seed, int file)
{
    size_t part = len - offset < CHUNK_LEN ? (size_t)(len - offset) : CHUNK_LEN;

    if (offset == 0)
        pattern_fill(chunk, CHUNK_LEN);
    pattern_stamp(chunk, part, seed, file, offset);
    return part;
}

static int write_file(int fd, int file, uint64_t len)
{
    uint64_t offset = 0;
    size_t part;

    while ((part = next_chunk(offset, len, 0, file)) > 0) {
        for (size_t done = 0; done < part;) {
            ssize_t got = write(fd, chunk + done, part - done);

            if (interrupt_number() != 0)
                return -EINTR;
            if (got < 0)
                return -errno;
            done += (size_t)got;
        }
        offset += part;
    }
    return 0;
}

/* Uses O_EXCL, so it never overwrites a file. Some file systems notice only in
 * close that the disk is full. */
static int make_file(const char *name, int file, uint64_t len)
{
    int fd = sys_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600), result, rc;

    if (fd < 0)
        return fd;
    result = write_file(fd, file, len);
    rc = sys_close(fd);
    return result < 0 ? result : rc;
}

int fixtures_init(struct fixtures *fixtures, int count, uint64_t len)
{
    const char *tmp = getenv("TMPDIR");
    int result = 0;

    memset(fixtures, 0, sizeof *fixtures);
    snprintf(fixtures->folder, sizeof fixtures->folder, "%s/bench.XXXXXX",
             tmp != NULL ? tmp : "/var/tmp");
    fixtures->names = calloc((size_t)count, sizeof *fixtures->names);
    if (fixtures->names == NULL)
        return -ENOMEM;
    if (mkdtemp(fixtures->folder) == NULL) {
        result = -errno;
        free(fixtures->names);
        fixtures->names = NULL;
        return result;
    }
    while (result == 0 && fixtures->count < count) {
        char *name = malloc(NAME_LEN);

        if (name == NULL) {
            result = -ENOMEM;
            break;
        }
        snprintf(name, NAME_LEN, "%s/%d", fixtures->folder, fixtures->count);
        fixtures->names[fixtures->count] = name;
        result = make_file(name, fixtures->count++, len);
    }
    if (result < 0)
        fixtures_finish(fixtures);
    return result;
}

void fixtures_finish(struct fixtures *fixtures)
{
    if (fixtures->names == NULL)
        return;
    for (int i = 0; i < fixtures->count; i++) {
        (void)unlink(fixtures->names[i]);
        free(fixtures->names[i]);
    }
    /* If another program has put a file there, rmdir fails and the file
     * stays. */
    (void)rmdir(fixtures->folder);
    free(fixtures->names);
    fixtures->names = NULL;
}

/* Waits until the pages of fd's file are on its disk. fsync(2) would also flush
 * the disk's cache and write metadata, which no run waits for. */
static int write_back(int fd)
{
    unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                     SYNC_FILE_RANGE_WAIT_AFTER;

    return sync_file_range(fd, 0, 0, flags) < 0 ? -errno : 0;
}

/* Only clean pages can be forgotten, so they are written first. A file system
 * that keeps its files in memory ignores the advice: then the first page is
 * still in the page cache. mincore(2) reports the truth only for a user's own
 * files, so bench checks those that it made. */
static int forget_file(const struct work *work, int fd)
{
    int result = write_back(fd);
    unsigned char state = 0;
    void *page;

    if (result < 0)
        return result;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (work->file_len == 0)
        return 0;
    page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return -errno;
    (void)mincore(page, 1, &state);
    munmap(page, 1);
    return state & 1 ? -EBUSY : 0;
}

int fixtures_forget_bytes(const struct work *work, const char **failed)
{
    int result = 0;

    for (int i = 0; i < work->file_count && result == 0; i++) {
        int fd = sys_open(work->names[i], O_RDONLY, 0);

        *failed = work->names[i];
        result = fd < 0 ? fd : forget_file(work, fd);
        if (fd >= 0)
            sys_close(fd);
    }
    return result;
}

bool fixtures_forget_names(void)
{
    int fd = sys_open("/proc/sys/vm/drop_caches", O_WRONLY, 0);
    bool is_done;

    if (fd < 0)
        return false;
    sync(); /* a dirty inode cannot be forgotten */
    is_done = write(fd, "3", 1) == 1;
    sys_close(fd);
    return is_done;
}

/* Compares a file with the pattern. The file must have work->file_len bytes. */
static int verify_file(int fd, const struct work *work, int file)
{
    uint64_t offset = 0;
    size_t part;
    int got;

    do {
        part = next_chunk(offset, work->file_len, work->seed, file);
        got = sys_read(fd, found, CHUNK_LEN);
        if (got < 0)
            return got;
        if ((size_t)got != part || memcmp(found, chunk, part) != 0)
            return -EILSEQ;
        offset += part;
    } while (part > 0);
    return write_back(fd);
}

int fixtures_verify(const struct work *work, const char **failed)
{
    int result = 0;

    for (int i = 0; i < work->file_count && result == 0; i++) {
        int fd = sys_open(work->names[i], O_RDONLY, 0);

        *failed = work->names[i];
        result = fd < 0 ? fd : verify_file(fd, work, i);
        if (fd >= 0)
            sys_close(fd);
    }
    return result;
}
