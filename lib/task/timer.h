/* timer.h: deadlines, the nearest one first.
 * Introduced in phase 3. Needs: nothing.
 *
 * The heap has four children per node. It is half as deep as one with two, and
 * the four children are in one cache line. A timer stores its heap index, so it
 * is moved or removed in O(log n) without a search.
 *
 * Most timers never fire: a connection postpones its deadline with each byte.
 * So a timer that is postponed keeps its heap entry, and only stores the new
 * time. That touches one cache line, for any number of timers. When the old
 * entry comes to the front, the timer moves in the heap once, to its latest
 * time. Until then the entry means "not before this time", which the heap's
 * order permits.
 *
 * Time is a number of nanoseconds that the caller passes in. Nothing here reads
 * a clock, so a test can let an hour pass at once. Nothing suspends a task. */
#ifndef ONE_RING_TIMER_H
#define ONE_RING_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

/* The most postponed timers that one call sorts. */
#define TIMERS_SORT_MAX 256u

/* The caller owns it and does not move it while it is armed. Zeroed: idle. */
struct timer {
    uint64_t when_ns;
    uint64_t sequence; /* equal deadlines fire in the order of their arming */
    uint64_t sorted;   /* the sequence of its heap entry: differs from the
                          above after it was postponed */
    uint32_t heap_index; /* plus one; 0: not armed */
    void (*fire)(struct timer *timer); /* may arm this and others */
};

struct timer_entry {
    uint64_t when_ns; /* a copy, so that a comparison needs no pointer; the old
                         time of a postponed timer */
    struct timer *timer;
};

struct timers {
    struct timer_entry *heap; /* owned */
    uint32_t count;
    uint32_t capacity;
    uint64_t sequence;
    uint64_t now_ns; /* of the last timers_fire: the earliest time */
};

/* Makes room for capacity timers; memory is used as they are armed. Returns 0
 * or -ENOMEM. */
int timers_init(struct timers *timers, uint32_t capacity);

/* Disarms every timer and releases the heap. Accepts zeroed timers. */
void timers_finish(struct timers *timers);

/* Arms a timer for when_ns, or moves it if it is armed. timer->fire must be
 * set. A time in the past counts as now: the timer then fires after all that
 * are due, so a timer that always arms itself for the past cannot starve the
 * others. TIMER_NEVER is never due.
 *
 * Returns 0        the timer is armed
 *         -ENOSPC  capacity timers are armed */
int timer_arm(struct timers *timers, struct timer *timer, uint64_t when_ns);

/* Disarms a timer. Does nothing if it is not armed. */
void timer_disarm(struct timers *timers, struct timer *timer);

/* Returns true if the timer is armed. */
static inline bool timer_is_armed(const struct timer *timer)
{
    return timer->heap_index != 0;
}

/* Returns the nearest deadline, or TIMER_NEVER. Sorts at most TIMERS_SORT_MAX
 * postponed timers at the front. If there are more, it returns a time before
 * the nearest deadline: the caller may then wake early, and the next call sorts
 * more. */
uint64_t timers_next_ns(const struct timers *timers);

/* Fires the timers that are due at now_ns, at most budget of them, in the order
 * of (deadline, arming). A timer that is armed during the call waits for the
 * next one. Returns how many fired. */
unsigned timers_fire(struct timers *timers, uint64_t now_ns, unsigned budget);

/* Returns now_ns + delay_ns, at most TIMER_NEVER - 1: a huge delay must not
 * wrap to the past. */
static inline uint64_t timer_after_ns(uint64_t now_ns, uint64_t delay_ns)
{
    return delay_ns < TIMER_NEVER - 1 - now_ns ? now_ns + delay_ns
                                               : TIMER_NEVER - 1;
}

#endif
