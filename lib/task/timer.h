/* timer.h: deadlines, the nearest one first.
 * Introduced in phase 3. Needs: nothing.
 *
 * A heap with four children a node: half as deep as one with two, and the four
 * that are compared lie in one cache line. A timer knows its index in it, so
 * that it can be moved or taken out in O(log n) without a search.
 *
 * Most timers never fire: they are postponed again and again, as a connection's
 * deadline is with every byte. So a timer that is moved to a later time stays
 * where it is in the heap, and only notes the time: one cache line, whatever
 * the number of timers. It is moved in the heap, once for all that was noted,
 * when its old entry comes to the front. Until then that entry says "not before
 * this", which is all that the heap's order needs.
 *
 * Time is a number of nanoseconds that the caller passes in. Nothing here reads
 * a clock, so that a test can let an hour pass in no time. */
#ifndef ONE_RING_TIMER_H
#define ONE_RING_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

/* The most timers that one look moves to where they belong. */
#define TIMERS_SORT_MAX 256u

/* The caller owns it and does not move it while it is armed. Zeroed: idle. */
struct timer {
    uint64_t when_ns;
    uint64_t sequence; /* equal deadlines fire in the order of their arming */
    uint64_t sorted;   /* the sequence of its heap entry: another than the
                          above if it was moved later since */
    uint32_t heap_index; /* plus one; 0: not armed */
    void (*fire)(struct timer *timer); /* may arm timers, also this one */
};

struct timer_entry {
    uint64_t when_ns; /* a copy: comparing need not follow the pointer. If the
                         timer was moved later, the time that it had here */
    struct timer *timer;
};

struct timers {
    struct timer_entry *heap; /* owned */
    uint32_t count;
    uint32_t capacity;
    uint64_t sequence;
    uint64_t now_ns; /* of the latest timers_fire: nothing is due before it */
};

/* Makes room for capacity timers; memory is used as they are armed.
 * Returns 0 or -ENOMEM. */
int timers_init(struct timers *timers, uint32_t capacity);

/* Forgets every timer. Accepts zeroed timers. */
void timers_finish(struct timers *timers);

/* Arms a timer for when_ns, or moves it if it is armed. A time that has passed
 * counts as now: such a timer waits behind all that are due already, so that
 * one which always arms itself for the past cannot starve the others.
 * TIMER_NEVER is never due. Returns 0, or -ENOSPC if capacity timers
 * are armed. timer->fire must be set. */
int timer_arm(struct timers *timers, struct timer *timer, uint64_t when_ns);

/* Disarms a timer; one that is not armed is left alone. */
void timer_disarm(struct timers *timers, struct timer *timer);

static inline bool timer_is_armed(const struct timer *timer)
{
    return timer->heap_index != 0;
}

/* The nearest deadline, or TIMER_NEVER. Puts timers that were moved later and
 * stand at the front where they belong now, TIMERS_SORT_MAX of them at most; if
 * there are more, it returns a time before the nearest deadline. The
 * caller may then wake early; the next call continues. */
uint64_t timers_next_ns(const struct timers *timers);

/* Fires those due at now_ns, at most budget of them, in the order of (deadline,
 * arming). One that is armed again while it fires waits for the next call.
 * Returns how many fired. */
unsigned timers_fire(struct timers *timers, uint64_t now_ns, unsigned budget);

/* now + delay, at most TIMER_NEVER - 1: a huge delay must not wrap to the
 * past. */
static inline uint64_t timer_after_ns(uint64_t now_ns, uint64_t delay_ns)
{
    return delay_ns < TIMER_NEVER - 1 - now_ns ? now_ns + delay_ns
                                               : TIMER_NEVER - 1;
}

#endif
