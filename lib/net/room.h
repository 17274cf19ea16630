/* room.h: how many connections a ring can still take.
 * Introduced in phase 8. Needs: nothing.
 *
 * A connection that was accepted by a full ring can be served by another one.
 * Taking a slot before the descriptor is sent makes sure that it has one there:
 * any thread may take, and the ring itself takes from the same count. */
#ifndef ONE_RING_ROOM_H
#define ONE_RING_ROOM_H

#include <stdatomic.h>
#include <stdbool.h>

/* Zeroed: no room. */
struct room {
    atomic_uint slots;
};

/* Takes a slot. Returns false if there is none. */
static inline bool room_take(struct room *room)
{
    unsigned slots = atomic_load(&room->slots);

    while (slots > 0)
        if (atomic_compare_exchange_weak(&room->slots, &slots, slots - 1))
            return true;
    return false;
}

/* Adds count slots. */
static inline void room_add(struct room *room, unsigned count)
{
    (void)atomic_fetch_add(&room->slots, count);
}

/* Takes all slots, and returns their number. */
static inline unsigned room_take_all(struct room *room)
{
    return atomic_exchange(&room->slots, 0);
}

/* Returns true if there was room a moment ago. */
static inline bool room_is_left(struct room *room)
{
    return atomic_load(&room->slots) > 0;
}

struct server;

/* The other rings of a program, for a server whose program has several. */
struct server_peers {
    struct room *room; /* borrowed; how many connections this server can take */

    /* Returns true if another ring has room. After false, server_on_room is
     * called when one has. */
    bool (*have_room)(struct server *server);

    /* Gives fd to another ring, whose thread calls server_adopt. Returns false
     * if none has room; then the caller keeps fd. */
    bool (*take)(struct server *server, int fd);

    /* Called when a connection has ended and its slot is free. */
    void (*on_room)(struct server *server);
};

#endif
