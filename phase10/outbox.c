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

void outbox_init(struct outbox *outbox, struct conn *conn)
{
    outbox->conn = conn;
    outbox->limits = conn->server->options.limits;
    outbox->len = 0;
}

/* Returns result, after noting that an answer was cut if it is an error. */
static int promised(struct outbox *outbox, int result)
{
    if (result < 0)
        outbox->conn->aborts = true;
    return result;
}

/* Sends the bytes, and count segments of a copy behind them, in one operation
 * if the socket takes them. */
static int outbox_await_segments(struct outbox *outbox, unsigned count)
{
    outbox->segments[0] = (struct iovec){outbox->bytes, outbox->len};
    outbox->len = 0;
    return promised(outbox,
                    transfer_await_segments(outbox->conn->fd, outbox->segments,
                                            1 + count,
                                            outbox->limits->send_ms));
}

int outbox_await_flush(struct outbox *outbox)
{
    return outbox_await_segments(outbox, 0);
}

/* Makes room for one more answer. Returns 0 or -errno. */
static int outbox_await_room(struct outbox *outbox)
{
    if (room_of(outbox) >= OUTBOX_ANSWER_MAX)
        return 0;
    return outbox_await_flush(outbox);
}

/* Adds what was written at the end of the outbox: its length, or an error. */
static int add(struct outbox *outbox, int len)
{
    if (len < 0)
        return len;
    outbox->len += (size_t)len;
    return 0;
}

int outbox_await_head(struct outbox *outbox, const struct response_head *head)
{
    int rc = outbox_await_room(outbox);

    if (rc < 0)
        return rc;
    return add(outbox,
               response_write_head(end_of(outbox), room_of(outbox), head));
}

int outbox_await_page(struct outbox *outbox, const struct response_head *head)
{
    int rc = outbox_await_room(outbox);

    if (rc < 0)
        return rc;
    return add(outbox,
               response_write_page(end_of(outbox), room_of(outbox), head));
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
    if (rc < 0 && rc != -ECANCELED && rc != -ETIME &&
        transfer.head.len == head_len) {
        *result = rc;
        return 1;
    }
    return promised(outbox, rc);
}
