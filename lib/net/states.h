/* states.h: memory for the tasks of connections, last in, first out.
 * Introduced in phase 10. Needs: nothing.
 *
 * There is one state per connection, so that none is ever missing. But most
 * connections have no task (dormant.h). The order, last in first out, lets few
 * tasks use few states: those that are in the processor's cache. The others are
 * never touched, and take no memory. */
#ifndef ONE_RING_STATES_H
#define ONE_RING_STATES_H

#include <assert.h>
#include <stddef.h>

struct states {
    char *memory;   /* borrowed: count states of len bytes */
    size_t len;
    unsigned *free; /* borrowed: indices; the last was released last */
    unsigned free_count;
};

/* Makes all states free. memory and free have room for count of them. */
static inline void states_init(struct states *states, unsigned count,
                               char *memory, size_t len, unsigned *free)
{
    *states = (struct states){memory, len, free, count};
    for (unsigned i = 0; i < count; i++)
        free[i] = count - 1 - i; /* number 0 is taken first */
}

/* Returns the index of a state. One must be free (asserted). */
static inline unsigned states_take(struct states *states)
{
    assert(states->free_count > 0);
    return states->free[--states->free_count];
}

static inline void *states_memory(const struct states *states, unsigned index)
{
    return states->memory + index * states->len;
}

static inline void states_release(struct states *states, unsigned index)
{
    states->free[states->free_count++] = index;
}

#endif
