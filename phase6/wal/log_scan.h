/* log_scan.h: reads a log from its start, and finds its end.
 *
 * Needs: aio.h, record.h.
 *
 * After a power cut, any part of the batch that was being written may be on the
 * disk: for example, its end, but not its start. So a bad record has one of two
 * causes:
 *
 *     ... | record 7 | bad | record 9, index 2 | zeros     a torn tail
 *                                                          (8 is in 9's batch)
 *     ... | record 7 | bad | record 9, index 0 | zeros     damage
 *                                                          (8 was durable)
 *
 * Record 9 with index 2 is in a batch with records 7 and 8, and that batch was
 * never acknowledged if a part of it is missing. Record 9 with index 0 begins a
 * batch, and a batch is written only after the one before it is durable. So the
 * disk has lost record 8. A program that cut the log there would drop records
 * that it has acknowledged.
 *
 * The last batch has no batch after it. If the disk damages it after it was
 * acknowledged, it looks like a torn tail. */
#ifndef PHASE6_LOG_SCAN_H
#define PHASE6_LOG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aio.h"
#include "record.h"

#define SCAN_WINDOW_LEN ((size_t)262144)

struct scan {
    struct aio *file;      /* borrowed */
    uint64_t log_id;
    uint64_t offset;       /* of the next record; at the end: of the tail */
    uint64_t last;         /* sequence number of the last record, or 0 */
    uint64_t batch_offset; /* of the first record of last's batch */
    uint32_t index;        /* of last */
    uint64_t torn_len;     /* at the end: bytes of a torn tail, or 0 */
    uint64_t proof;        /* after -EBADMSG: a record that was stored later
                              than the bad one, or 0 */
    uint64_t window_offset;
    size_t window_len; /* bytes of the file in window */
    char window[SCAN_WINDOW_LEN];
};

/* A record, valid until the next call with the same scan. */
struct record {
    uint64_t sequence;
    const char *payload; /* borrowed from the scan */
    size_t len;
};

/* Reads the head of the log. The caller owns scan and file.
 *
 * Returns 1         scan_await_next returns the first record
 *         0         no record was ever written: the head is incomplete
 *         -EMEDIUMTYPE  the file is not a log
 *         -errno    from aio_await_pread */
int scan_await_start(struct scan *scan, struct aio *file);

/* Reads the next record.
 *
 * Returns 1         *record is the next record
 *         0         the log ends at scan->offset
 *         -EBADMSG  the record at scan->offset is damaged, and it is not a part
 *                   of a torn tail
 *         -errno    from aio_await_pread */
int scan_await_next(struct scan *scan, struct record *record);

#endif
