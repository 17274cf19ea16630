/* sim_socket.h: connections. The program has one end, and a simulated peer has
 * the other end.
 *
 *              in                              in
 *     peer ---------> [ bounded buffer ] ---------> the program
 *          <--------- [ bounded buffer ] <---------
 *              out                             out
 *
 * The rules are those of TCP: a FIN ends one direction, an RST ends both, and a
 * close with unread bytes is an RST. */
#ifndef PHASE6_SIM_SOCKET_H
#define PHASE6_SIM_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_file.h"

#define FLOW_LEN_MAX 4096u

/* One direction. */
struct flow {
    char bytes[FLOW_LEN_MAX];
    unsigned len, limit;
    uint64_t total; /* bytes that were ever put into it */
    bool has_end;   /* a FIN follows the bytes */
};

struct sim_conn {
    struct sim_file file; /* the program's end */
    struct flow in, out;
    struct sim_conn *next; /* in the backlog */
    int error;             /* to report once: -ECONNRESET */
    bool is_reset;         /* by the peer */
    bool is_aborted;       /* by the program: the peer has got an RST */
    bool is_closed;        /* by the program */
    bool reads_no_more;    /* the program has called shutdown(SHUT_RD) */
    bool aborts_at_close;  /* SO_LINGER with 0 seconds */
};

/* Forgets all sockets. */
void socket_begin(void);

/* The peer's side. socket_connect returns NULL if the program does not listen:
 * the connection is refused. */
struct sim_conn *socket_connect(void);
void socket_reset(struct sim_conn *conn);

/* flow_put and flow_take add or remove up to len bytes, and return their
 * number. flow_room returns the number of bytes that fit. */
size_t flow_put(struct flow *flow, const void *from, size_t len);
size_t flow_take(struct flow *flow, void *to, size_t len);
size_t flow_room(const struct flow *flow);

/* The program's side, as recv(2), send(2) and accept(2). Return the number of
 * bytes or the fd, -errno, or FILE_WAITS. */
int socket_recv(struct sim_file *file, void *to, size_t len);
int socket_send(struct sim_file *file, const void *from, size_t len);
int socket_accept(struct sim_file *file);

/* shutdown(2) with SHUT_WR. Returns 0 or -ENOTCONN. */
int socket_end_output(struct sim_file *file, int how);

/* Returns how many bytes a recv would return, 0 at the end, -errno, or
 * FILE_WAITS. Changes nothing. */
int socket_peek(const struct sim_file *file);

#endif
