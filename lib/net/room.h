/* room.h: how many connections a ring can still take.
 * Introduced in phase 8. Needs: nothing.
 *
 * Each connection needs a slot, which is a struct conn of the ring's server. A
 * ring without a free slot passes accepted clients to other rings. Before a
 * ring sends a client's fd, it takes one of the other ring's free slots, so
 * that the client has a slot when it arrives. The count of free slots is
 * atomic, because the threads of all rings take slots from it. */
#ifndef ONE_RING_ROOM_H
#define ONE_RING_ROOM_H

#include <stdatomic.h>
#include <stdbool.h>

/* A zeroed room has no slots. */
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

/* Returns true if a slot is free. Another thread may take it at any time. */
static inline bool room_is_left(struct room *room)
{
    return atomic_load(&room->slots) > 0;
}

struct server;

/* Functions through which a server reaches the other rings of its program. */
struct server_peers {
    struct room *room; /* borrowed; the free slots of this server */

    /* Returns true if another ring has room. If this returns false, the next
     * ring with a free slot makes this server's thread call server_on_room. */
    bool (*have_room)(struct server *server);

    /* Sends fd to another ring, whose thread calls server_adopt. Returns false
     * if no other ring can take it; the caller then still owns fd. */
    bool (*take)(struct server *server, int fd);

    /* Notifies full rings that this ring may have room. Called when this ring's
     * server has been initialized, and when a slot has become free. */
    void (*on_room)(struct server *server);
};

#endif
