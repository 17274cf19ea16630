/* handoff.c: a full worker passes its connections on; see handoff.h.
 * Introduced in phase 8. Needs: handoff.h.
 *
 * What it teaches: take the slot first, then send the connection. The sender
 * takes a slot of the receiver before it sends the descriptor, so a connection
 * that is under way always has a slot. */
#include "handoff.h"

static void handoff_has_room(struct post *post)
{
    struct worker *worker =
        container_of(message_received(post), struct worker, has_room);

    if (worker->is_serving)
        server_on_room(&worker->server);
}

/* Runs in the thread of `to`, the worker that receives the connection. */
static void handoff_arrived(struct post *post)
{
    struct handoff *handoff =
        container_of(post, struct handoff, message.post);
    struct worker *from = handoff->from, *to = handoff->to;
    int fd = handoff->fd;

    (void)message_received(post); /* after this, `from` may reuse *handoff */
    server_adopt(&to->server, fd);
    if (atomic_load(&from->is_full))
        message_send(&from->has_room, &from->box);
}

static bool handoff_is_possible(struct server *server)
{
    struct worker *self = container_of(server, struct worker, server);

    atomic_store(&self->is_full, true);
    for (unsigned i = 0; i < self->count; i++)
        if (&self->workers[i] != self && room_is_left(&self->workers[i].room))
            return true;
    return false;
}

static bool handoff_send(struct server *server, int fd)
{
    struct worker *self = container_of(server, struct worker, server);
    struct handoff *unused = NULL;

    atomic_store(&self->is_full, true);
    for (int i = 0; i < HANDOFFS_MAX && unused == NULL; i++)
        if (!atomic_load(&self->handoffs[i].message.is_under_way))
            unused = &self->handoffs[i];
    for (unsigned i = 0; i < self->count && unused != NULL; i++) {
        struct worker *to = &self->workers[i];

        if (to != self && room_take(&to->room)) {
            unused->from = self;
            unused->to = to;
            unused->fd = fd;
            unused->message.post.fn = handoff_arrived;
            message_send(&unused->message, &to->box);
            return true;
        }
    }
    return false;
}

static void handoff_tell_room(struct server *server)
{
    struct worker *self = container_of(server, struct worker, server);

    if (!room_is_left(&self->room))
        return;
    atomic_store(&self->is_full, false);
    for (unsigned i = 0; i < self->count; i++)
        if (atomic_load(&self->workers[i].is_full))
            message_send(&self->workers[i].has_room, &self->workers[i].box);
}

void handoff_init(struct worker *worker)
{
    worker->has_room.post.fn = handoff_has_room;
    worker->peers = (struct server_peers){
        .room = &worker->room,
        .have_room = handoff_is_possible,
        .take = handoff_send,
        .on_room = handoff_tell_room,
    };
}
