/* capacity.h: how many connections a server can hold.
 * Introduced in phase 8. Needs: server_limits.h.
 *
 *     open files of the process, N
 *     | 100: rings, listeners ... | files that the server opens | connections |
 *
 * If a server accepts more connections than it has fds for, it runs out of fds
 * in the middle of its work: it has a connection, but cannot open the file to
 * send. If its limit of connections is lower than necessary, clients that it
 * could serve have to wait. So by default the limit is the number of
 * connections that fit. If N is so low that the connections would get less than
 * half of the fds, they get half.
 *
 * A connection needs entries in the CQ, too. The CQ is in locked memory. By
 * default, all processes of an ordinary user together may lock 8 MiB. */
#ifndef ONE_RING_CAPACITY_H
#define ONE_RING_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

#include "server_limits.h"

/* Two limits of the process. */
struct capacity {
    uint64_t open_files;    /* RLIMIT_NOFILE */
    uint64_t locked_memory; /* RLIMIT_MEMLOCK, in bytes */
};

/* Raises the process's soft limit of open files to the hard limit. Returns the
 * limits of the process. Does not suspend. */
struct capacity capacity_raise(void);

/* The limit that made capacity_fit lower the number of connections, if any. */
enum capacity_reason { CAPACITY_SUFFICES, CAPACITY_FILES, CAPACITY_CQ };

/* Sets limits->conns_max and limits->files_max, both per ring, to the numbers
 * that fit into capacity. A conns_max of 0 requests as many connections as fit,
 * up to LIMIT_CONNS. Any other conns_max is lowered if it does not fit. files
 * is the number of files that all rings together have open at the same time,
 * besides their connections.
 *
 * Returns  CAPACITY_SUFFICES  conns_max was 0, or did not change
 *          CAPACITY_FILES     conns_max was lowered: there are too few fds
 *          CAPACITY_CQ        conns_max was lowered: a CQ would be too large */
enum capacity_reason capacity_fit(struct limits *limits,
                                  const struct capacity *capacity,
                                  unsigned files);

/* Returns the number of CQ entries to request for limits->conns_max. */
unsigned capacity_cq(const struct limits *limits);

/* Returns how many connections may use a CQ with this number of entries. With
 * too many connections, the first operation of each could use up the entries.
 * Then every connection would wait forever for an entry for its second
 * operation. */
unsigned capacity_of_cq(unsigned entries);

/* Halves limits->conns_max. Call it if the memory for that many connections
 * could not be allocated. Returns false, and changes nothing, if the user has
 * set this number, or if it is LIMIT_CONNS_LEAST or lower. */
bool capacity_shrink(struct limits *limits);

#endif
