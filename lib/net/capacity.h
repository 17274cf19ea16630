/* capacity.h: how many connections a server can hold.
 * Introduced in phase 8. Needs: server_limits.h.
 *
 *     open files of the process, N
 *     | 100: rings, listeners ... | files that the server opens | connections |
 *
 * A server that accepts more connections than it has fds for runs out of them
 * in the middle of its work: it has a connection, and cannot open the file to
 * send. A server with a lower limit than it could have refuses work. So the
 * default is all that fits. If N is so low that less than half of it would be
 * left for connections, they get half.
 *
 * A connection needs entries in the CQ, too. The CQ is locked memory, of which
 * an ordinary user has 8 MiB for all processes by default. */
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

/* Raises the process's soft limit of open files to the hard limit. Returns what
 * the process may have. Does not suspend. */
struct capacity capacity_raise(void);

/* Why fewer connections fit than were asked for. */
enum capacity_reason { CAPACITY_SUFFICES, CAPACITY_FILES, CAPACITY_CQ };

/* Sets limits->conns_max and limits->files_max, both per ring, to what fits
 * into capacity. Keeps a lower conns_max; 0 asks for as many as fit. files is
 * how many files all rings open at once besides their connections.
 *
 * Returns  CAPACITY_SUFFICES  conns_max was 0, or did not change
 *          CAPACITY_FILES     the process may not open that many files
 *          CAPACITY_CQ        a ring's CQ may not have that many entries */
enum capacity_reason capacity_fit(struct limits *limits,
                                  const struct capacity *capacity,
                                  unsigned files);

/* Returns the number of CQ entries to request for limits->conns_max. */
unsigned capacity_cq(const struct limits *limits);

/* Returns how many connections may use a CQ with this number of entries. With
 * more, each of them could have one operation in flight, and wait forever for
 * an entry for a second one. */
unsigned capacity_of_cq(unsigned entries);

/* Halves limits->conns_max, because memory for all of them was not available.
 * Returns false, and changes nothing, if the user asked for this number, or if
 * it is LIMIT_CONNS_LEAST or lower. */
bool capacity_shrink(struct limits *limits);

#endif
