/* sim_clients.c: the clients of a web server; see sim_clients.h.
 *
 * What it teaches: requests are a stream of bytes, too. The answers must not
 * depend on where the stream is cut, or on whether a client waits for an answer
 * before it sends the next request. */
#include "sim_clients.h"

#include <stdio.h>
#include <string.h>

#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_reply.h"
#include "sim_socket.h"
#include "sim_world.h"

#define CLIENTS_MAX 6u
#define REQUESTS_MAX 5u
#define TEXT_MAX (REQUESTS_MAX * 80)
#define PART_MAX 900u
#define PAUSE_NS UINT64_C(1000000000)

struct client {
    struct sim_conn *conn; /* borrowed; NULL: not connected yet */
    unsigned number;
    uint64_t wakes_ns; /* it does nothing before */
    char text[TEXT_MAX]; /* all requests */
    unsigned text_len, sent;
    struct request requests[REQUESTS_MAX];
    unsigned count, answered;
    struct reply reply; /* to request number `answered` */
    bool pipelines;     /* sends before it has the answers */
    bool half_closes;   /* ends its side when all is sent */
    bool is_mute;       /* reads nothing more */
    bool is_refused;    /* the server has closed the connection between two
                           answers, to make room for other clients */
    bool is_done;
};

static struct {
    struct client clients[CLIENTS_MAX];
    unsigned count;
} clients;

static void end(struct client *client, const char *how)
{
    check_trace("client %u %s: %u of %u requests answered", client->number, how,
                client->answered, client->count);
    client->is_done = true;
    check_progress();
}

/* The server may have no listener any more. */
static void client_connect(void *object)
{
    struct client *client = object;

    client->conn = socket_connect();
    if (client->conn == NULL)
        end(client, "is refused");
    else
        check_trace("client %u connects", client->number);
}

/* Returns the position up to which the client may send now: a client that does
 * not pipeline sends one request at a time. */
static unsigned sendable(const struct client *client)
{
    if (client->pipelines || client->answered == client->count)
        return client->text_len;
    return client->requests[client->answered].text_end;
}

/* Sends bytes. When it has sent the last byte of a request, records the number
 * of changes so far: the answer must not be older than these changes. */
static void client_send(void *object)
{
    struct client *client = object;
    unsigned len = sendable(client) - client->sent;

    if (pick(2) == 0)
        len = 1 + pick(len);
    len = (unsigned)flow_put(&client->conn->in, client->text + client->sent,
                             len);
    client->sent += len;
    check_trace("client %u sends %u", client->number, len);
    for (unsigned i = 0; i < client->count; i++)
        if (client->sent - len < client->requests[i].text_end &&
            client->sent >= client->requests[i].text_end)
            client->requests[i].since = editor_changes();
    if (knob(KNOB_PEER_SLOW))
        client->wakes_ns = world_now_ns() + (1 + pick(20)) * PAUSE_NS;
    check_progress();
}

/* Receives bytes. An answer may be cut anywhere, for example inside its
 * head. */
static void client_receive(void *object)
{
    struct client *client = object;
    char part[PART_MAX];
    size_t len = flow_take(&client->conn->out, part, 1 + pick(PART_MAX));

    check_trace("client %u receives %u", client->number, (unsigned)len);
    for (size_t i = 0; i < len; i++) {
        check_that(client->answered < client->count,
                   "one-answer-per-request", "more answers than requests:",
                   client->count);
        client->answered += reply_take(
            &client->reply, &client->requests[client->answered], part[i]);
    }
    client->is_mute = knob(KNOB_PEER_MUTE);
    check_progress();
}

/* A FIN. The client still reads. */
static void client_finish(void *object)
{
    struct client *client = object;

    check_trace("client %u ends its side", client->number);
    client->conn->in.has_end = true;
}

/* An RST, with answers on their way: the server finds out by its next send. */
static void client_reset(void *object)
{
    struct client *client = object;

    socket_reset(client->conn);
    end(client, "resets");
}

/* If a body is cut off, its length shows that to the client. Nothing would show
 * that a head is cut off, so a FIN inside a head is an error. */
