/* linger.h: the end of a connection whose peer may still be sending.
 *
 * What it teaches: close() can destroy an answer that was sent in full. If
 * bytes of the peer are unread, or arrive later, the kernel answers them with a
 * reset. A reset makes the peer's kernel drop what the peer has not read yet.
 * So a server ends only its own direction, and reads and drops input until the
 * peer closes, too (RFC 9112 9.6):
 *
 *     answer --> shutdown --> read, drop, read, drop, ... --> close
 *
 * A peer must not hold the connection forever, so there are three limits. */
#ifndef PHASE10_LINGER_H
#define PHASE10_LINGER_H

#include "inbox.h"

struct linger_limits {
    unsigned silence_ms;  /* the longest time without a byte */
    unsigned total_ms;    /* the longest time altogether */
    unsigned bytes_per_s; /* the reading is slowed down to this rate, and so is
                             the peer, by flow control */
};

/* 5 s is long enough for a peer to retransmit, and 30 s for an upload that was
 * refused. */
#define LINGER_LIMITS_DEFAULT                                                 \
    {.silence_ms = 5000, .total_ms = 30000, .bytes_per_s = 16777216}

/* Ends the output. Then drops all input until the peer closes, a limit is
 * reached, or the task is interrupted. Suspends. */
void linger_await_end(struct inbox *inbox, const struct linger_limits *limits);

#endif
