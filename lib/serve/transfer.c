/* transfer.c: sends a response; see transfer.h.
 * Introduced in phase 10. Needs: transfer.h, await.h.
 *
 * What it teaches: a task must not hold a shared resource while it waits for a
 * peer, because a peer can be arbitrarily slow. So a task fills a shared
 * buffer, sends as many bytes as the socket takes, and releases the buffer
 * before it waits. Later it reads the unsent bytes again, usually from the page
 * cache. */
#include "transfer.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "await.h"

#define NS_PER_MS UINT64_C(1000000)
#define WINDOW_MIN 16384u /* bytes; smaller reads are not worthwhile */

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

/* Removes `sent` bytes from the start of the segments. */
static void advance(struct msghdr *message, size_t sent)
{
    while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
        sent -= message->msg_iov->iov_len;
        message->msg_iov->iov_len = 0;
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

int transfer_await_segments(int fd, struct iovec *segments, unsigned count,
                            unsigned quiet_ms)
{
    struct msghdr message = {.msg_iov = segments, .msg_iovlen = count};

    advance(&message, 0); /* skip empty segments */
    while (message.msg_iovlen > 0) {
        const struct iovec *next = message.msg_iov;
        int sent;

        /* With MSG_WAITALL the kernel continues after a short send. If the
         * deadline ends a send that has sent some bytes, the result is their
         * number, not -ETIME. The peer has accepted bytes, so the quiet time
         * restarts. */
        deadline_set_ns(quiet_ms * NS_PER_MS);
        if (message.msg_iovlen == 1) /* avoids copying the iovec list */
            sent = await_send(fd, next->iov_base, next->iov_len, MSG_WAITALL);
        else
            sent = await_sendmsg(fd, &message, MSG_WAITALL);
        if (sent <= 0)
            return sent < 0 ? sent : -EIO; /* 0: no byte and no error */
        advance(&message, (size_t)sent);
    }
    return 0;
}

int transfer_await_views(int fd, struct view head, struct view body,
                         unsigned quiet_ms)
{
    struct iovec segments[2] = {segment_of(head), segment_of(body)};

    return transfer_await_segments(fd, segments, 2, quiet_ms);
}

/* A task that waits for a buffer. */
struct waiter {
    struct queue_node node;
    struct future future;
};

/* Takes a buffer, or waits until another task passes its buffer to this one.
 * Returns the buffer's slot, or -ECANCELED or -ETIME. */
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

/* Fills the buffer from the file. Continues after a short read. Returns len, or
 * -errno: -ENODATA if the file ends early. */
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

/* Reads the next len bytes of the file. Sends as many bytes of the head and the
 * file as the socket takes. Returns the number of bytes sent, which may be 0,
 * or -errno. */
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
    next = queue_pop(&pool->waiters); /* the longest-waiting task */
    if (next != NULL)
        future_complete(&container_of(next, struct waiter, node)->future, slot);
    else
        slots_release(&pool->slots, (unsigned)slot);
    return rc;
}

/* Removes `sent` bytes from the start of the head and the part of the file. */
static void drop(struct transfer *part, size_t sent)
{
    size_t of_head = sent < part->head.len ? sent : part->head.len;

    part->head.at += of_head;
    part->head.len -= of_head;
    part->offset += sent - of_head;
    part->len -= sent - of_head;
}

/* Returns the number of bytes to read next: a whole buffer if the socket took
 * all bytes of the previous segment, otherwise about twice as many as it took.
 * Reading more would be wasteful, because the bytes that the socket does not
 * take have to be read again. */
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
