/* server_limits.h: the limits of the servers, and their defaults.
 * Introduced in phase 8. Needs: nothing.
 *
 * These numbers limit memory and waiting times, whatever the peers do. Most
 * have a command-line option (server_command.h), so that a test can lower
 * them. */
#ifndef ONE_RING_SERVER_LIMITS_H
#define ONE_RING_SERVER_LIMITS_H

#include <assert.h>
#include <stdbool.h>

enum {
    LIMIT_SQ = 512,         /* SQ entries */
    LIMIT_CQ = 4096,        /* CQ entries; more if the connections need them */
    LIMIT_CQ_MAX = 65536,
    LIMIT_BUFS = 256,       /* receive buffers, for all connections of a ring */
    LIMIT_BUF_LEN = 16384,  /* bytes of one receive buffer */
    LIMIT_CREDIT = 8,       /* receive buffers that one connection may hold */
    LIMIT_CONNS = 20000,    /* connections per ring, if they fit */
    LIMIT_CONNS_MAX = 65536,
    LIMIT_CONNS_LEAST = 64, /* capacity_shrink halves only larger numbers */
    LIMIT_FDS_BESIDE = 100, /* fds for rings, listeners, standard files ... */
    LIMIT_BACKLOG = 1024,   /* connections in the kernel's queue */
    LIMIT_HEADER_MS = 10000, /* from the first to the last byte of a head */
    LIMIT_IDLE_MS = 30000,  /* between two requests of a connection */
    LIMIT_SEND_MS = 30000,  /* until the peer accepts some of the data */
    LIMIT_DRAIN_MS = 10000, /* from SIGTERM until connections are closed */
    LIMIT_QUIET_MS = 100,   /* from SIGTERM to the call of drain_report */
    LIMIT_FRESH_MS = 5000,  /* from SIGTERM to a connection's first request */
    LIMIT_LAST_MS = 1000,   /* after drain_ms, to send the last bytes */
    LIMIT_HEAD_GRACE_MS = 500, /* minimum wait that evict_find may end */
    LIMIT_RATE_MIN = 500,   /* bytes per second that a peer must take */
    LIMIT_RATE_MS = 60000,  /* time over which a peer's rate is measured */
    LIMIT_THREADS = 1,
    LIMIT_THREADS_MAX = 64
};

/* A connection has at most two operations in flight: its receive, and a send or
 * a file operation. A third CQ entry is for the CQEs of its cancels. The
 * other operations are the accept, the read of the signals, and the read of the
 * doorbell (post.h). The program may have a few more. */
enum { LIMIT_OPS_PER_CONN = 3, LIMIT_OPS_BESIDE_CONNS = 8 };
static_assert((int)LIMIT_CQ_MAX >=
                  (int)LIMIT_OPS_PER_CONN * (int)LIMIT_CONNS +
                      (int)LIMIT_OPS_BESIDE_CONNS,
              "a CQ can hold what every connection may have in flight");
static_assert((int)LIMIT_BUFS > (int)LIMIT_CREDIT,
              "one connection cannot hold all receive buffers");
static_assert((LIMIT_BUFS & (LIMIT_BUFS - 1)) == 0, "a buffer ring is 2^n");

struct limits {
    unsigned sq, cq, bufs, threads;
    unsigned conns_max; /* per ring; 0: as many as fit (capacity.h) */
    unsigned header_ms, idle_ms, send_ms, drain_ms;
    unsigned per_address_max; /* connections of all rings; 0: no limit */
    unsigned rate_min, rate_ms; /* see pace.h; rate_min 0: no limit */

    /* These two have no option: capacity_fit sets them. */
    unsigned files_max; /* files per ring that are open at the same time */
    bool may_shrink;    /* the user did not set conns_max */
};

#define LIMITS_DEFAULT                                                        \
    {                                                                         \
        .sq = LIMIT_SQ, .cq = LIMIT_CQ, .bufs = LIMIT_BUFS,                   \
        .threads = LIMIT_THREADS,                                             \
        .header_ms = LIMIT_HEADER_MS, .idle_ms = LIMIT_IDLE_MS,               \
        .send_ms = LIMIT_SEND_MS, .drain_ms = LIMIT_DRAIN_MS,                 \
        .rate_min = LIMIT_RATE_MIN, .rate_ms = LIMIT_RATE_MS                  \
    }

#endif
