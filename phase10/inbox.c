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
    inbox->kept_len = 0; /* what kept holds means nothing */
}

static void let_go(struct inbox *inbox)
{
    if (inbox->chunk.data != NULL)
        stream_release(inbox->in, &inbox->chunk);
    inbox->chunk_used = 0;
}

void inbox_finish(struct inbox *inbox)
{
    let_go(inbox);
    inbox->kept_len = 0;
}

static size_t unused(const struct inbox *inbox)
{
    return inbox->chunk.len - inbox->chunk_used;
}

char *inbox_bytes(struct inbox *inbox, size_t *len)
{
    if (inbox->kept_len > 0) {
        *len = inbox->kept_len;
        return inbox->kept;
    }
    *len = unused(inbox);
    return *len > 0 ? inbox->chunk.data + inbox->chunk_used : NULL;
}

/* Moves as much of the chunk behind what is kept as there is room for. */
static void keep(struct inbox *inbox)
{
    size_t room = sizeof inbox->kept - inbox->kept_len;
    size_t len = unused(inbox) < room ? unused(inbox) : room;

    memcpy(inbox->kept + inbox->kept_len,
           inbox->chunk.data + inbox->chunk_used, len);
    inbox->kept_len += len;
    inbox->chunk_used += len;
    if (unused(inbox) == 0)
        let_go(inbox);
}

/* The pool is empty, and who holds its buffers may do so for long: a peer that
 * does not read its answers does. Nobody else is to wait for that one. */
static int await_own_memory(struct inbox *inbox)
{
    int got = await_recv(inbox->in->fd, inbox->kept + inbox->kept_len,
                         sizeof inbox->kept - inbox->kept_len, 0);

    if (got <= 0)
        return got;
    inbox->kept_len += (size_t)got;
    return 1;
}

int await_inbox_more(struct inbox *inbox)
{
    size_t shown;
    int rc;

    (void)inbox_bytes(inbox, &shown);
    if (unused(inbox) > 0)
        keep(inbox);
    if (inbox->kept_len > shown) /* the chunk stood behind, and was not shown */
        return 1;
    if (inbox->kept_len == sizeof inbox->kept)
        return -ENOBUFS;
    rc = stream_await_chunk(inbox->in, &inbox->chunk);
    if (rc == -ENOBUFS)
        return await_own_memory(inbox);
    if (rc <= 0)
        return rc;
    if (inbox->kept_len > 0)
        keep(inbox);
    return 1;
}

void inbox_drop(struct inbox *inbox, size_t len)
{
    if (inbox->kept_len > 0) {
        assert(len <= inbox->kept_len);
        inbox->kept_len -= len;
        memmove(inbox->kept, inbox->kept + len, inbox->kept_len);
        return;
    }
    assert(len <= unused(inbox));
    inbox->chunk_used += len;
    if (unused(inbox) == 0)
        let_go(inbox);
}
