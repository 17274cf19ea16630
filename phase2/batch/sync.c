/* sync.c: implements --sync, a loop of plain system calls; see sync.h.
 * Introduced in phase 2. Needs: sync.h, sys.h.
 *
 * What it teaches: the baseline for all modes. This loop is short and correct.
 * For files in the page cache it is hard to beat, because copying 4 KiB costs
 * as much as the system call. But it cannot wait for two disks, or for two
 * requests to one disk, at the same time. */
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys.h"

/* Writes a buffer to stdout; with --quiet, discards it. */
static int sync_write(struct sync *s, const unsigned char *buf, size_t len)
{
    s->output->counts->bytes += len;
    while (len > 0 && !s->output->is_quiet) {
        ssize_t put = write(STDOUT_FILENO, buf, len);

        s->output->counts->system_calls++;
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? -errno : -EIO;
        buf += put;
        len -= (size_t)put;
    }
    return 0;
}

/* Reads a file to its end. A read error ends this file only. Returns 0, or
 * -errno if stdout failed. */
static int sync_read(struct sync *s, struct entry *e, unsigned char *buf)
{
    int rc = 0;

    while (rc == 0) {
        ssize_t got = read(e->fd, buf, s->slots.len);

        s->output->counts->system_calls++;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            window_fail(e, "read", -errno);
        else if (e->offset == 0 && output_is_file(s->output, e->path))
            window_fail(e, "input is output", -EINVAL);
        if (got <= 0 || e->has_ended)
            break;
        e->offset += (size_t)got;
        rc = sync_write(s, buf, (size_t)got);
    }
    return rc;
}

static int sync_file(struct sync *s, struct entry *e, unsigned char *buf)
{
    struct counts *counts = s->output->counts;
    int rc = 0;

    e->fd = sys_open(e->path, O_RDONLY | O_NOCTTY, 0);
    counts->system_calls++;
    if (e->fd < 0) {
        window_fail(e, "open", e->fd);
    } else {
        rc = sync_read(s, e, buf);
        (void)sys_close(e->fd); /* opened for reading: no data is lost */
        counts->system_calls++;
    }
    if (e->result < 0) {
        counts->failed++;
        window_report(e);
    }
    return rc;
}

int sync_run(struct sync *s)
{
    unsigned slot = (unsigned)slots_take(&s->slots); /* the only one */
    unsigned char *buf = slots_data(&s->slots, slot);
    int rc = 0;

    for (unsigned i = 0; i < s->file_count && rc == 0; i++) {
        struct entry e = {.path = s->files[i]};

        rc = sync_file(s, &e, buf);
    }
    slots_release(&s->slots, slot);
    return rc;
}
