/* sim_socket.c: connections; see sim_socket.h.
 *
 * What it teaches: a connection has four states of its input, and recv(2)
 * reports them in this order: bytes, an error, the end, nothing yet. */
#include "sim_socket.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "queue.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sim_pick.h"
#include "sys.h"
#include "sys_net.h"

#define CONNS_MAX 16u
#define PORT 7878

static struct {
    struct sim_file listener;
    bool is_listening;
    struct sim_conn *backlog;
    struct sim_conn conns[CONNS_MAX];
    unsigned count;
} sockets;

void socket_begin(void)
{
    for (unsigned i = 0; i < sockets.count; i++)
        memset(&sockets.conns[i], 0, sizeof sockets.conns[i]);
    sockets.count = 0;
    sockets.backlog = NULL;
    sockets.is_listening = false;
    memset(&sockets.listener, 0, sizeof sockets.listener);
}

size_t flow_room(const struct flow *flow)
{
    return flow->limit - flow->len;
}

size_t flow_put(struct flow *flow, const void *from, size_t len)
{
    if (len > flow_room(flow))
        len = flow_room(flow);
    memory_copy(flow->bytes + flow->len, from, len);
    flow->len += (unsigned)len;
    flow->total += len;
    return len;
}

size_t flow_take(struct flow *flow, void *to, size_t len)
{
    if (len > flow->len)
        len = flow->len;
    memory_copy(to, flow->bytes, len);
    flow->len -= (unsigned)len;
    memmove(flow->bytes, flow->bytes + len, flow->len);
    return len;
}

static unsigned conn_poll(struct sim_file *file)
{
    const struct sim_conn *conn = container_of(file, struct sim_conn, file);
    bool is_over = conn->is_reset || conn->in.has_end || conn->reads_no_more;

    return (conn->in.len > 0 || is_over ? POLLIN : 0) |
           (flow_room(&conn->out) > 0 || conn->is_reset ? POLLOUT : 0) |
           (conn->error != 0 ? POLLERR : 0) | (conn->is_reset ? POLLHUP : 0);
}

/* With unread bytes, the peer gets an RST: it must not believe that the program
 * has read them. */
static void conn_close(struct sim_file *file)
{
    struct sim_conn *conn = container_of(file, struct sim_conn, file);

    conn->is_closed = true;
    if (conn->aborts_at_close || conn->in.len > 0) {
        conn->is_aborted = true;
        conn->out.len = 0;
    } else {
        conn->out.has_end = true;
    }
}

static const struct file_class conn_class = {
    .name = "connection", .poll = conn_poll, .close = conn_close,
};

static unsigned listener_poll(struct sim_file *file)
{
    (void)file;
    return sockets.backlog != NULL ? POLLIN : 0;
}

static void listener_close(struct sim_file *file)
{
    (void)file;
    sockets.is_listening = false;
    for (; sockets.backlog != NULL; sockets.backlog = sockets.backlog->next)
        sockets.backlog->is_aborted = sockets.backlog->is_closed = true;
}

static const struct file_class listener_class = {
    .name = "listener", .poll = listener_poll, .close = listener_close,
};

struct sim_conn *socket_connect(void)
{
    unsigned limit = FLOW_LEN_MAX;
    struct sim_conn *conn, **at = &sockets.backlog;

    if (!sockets.is_listening)
        return NULL;
    assert(sockets.count < CONNS_MAX);
    conn = &sockets.conns[sockets.count++];
    if (knob_is_on(KNOB_SMALL_SOCKET))
        limit = 1 + pick(64);
    conn->file.class = &conn_class;
    conn->in.limit = conn->out.limit = limit;
    while (*at != NULL)
        at = &(*at)->next;
    *at = conn;
    return conn;
}

/* Bytes that have arrived stay readable. */
void socket_reset(struct sim_conn *conn)
{
    conn->is_reset = true;
    conn->error = -ECONNRESET;
    conn->out.len = 0;
}

static struct sim_conn *conn_of(const struct sim_file *file)
{
    check_that(file != NULL && file->class == &conn_class,
               "no-operation-on-a-closed-fd",
               "a call for a connection uses a descriptor that is none", 0);
    return container_of((struct sim_file *)file, struct sim_conn, file);
}

int socket_peek(const struct sim_file *file)
{
    const struct sim_conn *conn = conn_of(file);

    if (conn->in.len > 0)
        return (int)conn->in.len;
    if (conn->error != 0)
        return conn->error;
    return conn->in.has_end || conn->is_reset || conn->reads_no_more
               ? 0 : FILE_WAITS;
}

int socket_recv(struct sim_file *file, void *to, size_t len)
{
    struct sim_conn *conn = conn_of(file);
    int result = socket_peek(file);

    if (result > 0)
        result = (int)flow_take(&conn->in, to, len);
    else if (result == conn->error)
        conn->error = 0;
    return result;
}

int socket_send(struct sim_file *file, const void *from, size_t len)
{
    struct sim_conn *conn = conn_of(file);
    int result = conn->error;

    if (result != 0 || conn->is_reset) {
        conn->error = 0;
        return result != 0 ? result : -EPIPE;
    }
    return flow_room(&conn->out) == 0 ? FILE_WAITS
                                      : (int)flow_put(&conn->out, from, len);
}

int socket_accept(struct sim_file *file)
{
    /* Those of accept(2) that are not about a wrong argument. */
    static const int errors[] = {-ECONNABORTED, -EMFILE, -ENFILE, -ENOBUFS,
                                 -ENOMEM, -EPROTO};
    struct sim_conn *conn = sockets.backlog;
    int fd;

    assert(file == &sockets.listener);
    if (conn == NULL)
        return FILE_WAITS;
    if (knob(KNOB_ACCEPT_ERROR))
        return errors[pick(sizeof errors / sizeof *errors)];
    fd = knob(KNOB_FD_LIMIT) ? -EMFILE : file_install(&conn->file);
    if (fd >= 0)
        sockets.backlog = conn->next;
    return fd;
}

int socket_end_output(struct sim_file *file, int how)
{
    struct sim_conn *conn = conn_of(file);

    check_that(how == SHUT_WR, "simulated-operation", "a shutdown of", how);
    if (conn->is_reset)
        return -ENOTCONN;
    conn->out.has_end = true;
    return 0;
}

int sys_socket(int domain, int type, int protocol)
{
    (void)domain, (void)type, (void)protocol;
    assert(sockets.listener.fds == 0); /* one listener */
    sockets.listener = (struct sim_file){.class = &listener_class};
    return file_install(&sockets.listener);
}

int sys_listen(int fd, int backlog)
{
    (void)backlog;
    assert(file_of(fd) == &sockets.listener);
    sockets.is_listening = true;
    return 0;
}

bool sys_has_input(int fd)
{
    struct sim_file *file = file_of(fd);

    assert(file != NULL && file->class->poll != NULL);
    return (file->class->poll(file) & POLLIN) != 0;
}

int sys_shutdown(int fd, int how)
{
    struct sim_conn *conn = conn_of(file_of(fd));

    assert(how == SHUT_RD);
    conn->reads_no_more = true;
    return 0;
}

int sys_set_linger(int fd, const struct linger *linger)
{
    conn_of(file_of(fd))->aborts_at_close =
        linger->l_onoff && linger->l_linger == 0;
    return 0;
}
