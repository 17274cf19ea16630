/* relay_way.c: moves the bytes of a relay; see relay.h.
 *
 * What it teaches: splice moves pages between a socket and a pipe. No byte of
 * them enters the memory of the program. Two things make it awkward.
 *
 *  - A splice needs a pipe on one side, so a relay needs two splices: socket to
 *    pipe, pipe to socket. The second may be short, and then the pipe still has
 *    bytes, which are sent before anything else is read.
 *  - IORING_OP_SPLICE always runs in an io-wq worker, a kernel thread. A splice
 *    that waits for a silent socket would occupy a thread per connection. So
 *    the sockets are O_NONBLOCK, and the wait is a poll, which needs no thread.
 *    It is one of the few places where a ring program wants O_NONBLOCK. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "await.h"
#include "operation.h"
#include "relay.h"
#include "sys_process.h"
#include "uring_compat.h"

int relay_await_pipe(int fds[2], bool by_ring)
{
    struct await await;
    int rc = -EINVAL;

    if (by_ring) {
        ur_prep_pipe(await_start(&await), fds, O_CLOEXEC);
        rc = await_result(&await);
    }
    return rc == -EINVAL ? sys_pipe(fds) : rc;
}

/* Waits for input. The deadline of an idle connection starts again as long as
 * bytes pass the other way. */
static int relay_await_input(struct relay_way *way)
{
    int rc;

    do {
        deadline_set_ns(way->idle_ns);
        rc = await_poll(way->from, POLLIN);
    } while (rc == -ETIME &&
             loop_now_ns() - *way->active_ns < way->idle_ns);
    deadline_clear();
    return rc;
}

/* Passes the end of the input on. */
static int relay_await_end(struct relay_way *way)
{
    int rc = await_shutdown(way->to, SHUT_WR);

    return rc == -ENOTCONN ? -ECONNRESET : rc;
}

/* Moves all len bytes of the pipe to the socket. Returns 0 or -errno. */
static int relay_await_drained(struct relay_way *way, int len)
{
    while (len > 0) {
        int sent = await_splice(way->pipe[0], -1, way->to, -1, (unsigned)len);

        if (sent == -EAGAIN) {
            deadline_set_ns(way->send_ns);
            sent = await_poll(way->to, POLLOUT);
            deadline_clear();
            if (sent < 0)
                return sent;
        } else if (sent <= 0) {
            return sent < 0 ? sent : -EPIPE;
        } else {
            len -= sent;
            *way->active_ns = loop_now_ns();
        }
    }
    return 0;
}

int relay_await_splice(struct relay_way *way)
{
    for (;;) {
        int rc = await_splice(way->from, -1, way->pipe[1], -1, RELAY_LEN);

        if (rc == 0)
            return relay_await_end(way);
        if (rc == -EAGAIN)
            rc = relay_await_input(way);
        else if (rc > 0)
            rc = relay_await_drained(way, rc);
        if (rc < 0)
            return rc;
    }
}

int relay_await_copy(struct relay_way *way)
{
    for (;;) {
        int rc, got;

        do {
            deadline_set_ns(way->idle_ns);
            got = await_recv(way->from, way->buf, RELAY_LEN, 0);
        } while (got == -ETIME &&
                 loop_now_ns() - *way->active_ns < way->idle_ns);
        if (got <= 0)
            return got < 0 ? got : relay_await_end(way);
        for (int sent = 0; sent < got; sent += rc) {
            deadline_set_ns(way->send_ns);
            rc = await_send(way->to, way->buf + sent, (size_t)(got - sent), 0);
            if (rc <= 0)
                return rc < 0 ? rc : -EPIPE;
            *way->active_ns = loop_now_ns();
        }
    }
}
