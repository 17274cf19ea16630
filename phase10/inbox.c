/* inbox.c: the bytes of one connection, in order; see inbox.h. */
#include "inbox.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "await.h"

void inbox_init(struct inbox *inbox, struct stream *in)
{
    inbox->in = in;
    in->fail_on_empty = true;
    inbox->chunk = (struct chunk){0};
    inbox->chunk_used = 0;
    inbox->carry_len = 0;
}

static void release_chunk(struct inbox *inbox)
{
    if (inbox->chunk.data != NULL)
        stream_release(inbox->in, &inbox->chunk);
    inbox->chunk_used = 0;
}

void inbox_finish(struct inbox *inbox)
{
    release_chunk(inbox);
    inbox->carry_len = 0;
}

static size_t unused(const struct inbox *inbox)
{
    return inbox->chunk.len - inbox->chunk_used;
}

char *inbox_bytes(struct inbox *inbox, size_t *len)
{
    if (inbox->carry_len > 0) {
        *len = inbox->carry_len;
        return inbox->carry;
    }
    *len = unused(inbox);
    return *len > 0 ? inbox->chunk.data + inbox->chunk_used : NULL;
}

/* Moves bytes from the chunk to the end of the carry-over, as many as fit. */
static void carry(struct inbox *inbox)
{
    size_t room = sizeof inbox->carry - inbox->carry_len;
    size_t len = unused(inbox) < room ? unused(inbox) : room;

    memcpy(inbox->carry + inbox->carry_len,
           inbox->chunk.data + inbox->chunk_used, len);
    inbox->carry_len += len;
    inbox->chunk_used += len;
    if (unused(inbox) == 0)
        release_chunk(inbox);
}

/* Receives into the carry-over, because the pool is empty. A peer that does not
 * read its answers may hold a buffer for a long time, and this connection must
 * not wait for that buffer. */
static int inbox_await_carry(struct inbox *inbox)
{
    int got = await_recv(inbox->in->fd, inbox->carry + inbox->carry_len,
                         sizeof inbox->carry - inbox->carry_len, 0);

    if (got <= 0)
        return got;
    inbox->carry_len += (size_t)got;
    return 1;
}

int inbox_await_more(struct inbox *inbox)
{
    size_t shown;
    int rc;

    (void)inbox_bytes(inbox, &shown);
    if (unused(inbox) > 0)
        carry(inbox);
    if (inbox->carry_len > shown) /* the chunk's bytes were not shown before */
        return 1;
    if (inbox->carry_len == sizeof inbox->carry)
        return -ENOBUFS;
    rc = stream_await_chunk(inbox->in, &inbox->chunk);
    if (rc == -ENOBUFS)
        return inbox_await_carry(inbox);
    if (rc <= 0)
        return rc;
    if (inbox->carry_len > 0)
        carry(inbox);
    return 1;
}

void inbox_drop(struct inbox *inbox, size_t len)
{
    if (inbox->carry_len > 0) {
        assert(len <= inbox->carry_len);
        inbox->carry_len -= len;
        memmove(inbox->carry, inbox->carry + len, inbox->carry_len);
        return;
    }
    assert(len <= unused(inbox));
    inbox->chunk_used += len;
    if (unused(inbox) == 0)
        release_chunk(inbox);
}
