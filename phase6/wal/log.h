/* log.h: a log whose records survive a power cut.
 *
 * Needs: aio.h, mutex.h, record.h.
 *
 *     rc = log_await_open(&log, "orders.log", &torn_len);
 *     rc = log_await_add(&log, "one more", 8, &sequence);
 *     rc = log_await_durable(&log, sequence);     // now it may be acknowledged
 *     rc = log_await_close(&log);
 *
 * Group commit: many tasks add records, and one fsync makes all of them
 * durable.
 *
 *     collecting  [ record 5 | record 6 | record 7 ]   tasks add to this batch
 *     on its way  [ record 3 | record 4 ]              the kernel writes it
 *
 * The first task that waits for a record of the collecting batch writes the
 * batch. While it waits for the disk, other tasks fill the next one. So batches
 * grow by themselves when the disk is slow. There is one batch on its way at a
 * time, and it is durable before the next one begins. log_scan.h relies on
 * that.
 *
 * Rules
 *  - After a failure the log is stopped: every later call returns the failure,
 *    and nothing is written or synced again. Open the log again to find out
 *    what is stored.
 *  - One process at a time has the log open (flock(2)). */
#ifndef PHASE6_LOG_H
#define PHASE6_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aio.h"
#include "mutex.h"
#include "record.h"
#include "log_scan.h"

#define LOG_BATCH_MAX ((size_t)262144) /* bytes */
#define LOG_RESERVE ((uint64_t)1048576) /* bytes by which the file grows */

struct log_batch {
    char *bytes; /* borrowed from the log's memory */
    size_t len;
    uint64_t offset; /* in the file */
    uint32_t count;
};

struct log {
    struct aio file;
    uint64_t log_id;
    uint64_t next;     /* sequence number of the next record */
    uint64_t durable;  /* all records up to this one are durable */
    uint64_t reserved; /* the file has space up to this offset */
    bool reserves;     /* the file system can reserve space */
    int failure;       /* the -errno that stopped the log, or 0 */
    uint64_t batches;  /* written since the log was opened */
    struct log_batch collecting;
    struct mutex disk; /* its owner writes a batch */
    char memory[2][LOG_BATCH_MAX];
};

/* Opens the log at path for appending, and creates it if there is none. Cuts
 * off a torn tail, and stores its length in *torn_len. The log and the entry of
 * its directory are durable when this returns 0. The caller owns log and scan,
 * which are too large for the stack of a task. If this returns -EBADMSG, scan
 * has the offset of the damage. Otherwise its content is not needed any more.
 * Suspends.
 *
 * Returns 0             success
 *         -EBADMSG      the log is damaged; it was not changed
 *         -EMEDIUMTYPE  the file is not a log
 *         -ESPIPE       it is not a regular file
 *         -EWOULDBLOCK  another process has the log open
 *         -errno        from an operation on the file or on its directory */
int log_await_open(struct log *log, const char *path, struct scan *scan,
                   uint64_t *torn_len);

/* Opens the log at path for reading. The caller closes *file.
 *
 * Suspends. Returns 0, or an error of log_await_open. */
int log_await_open_read(struct aio *file, const char *path);

/* Adds a record to the collecting batch, and stores its number in *sequence.
 * Copies payload. Suspends only if the batch is full.
 *
 * Returns 0                   the record was added; it is not durable yet
 *         -EMSGSIZE           len is above RECORD_PAYLOAD_MAX
 *         -ECANCELED, -ETIME  interrupted; the record was not added
 *         -errno              the failure that stopped the log */
int log_await_add(struct log *log, const void *payload, size_t len,
                  uint64_t *sequence);

/* Suspends until the record with this number is durable. Tasks return in the
 * order in which they called.
 *
 * Returns 0                   the record is durable
 *         -ECANCELED, -ETIME  interrupted; the record may become durable
 *         -errno              the failure that stopped the log; see
 *                             commit_await_bytes */
int log_await_durable(struct log *log, uint64_t sequence);

/* Closes the log. Every task must have returned from the calls above. Suspends.
 * Returns 0, or -errno from close(2). */
int log_await_close(struct log *log);

#endif
