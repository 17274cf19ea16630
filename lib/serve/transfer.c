/* transfer.c: a response to the socket; see transfer.h.
 * Introduced in phase 10. Needs: transfer.h, await.h.
 *
 * What it teaches: what a task may hold while it waits for a stranger. A send
 * is as slow as its peer likes; so a task fills a shared buffer, offers it to
 * the socket, and releases it before it waits for the peer. What the socket did
 * not take is read again: it is in the page cache, and the peer was slow. */
#include "transfer.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "await.h"

#define NS_PER_MS UINT64_C(1000000)
#define WINDOW_MIN 16384u /* bytes: less is not worth a read */

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

/* Drops the first sent bytes of the segments. */
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

static struct iovec segment_of(struct view view)
{
    return (struct iovec){(void *)(uintptr_t)view.at, view.len};
}

int transfer_await_views(int fd, struct view head, struct view body,
                         unsigned quiet_ms)
{
    struct iovec segments[2] = {segment_of(head), segment_of(body)};
    struct msghdr message = {.msg_iov = segments, .msg_iovlen = 2};

    advance(&message, 0); /* leaves out segments that are empty */
    while (message.msg_iovlen > 0) {
        int sent;

        /* MSG_WAITALL has the kernel go on by itself after a short send. What
         * it had sent when the quiet time was over counts as taken, and the
         * quiet time starts again. */
        deadline_set_ns(quiet_ms * NS_PER_MS);
        sent = await_sendmsg(fd, &message, MSG_WAITALL);
        if (sent <= 0)
            return sent < 0 ? sent : -EIO; /* nothing, and no reason given */
        advance(&message, (size_t)sent);
    }
    return 0;
}

/* A task that waits for a buffer. */
struct waiter {
    struct queue_node node;
    struct future future;
};

/* Takes a buffer, or waits until a task passes one. Returns its number, or
 * -ECANCELED or -ETIME. */
static int transfer_await_buffer(struct transfer_pool *pool)
{
    struct waiter waiter = {0};
    int slot = slots_take(&pool->slots);

    if (slot >= 0)
        return slot;
    queue_push(&pool->waiters, &waiter.node);
    slot = future_wait(&waiter.future);
    if (!waiter.future.is_done)
        queue_remove(&pool->waiters, &waiter.node);
    return slot;
}

/* Fills the buffer from the file. A short read is resumed. Returns len, or
 * -ENODATA if the file ends early. */
static int transfer_await_fill(const struct transfer *part, char *buf,
                               size_t len)
{
    size_t have = 0;

    while (have < len) {
        int got = await_read(part->file, buf + have, len - have,
                             part->offset + have);

        if (got <= 0)
            return got < 0 ? got : -ENODATA;
        have += (size_t)got;
    }
    return (int)len;
}

/* Reads the next len bytes and sends of them, with the head before them, what
 * the socket has room for. Returns how many bytes that was, also 0. */
static int transfer_await_segment(struct transfer_pool *pool, int fd,
                                  const struct transfer *part, size_t len)
{
    int slot = transfer_await_buffer(pool);
    struct queue_node *next;
    char *buf;
    int rc;

    if (slot < 0)
        return slot;
    buf = slots_lend(&pool->slots, (unsigned)slot);
    rc = transfer_await_fill(part, buf, len);
    if (rc >= 0) {
        struct iovec segments[2] = {segment_of(part->head), {buf, len}};
        struct msghdr message = {.msg_iov = segments, .msg_iovlen = 2};

        rc = await_sendmsg(fd, &message, MSG_DONTWAIT);
        rc = rc == -EAGAIN ? 0 : rc;
    }
    slots_reclaim(&pool->slots, (unsigned)slot);
    next = queue_pop(&pool->waiters); /* the one that has waited longest */
    if (next != NULL)
        future_complete(&container_of(next, struct waiter, node)->future, slot);
    else
        slots_release(&pool->slots, (unsigned)slot);
    return rc;
}

/* Leaves what remains when so many bytes are sent. */
static void drop(struct transfer *part, size_t sent)
{
    size_t of_head = sent < part->head.len ? sent : part->head.len;

    part->head.at += of_head;
    part->head.len -= of_head;
    part->offset += sent - of_head;
    part->len -= sent - of_head;
}

/* How much to read next: twice what the socket took, if that was not all. What
 * it has no room for is read for nothing. */
static size_t next_window(size_t asked, size_t sent)
{
    if (sent == asked || sent > TRANSFER_BUF_LEN / 2)
        return TRANSFER_BUF_LEN;
    return sent < WINDOW_MIN / 2 ? WINDOW_MIN : 2 * sent;
}

int transfer_await_file(struct transfer_pool *pool, int fd,
                        struct transfer *transfer, unsigned quiet_ms)
{
    size_t window = TRANSFER_BUF_LEN;
    int rc = 0;

    if (transfer->len == 0)
        return transfer_await_views(fd, transfer->head, (struct view){NULL, 0},
                                    quiet_ms);
    deadline_set_ns(quiet_ms * NS_PER_MS);
    while (transfer->len > 0 && rc >= 0) {
        size_t len = transfer->len < window ? (size_t)transfer->len : window;
        size_t asked = transfer->head.len + len;
        int sent = transfer_await_segment(pool, fd, transfer, len);

        if (sent < 0)
            return sent;
        drop(transfer, (size_t)sent);
        if (sent > 0)
            deadline_set_ns(quiet_ms * NS_PER_MS);
        window = next_window(asked, (size_t)sent);
        if ((size_t)sent < asked)
            rc = await_poll(fd, POLLOUT);
    }
    return rc < 0 ? rc : 0;
}
