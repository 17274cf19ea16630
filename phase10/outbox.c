/* outbox.c: the answers of one connection that are not sent yet; see
 * outbox.h. */
#include "outbox.h"

#include <errno.h>
#include <string.h>

static char *end_of(struct outbox *outbox)
{
    return outbox->bytes + outbox->len;
}

static size_t room_of(const struct outbox *outbox)
{
    return sizeof outbox->bytes - outbox->len;
}

void outbox_init(struct outbox *outbox, struct conn *conn,
                 struct records *records)
{
    outbox->conn = conn;
    outbox->records = records;
    outbox->sent = 0;
    outbox->limits = conn->server->options.limits;
    outbox->len = 0;
}

/* Returns result. If it is an error, an answer may be incomplete: sets
 * conn->aborts. */
static int promised(struct outbox *outbox, int result)
{
    if (result < 0)
        outbox->conn->aborts = true;
    return result;
}

static size_t bytes_in(const struct iovec *segments, unsigned count)
{
    size_t len = 0;

    for (unsigned i = 0; i < count; i++)
        len += segments[i].iov_len;
    return len;
}

/* Counts bytes that the socket has taken. */
static void note_sent(struct outbox *outbox, uint64_t len)
{
    outbox->sent += len;
    records_sent(outbox->records, outbox->sent, len);
}

/* Sends the bytes and then count segments of a copy, in one operation if the
 * socket takes them. */
static int outbox_await_segments(struct outbox *outbox, unsigned count)
{
    size_t len;
    int rc;

    outbox->segments[0] = (struct iovec){outbox->bytes, outbox->len};
    outbox->len = 0;
    len = bytes_in(outbox->segments, 1 + count);
    rc = transfer_await_segments(outbox->conn->fd, outbox->segments, 1 + count,
                                 outbox->limits->send_ms);
    note_sent(outbox, len - bytes_in(outbox->segments, 1 + count));
    return promised(outbox, rc);
}

int outbox_await_flush(struct outbox *outbox)
{
    return outbox_await_segments(outbox, 0);
}

int outbox_await_room(struct outbox *outbox)
{
    if (room_of(outbox) >= OUTBOX_ANSWER_MAX)
        return 0;
    return outbox_await_flush(outbox);
}

/* Adds len bytes that were written after the end of the outbox. Returns 0, or
 * len if it is an error. */
static int add(struct outbox *outbox, int len)
{
    if (len < 0)
        return len;
    outbox->len += (size_t)len;
    return 0;
}

/* Adds a head with this status, perhaps with a page after it. */
static int add_head(struct outbox *outbox, int status, int len)
{
    uint64_t body_at = outbox_end(outbox);
    const char *end = NULL;

    if (len > 0 && records_are_kept(outbox->records))
        end = memmem(end_of(outbox), (size_t)len, "\r\n\r\n", 4);
    if (end != NULL)
        body_at += (size_t)(end + 4 - end_of(outbox));
    if (len > 0)
        records_note(outbox->records, status, body_at);
    return add(outbox, len);
}

int outbox_await_head(struct outbox *outbox, const struct response_head *head)
{
    int rc = outbox_await_room(outbox);

    if (rc < 0)
        return rc;
    return add_head(outbox, head->status,
                    response_write_head(end_of(outbox), room_of(outbox), head));
}

int outbox_await_page(struct outbox *outbox, const struct response_head *head)
{
    int rc = outbox_await_room(outbox);

    if (rc < 0)
        return rc;
    return add_head(outbox, head->status,
                    response_write_page(end_of(outbox), room_of(outbox), head));
}

int outbox_await_text(struct outbox *outbox, const struct response_head *head,
                      struct view body)
{
    int rc = outbox_await_head(outbox, head);

    assert(body.len <= OUTBOX_TEXT_MAX);
    if (rc < 0 || head->omits_body)
        return rc;
    memcpy(end_of(outbox), body.at, body.len);
    return add(outbox, (int)body.len);
}

int outbox_await_copy(struct outbox *outbox, const struct cache *cache,
                      const struct resource *copy, struct range part)
{
    /* Only the first block of a copy is at content. */
    if (part.len > OUTBOX_COPY_MAX || part.len > room_of(outbox) ||
        part.at + part.len > BLOCK_LEN)
        return outbox_await_segments(
            outbox, cache_segments(cache, copy, part, outbox->segments + 1));
    memcpy(end_of(outbox), copy->content + part.at, part.len);
    return add(outbox, (int)part.len);
}

/* Returns true for a result that only the socket or the task can have, and not
 * the file. */
static bool is_of_connection(int result)
{
    return result == -ECANCELED || result == -ETIME || result == -EPIPE ||
           result == -ECONNRESET;
}

int outbox_await_file(struct outbox *outbox, struct transfer_pool *pool,
                      const struct resource *file, struct range part,
                      int *result)
{
    const size_t head_len = outbox->len;
    struct transfer transfer = {
        .head = {outbox->bytes, head_len},
        .file = file->fd,
        .offset = part.at,
        .len = part.len,
    };
    int rc;

    outbox->len = 0;
    rc = transfer_await_file(pool, outbox->conn->fd, &transfer,
                             outbox->limits->send_ms);
    note_sent(outbox, head_len - transfer.head.len + part.len - transfer.len);
    if (rc < 0 && !is_of_connection(rc) && transfer.head.len == head_len) {
        *result = rc;
        return 1;
    }
    return promised(outbox, rc);
}
