/* transfer.c: a response to the socket; see transfer.h.
 * Introduced in phase 10. Needs: transfer.h, await.h.
 *
 * What it teaches: a send may be short for three reasons (the socket's buffer,
 * the peer, a cancel), and none of them may cost a byte or send one twice. */
#include "transfer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "await.h"

#define NS_PER_MS UINT64_C(1000000)

int transfer_pool_init(struct transfer_pool *pool)
{
    memset(pool, 0, sizeof *pool);
    return slots_init(&pool->slots, TRANSFER_BUFS, TRANSFER_BUF_LEN);
}

void transfer_pool_finish(struct transfer_pool *pool)
{
    assert(queue_is_empty(&pool->waiters));
    slots_finish(&pool->slots);
    memset(pool, 0, sizeof *pool);
}

/* Drops the first sent bytes of the pieces. */
static void advance(struct msghdr *message, size_t sent)
{
    while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
        sent -= message->msg_iov->iov_len;
        message->msg_iov++;
        message->msg_iovlen--;
    }
    if (message->msg_iovlen > 0) {
        message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + sent;
        message->msg_iov->iov_len -= sent;
    }
    assert(message->msg_iovlen > 0 || sent == 0);
}

/* MSG_WAITALL has the kernel go on by itself after a short send. What it had
 * sent when the quiet time was over counts as taken: then it begins anew. */
static int await_send_pieces(int fd, struct iovec *pieces, unsigned count,
                             unsigned quiet_ms)
{
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};

    advance(&message, 0); /* leaves out pieces that are empty */
    while (message.msg_iovlen > 0) {
        int sent;

        deadline_set_ns(quiet_ms * NS_PER_MS);
        sent = await_sendmsg(fd, &message, MSG_WAITALL);
        if (sent < 0)
            return sent;
        advance(&message, (size_t)sent);
    }
    return 0;
}

static struct iovec piece_of(struct view view)
{
    return (struct iovec){(void *)(uintptr_t)view.at, view.len};
}

int await_send_views(int fd, struct view head, struct view body,
                     unsigned quiet_ms)
{
    struct iovec pieces[2] = {piece_of(head), piece_of(body)};

    return await_send_pieces(fd, pieces, 2, quiet_ms);
}

/* One who waits for a buffer. */
struct turn {
    struct queue_node node;
    struct future future;
};

/* Takes a buffer, or waits for one to be handed over. Returns its number, or
 * -ECANCELED or -ETIME. */
static int await_buffer(struct transfer_pool *pool)
{
    struct turn turn = {0};
    int slot = slots_take(&pool->slots);

    if (slot >= 0)
        return slot;
    queue_push(&pool->waiters, &turn.node);
    slot = future_wait(&turn.future);
    if (!turn.future.is_done)
        queue_remove(&pool->waiters, &turn.node);
    return slot;
}

/* Hands the buffer to who has waited longest. */
static void give_back(struct transfer_pool *pool, int slot)
{
    struct queue_node *node = queue_pop(&pool->waiters);

    if (node != NULL)
        future_complete(&container_of(node, struct turn, node)->future, slot);
    else
        slots_release(&pool->slots, (unsigned)slot);
}

/* Fills the buffer from the file, as far as it and len reach. A short read is
 * resumed. Returns the number of bytes, or -ENODATA if the file ends early. */
static int await_fill(const struct transfer *part, char *buf)
{
    size_t want = part->len < TRANSFER_BUF_LEN ? (size_t)part->len
                                               : TRANSFER_BUF_LEN;
    size_t have = 0;

    while (have < want) {
        int got = await_read(part->file, buf + have, want - have,
                             part->offset + have);

        if (got < 0)
            return got;
        if (got == 0)
            return -ENODATA;
        have += (size_t)got;
    }
    return (int)have;
}

/* One buffer of it. On success part is what remains. */
static int await_part(struct transfer_pool *pool, int fd, struct transfer *part,
                      unsigned quiet_ms)
{
    int slot = await_buffer(pool);
    struct iovec pieces[2];
    char *buf;
    int rc;

    if (slot < 0)
        return slot;
    buf = slots_lend(&pool->slots, (unsigned)slot);
    deadline_set_ns(quiet_ms * NS_PER_MS);
    rc = await_fill(part, buf);
    if (rc >= 0) {
        pieces[0] = piece_of(part->head);
        pieces[1] = (struct iovec){buf, (size_t)rc};
        part->head.len = 0;
        part->offset += (uint64_t)rc;
        part->len -= (uint64_t)rc;
        rc = await_send_pieces(fd, pieces, 2, quiet_ms);
    }
    slots_reclaim(&pool->slots, (unsigned)slot);
    give_back(pool, slot);
    return rc;
}

int await_transfer(struct transfer_pool *pool, int fd,
                   const struct transfer *transfer, unsigned quiet_ms)
{
    struct transfer part = *transfer;
    int rc;

    if (part.len == 0)
        return await_send_views(fd, part.head, (struct view){NULL, 0},
                                quiet_ms);
    do
        rc = await_part(pool, fd, &part, quiet_ms);
    while (rc == 0 && part.len > 0);
    return rc;
}
