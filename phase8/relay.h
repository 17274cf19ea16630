/* relay.h: what moves the bytes of a relay, in one direction. */
#ifndef PHASE8_RELAY_H
#define PHASE8_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELAY_LEN 65536u /* bytes of a pipe, or of a buffer */

struct relay_way {
    int from, to;          /* borrowed: sockets */
    int pipe[2];           /* owned, for relay_await_splice */
    char *buf;             /* borrowed: RELAY_LEN bytes, for relay_await_copy */
    uint64_t send_ns;      /* how long `to` may take nothing */
    uint64_t idle_ns;      /* how long both ways may be silent */
    uint64_t *active_ns;   /* borrowed: when bytes passed last, either way */
};

/* Moves bytes from `from` to `to` until the end of the input, then shuts down
 * the sending side of `to`. At most RELAY_LEN bytes are on their way: while
 * `to` takes nothing, this reads nothing. relay_await_splice needs a pipe, and
 * sockets with O_NONBLOCK. relay_await_copy needs a buffer, and sockets
 * without.
 *
 * Returns  0           the end of the input was passed on
 *          -ETIME      send_ns or idle_ns has passed
 *          -ECANCELED  the task was cancelled; bytes may be lost
 *          -errno      from splice(2), recv(2) or send(2): a connection has
 *                      failed, and the caller should reset the other one */
int relay_await_splice(struct relay_way *way);
int relay_await_copy(struct relay_way *way);

/* Creates a pipe. by_ring: asks the ring for it (Linux 6.16); a kernel that
 * does not know the operation, or false: by pipe2(2). The caller owns both fds.
 *
 * Returns  0       success
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create the pipe
 *          -ECANCELED, -ETIME  interrupted */
int relay_await_pipe(int fds[2], bool by_ring);

#endif
