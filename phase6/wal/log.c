/* log.c: group commit; see log.h.
 *
 * What it teaches: a mutex is enough for group commit. The tasks queue for the
 * mutex. Its owner writes the records of all tasks in the queue, and each of
 * the others finds its record durable when it gets the mutex. */
#include "log.h"

#include <assert.h>
#include <errno.h>

#include "commit.h"
#include "operation.h"

/* Makes the file longer, in large steps, before the records reach its end. Then
 * a write changes neither the length of the file nor the map of its blocks, and
 * an fsync does not have to store them. If the file system cannot do that, the
 * log works without it. If the disk is full, the write reports that. */
static void log_await_reserve(struct log *log, uint64_t end)
{
    struct await await;
    int rc;

    if (!log->reserves || end <= log->reserved)
        return;
    end += LOG_RESERVE;
    io_uring_prep_fallocate(await_start(&await), log->file.fd, 0,
                            log->reserved, end - log->reserved);
    rc = await_result_uninterrupted(&await);
    log->reserves = rc == 0;
    log->reserved = end;
}

/* DOC: wal-group. Writes the collecting batch. The caller owns log->disk. */
static int log_await_commit(struct log *log)
{
    struct log_batch batch = log->collecting;
    bool is_first = batch.bytes == log->memory[0];

    log->collecting = (struct log_batch){
        .bytes = log->memory[is_first ? 1 : 0],
        .offset = batch.offset + batch.len,
    };
    /* Nothing suspends above, so this batch has all records up to this one. */
    uint64_t last = log->next - 1;

    log_await_reserve(log, batch.offset + batch.len);
    log->failure = commit_await_bytes(log->file.fd, batch.bytes, batch.len,
                                      batch.offset);
    if (log->failure == 0)
        log->durable = last;
    log->batches++;
    return log->failure;
}

/* A task whose record is already durable queues for the mutex, too, so that the
 * tasks return in order. */
int log_await_durable(struct log *log, uint64_t sequence)
{
    int rc = mutex_await_lock(&log->disk);

    assert(sequence < log->next);
    if (rc < 0)
        return rc;
    if (log->durable < sequence)
        rc = log->failure < 0 ? log->failure : log_await_commit(log);
    mutex_unlock(&log->disk);
    return rc;
}

int log_await_add(struct log *log, const void *payload, size_t len,
                  uint64_t *sequence)
{
    struct log_batch *batch = &log->collecting;
    struct record_head head = {.len = (uint32_t)len};
    int rc;

    if (len > RECORD_PAYLOAD_MAX)
        return -EMSGSIZE;
    while (batch->len + record_len(len) > LOG_BATCH_MAX) {
        rc = log_await_durable(log, log->next - 1);
        if (rc < 0)
            return rc;
    }
    if (log->failure < 0)
        return log->failure;
    *sequence = head.sequence = log->next++;
    head.index = batch->count++;
    record_write(batch->bytes + batch->len, log->log_id,
                 batch->offset + batch->len, head, payload);
    batch->len += record_len(len);
    return 0;
}

int log_await_close(struct log *log)
{
    assert(log->disk.owner == NULL);
    return aio_await_close(&log->file);
}
