/* evict.c: chooses the connection to end for a new client; see evict.h.
 * Introduced in phase 10. Needs: evict.h, loop.h.
 *
 * What it teaches: ending an idle connection does not lose a request. If a head
 * or a body has been incomplete for a long time, its client has probably
 * failed. The longer it has been incomplete, the more probable that is. While
 * the server is answering a connection's request, it never ends that connection
 * to make room for another client. */
#include "evict.h"

#include "loop.h"

#define GRACE_NS (LIMIT_HEAD_GRACE_MS * UINT64_C(1000000))

struct conn *evict_find(struct server *server)
{
    struct conn *conn;

    if (server->idle.first != NULL)
        return container_of(server->idle.first, struct conn, idle);
    if (server->heads.first == NULL)
        return NULL;
    conn = container_of(server->heads.first, struct conn, head);
    return loop_now_ns() - conn->head_ns >= GRACE_NS ? conn : NULL;
}

void evict_arm_grace(struct server *server)
{
    struct conn *conn;

    if (server->is_stopping || room_is_left(server->room) ||
        server->heads.first == NULL || timer_is_armed(&server->grace) ||
        evict_find(server) != NULL)
        return;
    conn = container_of(server->heads.first, struct conn, head);
    (void)loop_call_later(&server->grace, /* cannot fail: a timer is free */
                          GRACE_NS - (loop_now_ns() - conn->head_ns));
}

void evict_note_head(struct conn *conn)
{
    if (conn->head.is_listed || conn->is_leaving)
        return;
    conn->head_ns = loop_now_ns();
    idle_add(&conn->server->heads, &conn->head);
    evict_arm_grace(conn->server); /* a client may be waiting */
}
