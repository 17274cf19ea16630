/* record.h: the bytes of a log: its head and its records.
 *
 * Needs: crc32c.h.
 *
 *     +----------+----------------+--------------------+-----+- - - - - - - -+
 *     | log head | record 1       | record 2           | ... | zeros         |
 *     +----------+----------------+--------------------+-----+- - - - - - - -+
 *                 \                \
 *                  [head | payload | zeros up to a multiple of 8 bytes]
 *
 * Two checksums guard a record. The first one covers its head, so that a reader
 * checks a length before it uses the length. The second one covers its payload.
 * Both begin with the number of the log and the offset of the record. So a
 * record is valid only in its log and at its offset. A reader accepts neither
 * bytes of an older file nor a record inside a payload as a record.
 *
 * A log is written in batches (log.h). The head of a record has the index of
 * the record in its batch. So it names the first record of the batch, and
 * proves that all records before that one were durable (log_scan.h).
 *
 * Numbers are in the byte order of the machine. A machine with the other order
 * reads a version that it does not know. */
#ifndef PHASE6_RECORD_H
#define PHASE6_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_PAYLOAD_MAX ((size_t)65536) /* bytes */

struct log_head {
    char magic[8];
    uint64_t log_id; /* random */
    uint32_t version;
    uint32_t crc; /* of the bytes before it */
};

struct record_head {
    uint64_t sequence; /* 1 for the first record of the log */
    uint32_t index;    /* position in its batch, from 0 */
    uint32_t len;      /* of the payload, in bytes */
    uint32_t payload_crc;
    uint32_t head_crc; /* of the bytes before it */
};

/* Makes the head of a new log. */
struct log_head log_head_make(uint64_t log_id);

/* Returns true if head is the head of a log of this version. */
bool log_head_is_valid(const struct log_head *head);

/* Returns true if the len bytes are a part of a new log's head. A power cut can
 * leave such a file, if no record was written. */
bool log_head_is_unfinished(const void *bytes, size_t len);

/* Returns the length in the file of a record with a payload of len bytes. */
size_t record_len(size_t len);

/* Writes a record to `to`, which has room for record_len(head.len) bytes. The
 * caller sets sequence, index and len; the function adds the checksums. offset
 * is the offset of the record in the file. */
void record_write(char *to, uint64_t log_id, uint64_t offset,
                  struct record_head head, const char *payload);

/* Copies the head of a record from `from` to *head. Returns true if it is the
 * head of a record of this log at this offset. */
bool record_read_head(const char *from, uint64_t log_id, uint64_t offset,
                      struct record_head *head);

/* Returns true if the payload of the record at `from`, with the zeros after it,
 * is undamaged. head must be valid. */
bool record_is_whole(const char *from, uint64_t log_id, uint64_t offset,
                     const struct record_head *head);

#endif
