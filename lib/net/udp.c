/* udp.c: the datagrams of a UDP socket; see udp.h.
 * Introduced in phase 8. Needs: udp.h, await.h.
 *
 * What it teaches: a multishot recvmsg puts a header before the data. A
 * struct udp uses a stream for the queue, the buffers and the waits. Only the
 * layout of a chunk and the meaning of the last CQE differ. */
#include "udp.h"

#include <assert.h>
#include <errno.h>

#include "await.h"

static_assert(UDP_BUF_LEN >= UDP_OVERHEAD + 65535, "the largest datagram fits");

void udp_init(struct udp *udp, int fd, struct bufring *bufring, unsigned credit)
{
    assert(bufring->buf_len > UDP_OVERHEAD);
    *udp = (struct udp){.layout.msg_namelen = sizeof(struct sockaddr_in6)};
    stream_init(&udp->in, fd, bufring, credit);
    udp->in.layout = &udp->layout;
}

/* Finds the parts of a buffer. */
static void split(struct udp *udp, struct datagram *datagram)
{
    const struct chunk *chunk = &datagram->chunk;
    struct io_uring_recvmsg_out *out = (void *)chunk->data;
    char *name = chunk->data + sizeof *out;

    assert(chunk->len >= UDP_OVERHEAD);
    datagram->data = name + udp->layout.msg_namelen;
    datagram->len = (uint32_t)(chunk->len - UDP_OVERHEAD);
    datagram->full_len = out->payloadlen;
    datagram->from = out->namelen > 0 ? (struct sockaddr *)(void *)name : NULL;
    datagram->from_len = out->namelen < udp->layout.msg_namelen
                             ? out->namelen
                             : udp->layout.msg_namelen;
    udp->truncated += (out->flags & MSG_TRUNC) != 0;
}

int udp_await_datagram(struct udp *udp, struct datagram *datagram)
{
    struct stream *in = &udp->in;
    int rc = stream_await_chunk(in, &datagram->chunk);

    assert(rc != 0); /* a datagram has a header */
    if (rc > 0) {
        split(udp, datagram);
        return (int)datagram->len;
    }
    if (in->is_over && rc == in->result && rc != -EINVAL)
        in->is_over = false; /* the next receive may work */
    return rc;
}

void udp_release(struct udp *udp, struct datagram *datagram)
{
    stream_release(&udp->in, &datagram->chunk);
    *datagram = (struct datagram){0};
}

int udp_await_send(int fd, const void *data, size_t len,
                   const struct sockaddr *to, socklen_t to_len)
{
    struct iovec part = {.iov_base = (void *)data, .iov_len = len};
    struct msghdr message = {
        .msg_name = (void *)to,
        .msg_namelen = to != NULL ? to_len : 0,
        .msg_iov = &part,
        .msg_iovlen = 1,
    };
    int sent = await_sendmsg(fd, &message, 0);

    return sent < 0 ? sent : 0; /* a datagram is sent whole or not at all */
}

void udp_await_end(struct udp *udp)
{
    stream_await_end(&udp->in);
}
