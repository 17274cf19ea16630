/* sync.c: --sync: the same job as a loop of system calls.
 * Introduced in phase 2. Needs: batch.h.
 *
 * What it teaches: what every mode is measured against. It is shorter, it is
 * right, and for files that are in the page cache it is hard to beat: a copy of
 * 4 KiB costs as much as the call that asks for it. What it cannot do is wait
 * for two disks, or two requests to one disk, at the same time. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "batch.h"
#include "sys.h"

/* Hands on a buffer; with --quiet, nowhere. */
static int sync_write(struct batch *b, const unsigned char *buf, size_t len)
{
    b->counts.bytes += len;
    while (len > 0 && b->hand_on != batch_discard) {
        ssize_t put = write(STDOUT_FILENO, buf, len);

        b->counts.system_calls++;
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? -errno : -EIO;
        buf += put;
        len -= (size_t)put;
    }
    return 0;
}

/* Reads the file to its end. A read that fails ends this file only; the result
 * is negative only if stdout has failed. */
static int sync_read(struct batch *b, struct place *p, unsigned char *buf)
{
    int rc = 0;

    while (rc == 0) {
        ssize_t got = read(p->fd, buf, b->slots.len);

        b->counts.system_calls++;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            batch_fail(p, "read", -errno);
        else if (p->offset == 0 && batch_is_output(b, p->path))
            batch_fail(p, "input is output", -EINVAL);
        if (got <= 0 || p->has_ended)
            break;
        p->offset += (size_t)got;
        rc = sync_write(b, buf, (size_t)got);
    }
    return rc;
}

static int sync_file(struct batch *b, struct place *p, unsigned char *buf)
{
    int rc;

    p->fd = sys_open(p->path, O_RDONLY | O_NOCTTY, 0);
    b->counts.system_calls++;
    if (p->fd < 0) {
        batch_fail(p, "open", p->fd);
        return 0;
    }
    rc = sync_read(b, p, buf);
    (void)sys_close(p->fd); /* read only: nothing can be lost */
    b->counts.system_calls++;
    return rc;
}

int batch_sync(struct batch *b)
{
    unsigned slot = (unsigned)slots_take(&b->slots); /* the only one */
    unsigned char *buf = slots_data(&b->slots, slot);
    int rc = 0;

    for (unsigned i = 0; i < b->file_count && rc == 0; i++) {
        struct place p = {.path = b->files[i]};

        rc = sync_file(b, &p, buf);
        if (p.result < 0) {
            b->counts.failed++;
            batch_report(&p);
        }
    }
    slots_release(&b->slots, slot);
    return rc;
}
