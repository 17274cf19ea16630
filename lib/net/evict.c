/* evict.c: chooses the connection to end for a new client; see evict.h.
 * Introduced in phase 10. Needs: evict.h, loop.h.
 *
 * What it teaches: an idle connection loses nothing if it ends. A head or a
 * body that is incomplete for long is rarely that of a live client, and the
 * longest wait is the least likely to end. A request that is being answered is
 * never given up for another one. */
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
    (void)loop_call_later(&server->grace, /* has room */
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
