/* sim_peers.c: the clients of an echo server; see sim_peers.h.
 *
 * What it teaches: the invariants of an echo. At any time, the bytes that came
 * back are a prefix of those that were sent. After a clean end, a FIN, they are
 * all bytes that the server has accepted. After an RST, the client knows that
 * it must not rely on them. */
#include "sim_peers.h"

#include <string.h>

#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_socket.h"
#include "sim_world.h"

#define PEERS_MAX 6u
#define SENT_MAX 3000u
#define PART_MAX 700u
#define PAUSE_NS UINT64_C(1000000000)

struct peer {
    struct sim_conn *conn; /* borrowed; NULL: not connected yet */
    unsigned number;
    uint64_t wakes_ns; /* it does nothing before this time */
    uint64_t to_send, received;
    bool half_closes; /* ends its side as soon as all is sent */
    bool is_mute;     /* reads nothing more */
    bool is_done;
};

static struct {
    struct peer peers[PEERS_MAX];
    unsigned count;
} peers;

/* Returns byte n of a peer. It differs from byte n + 1, and from byte n of
 * another peer. */
static unsigned char pattern(const struct peer *peer, uint64_t n)
{
    return (unsigned char)(peer->number * 89 + n * 7 + (n >> 8));
}

static void end(struct peer *peer, const char *how)
{
    check_trace("peer %u %s: sent %u, received %u", peer->number, how,
                (unsigned)(peer->conn != NULL ? peer->conn->in.total : 0),
                (unsigned)peer->received);
    peer->is_done = true;
    check_progress();
}

/* A connection is complete when it is in the backlog, before the accept: the
 * peer may send immediately. */
static void peer_connect(void *object)
{
    struct peer *peer = object;

    peer->conn = socket_connect();
    if (peer->conn == NULL)
        end(peer, "is refused");
    else
        check_trace("peer %u connects", peer->number);
}

/* Sends a part of random length: the server must not depend on the parts. */
static void peer_send(void *object)
{
    struct peer *peer = object;
    uint64_t sent = peer->conn->in.total;
    unsigned len = 1 + pick(PART_MAX);
    char part[PART_MAX];

    if (len > peer->to_send - sent)
        len = (unsigned)(peer->to_send - sent);
    for (unsigned i = 0; i < len; i++)
        part[i] = (char)pattern(peer, sent + i);
    len = (unsigned)flow_put(&peer->conn->in, part, len);
    check_trace("peer %u sends %u", peer->number, len);
    if (knob(KNOB_PEER_SLOW))
        peer->wakes_ns = world_now_ns() + (1 + pick(20)) * PAUSE_NS;
    check_progress();
}

/* A mute peer does not read, but its connection stays open. The server has to
 * detect this by its deadline. */
static void peer_receive(void *object)
{
    struct peer *peer = object;
    char part[PART_MAX];
    size_t len = flow_take(&peer->conn->out, part, 1 + pick(PART_MAX));

    check_trace("peer %u receives %u", peer->number, (unsigned)len);
    for (size_t i = 0; i < len; i++)
        check_that((unsigned char)part[i] == pattern(peer, peer->received + i),
                   "bytes-are-a-prefix", "wrong is echoed byte",
                   (int64_t)(peer->received + i));
    peer->received += len;
    check_that(peer->received <= peer->conn->in.total, "bytes-are-a-prefix",
               "echoed are more bytes than sent:", (int64_t)peer->received);
    peer->is_mute = knob(KNOB_PEER_MUTE);
    check_progress();
}

/* Sends a FIN. The peer still reads. */
static void peer_finish(void *object)
{
    struct peer *peer = object;

    check_trace("peer %u ends its side", peer->number);
    peer->conn->in.has_end = true;
}

/* Resets the connection. The peer does not read the rest of the echo, so
 * nothing is known about it. */
static void peer_reset(void *object)
{
    struct peer *peer = object;

    socket_reset(peer->conn);
    end(peer, "resets");
}

/* Handles the program's FIN, after the peer has received all bytes before
 * it. */
static void peer_see_end(void *object)
{
    struct peer *peer = object;

    check_that(peer->received == peer->conn->in.total,
               "bytes-are-equal-at-a-clean-end", "not echoed before a FIN:",
               (int64_t)(peer->conn->in.total - peer->received));
    end(peer, "sees the end");
}

static void peer_give_up(void *object)
{
    end(object, "gives up");
}

static void peer_see_reset(void *object)
{
    end(object, "sees a reset");
}

/* Offers the next events of a peer. They depend only on data that has arrived
 * at the peer, and not on any state of the server. */
static void offer_connected(struct peer *peer)
{
    struct sim_conn *conn = peer->conn;
    uint64_t sent = conn->in.total;
    bool has_sent = sent == peer->to_send;

    if (conn->is_aborted) {
        world_offer(peer_see_reset, peer);
        return;
    }
    if (conn->is_closed && conn->out.len == 0) {
        world_offer(peer_see_end, peer);
        return;
    }
    if (conn->is_closed && peer->is_mute) {
        world_offer(peer_give_up, peer);
        return;
    }
    if (!has_sent && !conn->is_closed && flow_room(&conn->in) > 0)
        world_offer_at(peer->wakes_ns, peer_send, peer);
    if (conn->out.len > 0 && !peer->is_mute)
        world_offer_at(peer->wakes_ns, peer_receive, peer);
    if (has_sent && !conn->in.has_end &&
        (peer->half_closes || peer->received == sent))
        world_offer_at(peer->wakes_ns, peer_finish, peer);
    if (knob_is_on(KNOB_PEER_RESET) && pick(64) == 0)
        world_offer(peer_reset, peer);
}

static void offer_events(void)
{
    for (unsigned i = 0; i < peers.count; i++) {
        struct peer *peer = &peers.peers[i];

        if (peer->is_done)
            continue;
        if (peer->conn == NULL)
            world_offer_at(peer->wakes_ns, peer_connect, peer);
        else
            offer_connected(peer);
    }
}

void peers_begin(unsigned count_max)
{
    memset(&peers, 0, sizeof peers);
    peers.count = 1 + pick(count_max < PEERS_MAX ? count_max : PEERS_MAX);
    for (unsigned i = 0; i < peers.count; i++)
        peers.peers[i] = (struct peer){
            .number = i,
            .wakes_ns = world_now_ns() + pick(3) * PAUSE_NS,
            .to_send = pick(SENT_MAX),
            .half_closes = pick(2) == 0,
        };
    world_add_source(offer_events);
}

bool peers_are_done(void)
{
    for (unsigned i = 0; i < peers.count; i++)
        if (!peers.peers[i].is_done)
            return false;
    return true;
}

void peers_check_end(void)
{
    for (unsigned i = 0; i < peers.count; i++) {
        const struct peer *peer = &peers.peers[i];

        check_that(!knobs_are_calm() || peer->received == peer->to_send,
                   "every-client-served", "not served to its end is peer", i);
        check_that(peer->is_done || peer->conn == NULL || peer->conn->is_closed,
                   "every-client-served", "still connected is peer", i);
    }
}
