/* sim_disk.c: regular files of the simulated kernel; see sim_disk.h.
 *
 * What it teaches: a transfer may be short for no reason that the program can
 * see. Only 0 means the end of the file, and only the next call shows the error
 * that made a write short. A disk that has failed stays failed. */
#include "sim_disk.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "queue.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sim_pick.h"
#include "sim_world.h"

#define FILES_MAX 32u
#define TICK_NS UINT64_C(4000000)

static struct {
    struct disk_file files[FILES_MAX];
    unsigned count;
} disk;

void disk_begin(void)
{
    disk.count = 0;
}

/* A full page cache, a signal, a network file system: all are legal. */
static size_t some_of(size_t len)
{
    return len > 1 && knob(KNOB_SHORT) ? 1 + pick((unsigned)len - 1) : len;
}

/* -EAGAIN is what some file systems return although the file cannot be polled.
 * It has no effect, and another attempt may succeed. */
static int begin(struct disk_file *file)
{
    if (knob(KNOB_EIO))
        file->error = -EIO;
    if (file->error == 0 && knob(KNOB_EAGAIN))
        return -EAGAIN;
    return file->error;
}

static int disk_read(struct sim_file *base, void *buf, size_t len,
                     uint64_t offset)
{
    struct disk_file *file = container_of(base, struct disk_file, file);
    int rc = begin(file);

    if (rc < 0)
        return rc;
    if (offset >= file->len)
        return 0;
    if (len > file->len - offset)
        len = file->len - offset;
    len = some_of(len);
    memory_copy(buf, file->bytes + offset, len);
    return (int)len;
}

/* The first write beyond the space is short. Only the next one fails. */
static int disk_write(struct sim_file *base, const void *buf, size_t len,
                      uint64_t offset)
{
    struct disk_file *file = container_of(base, struct disk_file, file);
    int rc = begin(file);

    if (rc < 0)
        return rc;
    len = some_of(len);
    if (len > file->space)
        len = file->space;
    if (len == 0)
        return -ENOSPC;
    assert(offset + len <= DISK_FILE_MAX);
    memory_copy(file->bytes + offset, buf, len);
    file->space -= len;
    if (offset + len > file->len)
        file->len = offset + len;
    return (int)len;
}

static const struct file_class disk_class = {
    .name = "regular file", .read = disk_read, .write = disk_write,
};

struct disk_file *disk_create(void)
{
    struct disk_file *file = &disk.files[disk.count++];

    assert(disk.count <= FILES_MAX);
    memset(file, 0, sizeof *file);
    file->file.class = &disk_class;
    file->space = UINT64_MAX;
    file->inode = disk.count;
    disk_touch(file);
    return file;
}

void disk_touch(struct disk_file *file)
{
    uint64_t now_ns = world_wall_ns();

    file->changed_ns = now_ns - now_ns % TICK_NS;
}

int disk_open(struct disk_file *file)
{
    return file_install(&file->file);
}