static void client_see_end(void *object)
{
    struct client *client = object;

    client->is_refused = client->answered < client->count &&
                         client->sent < sendable(client);
    check_that(client->reply.head_len == 0 || client->reply.status != 0,
               "an-answer-is-complete-or-aborted",
               "bytes of a head before a FIN:", client->reply.head_len);
    end(client, "sees the end");
    client->conn->in.has_end = true;
}

static void client_give_up(void *object)
{
    end(object, "gives up");
}

static void client_see_reset(void *object)
{
    struct client *client = object;

    client->is_refused = client->reply.head_len == 0;
    end(client, "sees a reset");
}

/* Offers the events of a connected client, which depend on the bytes and flags
 * that have arrived at its side. */
static void offer_connected(struct client *client)
{
    struct sim_conn *conn = client->conn;
    bool has_sent = client->sent == client->text_len;
    bool is_over = conn->out.has_end && conn->out.len == 0;

    if (conn->is_aborted) {
        world_offer(client_see_reset, client);
        return;
    }
    if (is_over) {
        world_offer(client_see_end, client);
        return;
    }
    if (conn->is_closed && client->is_mute) {
        world_offer(client_give_up, client);
        return;
    }
    if (client->sent < sendable(client) && !conn->is_closed &&
        flow_room(&conn->in) > 0)
        world_offer_at(client->wakes_ns, client_send, client);
    if (conn->out.len > 0 && !client->is_mute)
        world_offer_at(client->wakes_ns, client_receive, client);
    if (has_sent && !conn->in.has_end &&
        (client->half_closes || client->answered == client->count))
        world_offer_at(client->wakes_ns, client_finish, client);
    if (knob_is_on(KNOB_PEER_RESET) && pick(64) == 0)
        world_offer(client_reset, client);
}

static void offer_events(void)
{
    for (unsigned i = 0; i < clients.count; i++) {
        struct client *client = &clients.clients[i];

        if (client->is_done)
            continue;
        if (client->conn == NULL)
            world_offer_at(client->wakes_ns, client_connect, client);
        else
            offer_connected(client);
    }
}

/* Appends a request to the client's text. */
static void add_request(struct client *client)
{
    struct request *request = &client->requests[client->count++];
    char *at = client->text + client->text_len;
    size_t room = sizeof client->text - client->text_len;
    char range[40] = "";

    *request = (struct request){
        .name = pick(TREE_NAMES + 1),
        .is_head = pick(6) == 0,
        .has_range = pick(4) == 0,
        .from = pick(8000),
    };
    request->has_range &= !request->is_head;
    if (request->has_range)
        snprintf(range, sizeof range, "Range: bytes=%u-\r\n", request->from);
    client->text_len += (unsigned)snprintf(
        at, room, "%s /%s HTTP/1.1\r\nHost: a\r\n%s\r\n",
        request->is_head ? "HEAD" : "GET",
        request->name == REPLY_NO_NAME ? "none" : tree_name(request->name),
        range);
    request->text_end = client->text_len;
}

void clients_begin(unsigned count_max)
{
    memset(&clients, 0, sizeof clients);
    clients.count = 1 + pick(count_max < CLIENTS_MAX ? count_max : CLIENTS_MAX);
    for (unsigned i = 0; i < clients.count; i++) {
        struct client *client = &clients.clients[i];

        client->number = i;
        client->wakes_ns = world_now_ns() + pick(3) * PAUSE_NS;
        client->pipelines = pick(2) == 0;
        client->half_closes = pick(4) == 0;
        for (unsigned n = 1 + pick(REQUESTS_MAX); n > 0; n--)
            add_request(client);
    }
    world_add_source(offer_events);
}

bool clients_are_done(void)
{
    for (unsigned i = 0; i < clients.count; i++)
        if (!clients.clients[i].is_done)
            return false;
    return true;
}

void clients_check_end(void)
{
    bool is_calm = !reply_may_fail() && editor_changes() == 0;

    for (unsigned i = 0; i < clients.count; i++) {
        const struct client *client = &clients.clients[i];

        check_that(!is_calm || client->is_refused ||
                       client->answered == client->count,
                   "every-client-served", "not all is answered for client", i);
        check_that(client->is_done || client->conn == NULL ||
                       client->conn->is_closed,
                   "every-client-served", "still connected is client", i);
    }
}
