/* inbox.c: the bytes of one connection, in order; see inbox.h. */
#include "inbox.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void inbox_init(struct inbox *inbox, struct stream *in)
{
    inbox->in = in;
    inbox->chunk = (struct chunk){0};
    inbox->chunk_used = 0;
    inbox->kept_len = 0; /* what kept holds means nothing */
}

static void let_go(struct inbox *inbox)
{
    if (inbox->chunk.data != NULL)
        stream_give_back(inbox->in, &inbox->chunk);
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

int await_inbox_more(struct inbox *inbox)
{
    bool was_kept = inbox->kept_len > 0;
    int rc;

    if (inbox->kept_len == sizeof inbox->kept)
        return -ENOBUFS;
    if (unused(inbox) > 0) {
        keep(inbox);
        if (was_kept) /* the chunk stood behind it, and was not shown */
            return 1;
        if (unused(inbox) > 0)
            return -ENOBUFS;
    }
    rc = await_chunk(inbox->in, &inbox->chunk);
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
