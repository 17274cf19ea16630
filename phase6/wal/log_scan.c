/* log_scan.c: reads a log, and tells a torn tail from damage. */
#include "log_scan.h"

#include <errno.h>
#include <string.h>

/* The longest record. */
#define RECORD_MAX (sizeof(struct record_head) + RECORD_PAYLOAD_MAX)

/* Makes the window contain len bytes at offset, or those before the end of the
 * file. Stores their address in *bytes. Returns their number, which is at least
 * len unless the file ends, or -errno. */
static int scan_await_bytes(struct scan *scan, uint64_t offset, size_t len,
                            const char **bytes)
{
    uint64_t end = scan->window_offset + scan->window_len;
    int got;

    if (offset < scan->window_offset || offset + len > end) {
        got = aio_await_pread(scan->file, scan->window, sizeof scan->window,
                              offset);
        if (got < 0)
            return got;
        scan->window_offset = offset;
        scan->window_len = (size_t)got;
        end = offset + scan->window_len;
    }
    *bytes = scan->window + (offset - scan->window_offset);
    return (int)(end - offset);
}

int scan_await_start(struct scan *scan, struct aio *file)
{
    struct log_head head;
    const char *bytes;
    int got;

    *scan = (struct scan){.file = file, .offset = sizeof head};
    got = scan_await_bytes(scan, 0, sizeof head + 1, &bytes);
    if (got < 0)
        return got;
    if (log_head_is_unfinished(bytes, (size_t)got))
        return 0;
    if ((size_t)got < sizeof head)
        return -EMEDIUMTYPE;
    memcpy(&head, bytes, sizeof head);
    scan->log_id = head.log_id;
    return log_head_is_valid(&head) ? 1 : -EMEDIUMTYPE;
}

/* Decides whether a bad record at scan->offset is a torn tail or damage. Checks
 * every later offset at which a record can begin.
 *
 * Returns 0         a torn tail, or only zeros
 *         -EBADMSG  a later batch was stored, so the bad record was durable */
static int scan_await_verdict(struct scan *scan)
{
    struct record_head head;
    const char *bytes;
    int got;

    for (uint64_t at = scan->offset;; at += 8) {
        got = scan_await_bytes(scan, at, sizeof head, &bytes);
        if (got <= 0)
            return got;
        for (int i = 0; i < 8 && i < got; i++)
            if (bytes[i] != '\0')
                scan->torn_len = at + (uint64_t)i + 1 - scan->offset;
        if (got >= (int)sizeof head &&
            record_read_head(bytes, scan->log_id, at, &head) &&
            head.sequence - head.index > scan->last + 1) {
            scan->proof = head.sequence;
            return -EBADMSG;
        }
    }
}

/* Returns true if the record with this head may come after scan->last: its
 * number is the next one, and it begins a batch or continues one. */
static bool is_next(const struct scan *scan, const struct record_head *head)
{
    return head->sequence == scan->last + 1 &&
           (head->index == 0 ||
            (scan->last > 0 && head->index == scan->index + 1));
}

int scan_await_next(struct scan *scan, struct record *record)
{
    struct record_head head;
    const char *bytes;
    int got = scan_await_bytes(scan, scan->offset, RECORD_MAX, &bytes);

    if (got < 0)
        return got;
    if (got < (int)sizeof head ||
        !record_read_head(bytes, scan->log_id, scan->offset, &head) ||
        (size_t)got < record_len(head.len) ||
        !record_is_whole(bytes, scan->log_id, scan->offset, &head))
        return scan_await_verdict(scan);
    if (!is_next(scan, &head))
        return -EBADMSG;
    *record = (struct record){head.sequence, bytes + sizeof head, head.len};
    if (head.index == 0)
        scan->batch_offset = scan->offset;
    scan->last = head.sequence;
    scan->index = head.index;
    scan->offset += record_len(head.len);
    return 1;
}
