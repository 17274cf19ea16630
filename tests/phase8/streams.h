/* streams.h: streams on pairs of sockets, and what the kernel answers to them.
 *
 * Test support of phase 8. Needs: pool.h, stream.h. */
#ifndef TESTS_PHASE8_STREAMS_H
#define TESTS_PHASE8_STREAMS_H

#include <errno.h>

#include "pool.h"
#include "stream.h"

#define MS UINT64_C(1000000)
#define CREDIT 8u
#define STREAMS_MAX 9
#define TCP (-1) /* beside SOCK_STREAM and SOCK_SEQPACKET, of Unix sockets */

static struct pair pairs[STREAMS_MAX];
static struct stream streams[STREAMS_MAX];

/* The completions of a stream. */
static struct {
    unsigned chunks;    /* results above 0 */
    unsigned terminals; /* CQEs without F_MORE */
    unsigned good_ends; /* of these, with a result above 0 */
    unsigned no_buffer;   /* of these, -ENOBUFS */
} seen;
static void (*stream_complete)(struct op *op, int result, uint32_t flags);

static inline void see(struct op *op, int result, uint32_t flags)
{
    bool ends = !(flags & IORING_CQE_F_MORE);

    seen.chunks += result > 0;
    seen.terminals += ends;
    seen.good_ends += ends && result > 0;
    seen.no_buffer += ends && result == -ENOBUFS;
    stream_complete(op, result, flags);
}

static inline struct stream *open_stream(int i, int type, unsigned credit)
{
    pairs[i] = type == TCP ? pair_open_tcp() : pair_open(type);
    stream_init(&streams[i], pairs[i].here, &pool, credit);
    stream_complete = streams[i].op.complete;
    streams[i].op.complete = see;
    return &streams[i];
}

/* Ends the stream before its fd, as its rules say. */
static inline void await_close_stream(int i)
{
    stream_await_end(&streams[i]);
    check(!op_is_in_flight(&streams[i].op));
    check(!stream_has_chunk(&streams[i]));
    pair_close(&pairs[i]);
}

/* Most tests begin with this: one stream, and a pool for it. */
static inline struct stream *open_alone(unsigned bufs, int type,
                                        unsigned credit)
{
    pool_open(bufs);
    return open_stream(0, type, credit);
}

static inline int await_close_alone(void)
{
    await_close_stream(0);
    pool_close();
    return 0;
}

/* Sends a message with its number. */
static inline void send_number(int i, unsigned number)
{
    pair_send(&pairs[i], &number, sizeof number);
}

static inline unsigned await_number(struct stream *stream)
{
    struct chunk chunk;
    unsigned number;

    check_res(stream_await_chunk(stream, &chunk), sizeof number);
    ck_assert_uint_eq(chunk.len, sizeof number);
    memcpy(&number, chunk.data, sizeof number);
    stream_release(stream, &chunk);
    return number;
}

/* Arms the stream, though nothing is there to be had. */
static inline void await_armed(struct stream *stream)
{
    struct chunk chunk;

    deadline_set_ns(1);
    check_res(stream_await_chunk(stream, &chunk), -ETIME);
    check(op_is_in_flight(&stream->op));
}

/* Takes the only buffer of the pool. */
static inline void await_hold_buffer(int i, struct chunk *chunk)
{
    open_stream(i, SOCK_SEQPACKET, CREDIT);
    send_number(i, 1000);
    check_res(stream_await_chunk(&streams[i], chunk), sizeof(unsigned));
    ck_assert_uint_eq(bufring_free_count(&pool), 0);
}

#endif
