/* udp.h: the datagrams of a UDP socket, received by one multishot recvmsg.
 * Introduced in phase 8. Needs: stream.h.
 *
 *     struct udp udp;
 *     struct datagram in;
 *
 *     udp_init(&udp, fd, &bufring, 64);
 *     while (udp_await_datagram(&udp, &in) >= 0) {
 *         udp_await_send(fd, in.data, in.len, in.from, in.from_len);
 *         udp_release(&udp, &in);
 *     }
 *     udp_await_end(&udp);
 *
 * The receiver of a datagram needs the sender's address, so the operation is
 * recvmsg and not recv. A multishot has one struct msghdr for all datagrams, so
 * the kernel cannot store an address there. It stores everything in the buffer:
 *
 *     | io_uring_recvmsg_out | room for a name | payload                |
 *     |  16 bytes            |  28 bytes       |                        |
 *     |<------------------- res ------------------------------->|
 *       payloadlen: the length of the datagram, even if the buffer is
 *       smaller; flags: MSG_TRUNC in this case
 *
 * The name is the sender's address. res includes the header and the name, so it
 * is not the length of the payload. An empty datagram has res 44.
 *
 * Rules
 *  - A UDP socket has no end of input. An empty datagram ends the multishot,
 *    but this module starts the next one.
 *  - An error does not end the input. If the socket is connected, an ICMP
 *    message ("port unreachable") makes one receive or send fail with
 *    -ECONNREFUSED, and the next one works. If the socket is not connected, the
 *    kernel does not report ICMP messages.
 *  - If no buffer of the pool is free, datagrams wait in the socket. If its
 *    buffer (SO_RCVBUF) is full, the kernel drops the next datagram without a
 *    report. The receive starts again when a buffer is released.
 *  - A buffer of UDP_BUF_LEN bytes holds every datagram.
 *
 * Source: io_uring_prep_recvmsg_multishot(3), udp(7), ip(7). */
#ifndef ONE_RING_UDP_H
#define ONE_RING_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "stream.h"

/* The header, the name, and the longest payload, rounded up to whole pages. */
#define UDP_BUF_LEN (17u * 4096u)

/* The bytes of a buffer that hold no payload. */
#define UDP_OVERHEAD                                                          \
    (sizeof(struct io_uring_recvmsg_out) + sizeof(struct sockaddr_in6))

struct datagram {
    char *data;        /* borrowed from the pool until udp_release */
    uint32_t len;      /* bytes at data; 0 is a valid length */
    uint32_t full_len; /* bytes that were sent; above len if truncated */
    struct sockaddr *from; /* in the same buffer as data; NULL: none */
    socklen_t from_len;
    struct chunk chunk; /* private */
};

struct udp {
    struct stream in;
    struct msghdr layout; /* msg_namelen: bytes of a buffer for the name */
    uint64_t truncated;   /* statistic: datagrams longer than their buffer */
};

/* Initializes the endpoint of fd, a datagram socket. When `credit` datagrams
 * are queued, stops the receive until the queue is empty. A few more datagrams
 * may arrive before it stops. Borrows fd and bufring, whose buffers must be
 * longer than UDP_OVERHEAD (asserted). Submits nothing yet. */
void udp_init(struct udp *udp, int fd, struct bufring *bufring,
              unsigned credit);

/* Suspends until a datagram is available. The caller owns it until udp_release.
 *
 * Returns  >= 0           the number of bytes at data, which may be 0
 *          -ECONNREFUSED  the socket is connected, and an earlier datagram
 *                         reached no socket. Call again to receive
 *          -EHOSTUNREACH, -ENETUNREACH  as above, from other ICMP messages
 *          -ECANCELED     the task was cancelled; no datagram is lost
 *          -ETIME         the deadline passed; no datagram is lost
 *          -EINVAL        the kernel has no multishot recvmsg (before 6.0)
 *          other -errno   from recvmsg(2) */
int udp_await_datagram(struct udp *udp, struct datagram *datagram);

/* Releases a datagram's buffer to the pool. Does not suspend. */
void udp_release(struct udp *udp, struct datagram *datagram);

/* Sends a datagram to an address, or to the peer of a connected socket if to is
 * NULL. Suspends while the socket's send buffer is full.
 *
 * Returns  0              the kernel has taken the whole datagram
 *          -EMSGSIZE      len is more than a datagram holds
 *          -ECONNREFUSED  the socket is connected, and an earlier datagram
 *                         reached no socket; this one was not sent
 *          -ECANCELED, -ETIME  the task was interrupted; nothing was sent
 *          other -errno   from sendmsg(2) */
int udp_await_send(int fd, const void *data, size_t len,
                   const struct sockaddr *to, socklen_t to_len);

/* Stops the receive, suspends until its last CQE, and releases all queued
 * datagrams. Cannot be interrupted. May be called again. */
void udp_await_end(struct udp *udp);

#endif
