/* states.h: memory for the tasks of connections, last in, first out.
 * Introduced in phase 10. Needs: sys.h.
 *
 * A state is memory that a connection's task uses while it serves requests.
 * There is one state per connection, so states_take always finds a free one.
 * But most connections have no task (dormant.h). The state that was released
 * last is taken first, so that a few tasks use only a few states, which stay in
 * the processor's cache.
 *
 *     free:  [ cold, cold, cold, cold | warm, warm ]  <-- taken, released here
 *
 * The STATES_WARM_MAX free states that were released last keep their memory.
 * The memory of the others is discarded, so that a burst of requests does not
 * hold it forever. */
#ifndef ONE_RING_STATES_H
#define ONE_RING_STATES_H

#include <assert.h>
#include <stddef.h>

#include "sys.h"

#define STATES_WARM_MAX 256u

struct states {
    char *memory;   /* borrowed: count states of len bytes */
    size_t len;     /* bytes per state; if it is not a multiple of the page
                       size, no memory is discarded */
    unsigned *free; /* borrowed: free indices, in order of release */
    unsigned free_count, cold_count;
};

/* Marks all states as free. memory has room for count states, and free for
 * count indices. */
static inline void states_init(struct states *states, unsigned count,
                               char *memory, size_t len, unsigned *free)
{
    *states = (struct states){memory, len, free, count, count};
    for (unsigned i = 0; i < count; i++)
        free[i] = count - 1 - i; /* number 0 is taken first */
}

/* Takes a free state, and returns its index. A state must be free
 * (asserted). */
static inline unsigned states_take(struct states *states)
{
    assert(states->free_count > 0);
    states->free_count--;
    if (states->cold_count > states->free_count)
        states->cold_count = states->free_count;
    return states->free[states->free_count];
}

/* Returns the memory of a state. This is a function because admit.c needs it,
 * too. */
static inline void *states_memory(const struct states *states, unsigned index)
{
    return states->memory + index * states->len;
}

static inline void states_release(struct states *states, unsigned index)
{
    states->free[states->free_count++] = index;
    if (states->free_count - states->cold_count > STATES_WARM_MAX) {
        index = states->free[states->cold_count++];
        if (states->len > 0 && states->len % sys_page_size() == 0)
            sys_discard(states_memory(states, index), states->len);
    }
}

#endif
