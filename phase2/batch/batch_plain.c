/* batch_plain.c: reads files on FUSE with system calls; see batch_plain.h.
 * Introduced in phase 2. Needs: batch_plain.h, file.h, sys.h.
 *
 * What it teaches: the size that a file system reports for a file may be wrong.
 * A read through the ring may rely on that size. If the file is longer, the
 * rest is not read; if it is shorter, the read returns bytes that are not in
 * the file. A program that does not expect this writes wrong data, and still
 * exits with 0. */
#include "batch_plain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "file.h"
#include "sys.h"

bool batch_plain_is_possible(struct counts *counts)
{
    static char text[64 * 1024];
    int len = sys_read_text("/proc/self/mountinfo", text, sizeof text);

    counts->system_calls += 3;
    /* If the list of mounts could not be read to its end, check every file. */
    return len <= 0 || (size_t)len == sizeof text - 1 ||
           strstr(text, " - fuse") != NULL;
}

bool batch_plain_suits(const char *path, struct counts *counts)
{
    int fd = sys_open(path, O_PATH, 0); /* never waits, even for a FIFO */
    bool suits = fd >= 0 && !file_suits_ring(fd);

    /* Without a free descriptor, batch cannot check the file. System calls read
     * every file correctly, but the ring does not. */
    suits = suits || fd == -EMFILE || fd == -ENFILE;
    if (fd >= 0)
        (void)sys_close(fd);
    counts->system_calls += 3;
    return suits;
}

int batch_plain_open(const struct entry *e, struct counts *counts)
{
    counts->system_calls++;
    return sys_open(e->path, O_RDONLY | O_NOCTTY, 0);
}

int batch_plain_read(const struct window *w, struct entry *e,
                     struct counts *counts)
{
    unsigned count = buffers_list(&w->buffers, e->set, e->filled,
                                  buffers_capacity(&w->buffers), e->list);
    ssize_t got = readv(e->fd, e->list, (int)count);

    counts->system_calls++;
    return got < 0 ? -errno : (int)got;
}

void batch_plain_close(struct entry *e, struct counts *counts)
{
    (void)sys_close(e->fd); /* opened for reading: no data is lost */
    counts->system_calls++;
    e->is_open = false;
}
