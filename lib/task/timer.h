/* timer.h: a heap of timers, the earliest first.
 * Introduced in phase 3. Needs: nothing.
 *
 * Each node of the heap has four children, so the heap is half as deep as a
 * binary heap. The entries of the four children take only 64 bytes. A timer
 * stores its heap index, so it can be moved or removed in O(log n) without a
 * search.
 *
 * Most timers never fire, because a connection postpones its deadline whenever
 * data arrives. So a postponed timer keeps its heap entry, and only stores the
 * new time. That touches one cache line, however many timers there are. When
 * the old entry reaches the front, the timer moves in the heap once, to the
 * position of its latest time. Until then the entry means "not before this
 * time", so the heap order stays valid.
 *
 * The caller passes each time in nanoseconds. Nothing here reads a clock, so a
 * test can let an hour pass without waiting. Nothing here suspends a task. */
#ifndef ONE_RING_TIMER_H
#define ONE_RING_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

/* The maximum number of postponed timers that are sorted at a time. */
#define TIMERS_SORT_MAX 256u

/* The caller owns the timer and must not move it in memory while it is armed. A
 * zeroed timer is not armed. */
struct timer {
    uint64_t when_ns;
    uint64_t sequence; /* timers with equal deadlines fire in this order */
    uint64_t sorted;   /* sequence of the heap entry; it differs from
                          sequence if the timer was postponed */
    uint32_t heap_index; /* heap index plus one; 0: not armed */
    void (*fire)(struct timer *timer); /* may arm any timer */
};

/* A heap entry has a copy of the timer's time, so that a comparison does not
 * follow a pointer. The entry of a postponed timer has the old time. */
struct timer_entry {
    uint64_t when_ns;
    struct timer *timer;
};

struct timers {
    struct timer_entry *heap; /* owned */
    uint32_t count;
    uint32_t capacity;
    uint64_t sequence;
    uint64_t now_ns; /* time of the last timers_fire */
};

/* Reserves address space for a heap of `capacity` timers. The heap takes up
 * memory only when timers are armed. Returns 0 or -ENOMEM. */
int timers_init(struct timers *timers, uint32_t capacity);

/* Disarms every timer and releases the heap. Accepts a zeroed struct. */
void timers_finish(struct timers *timers);

/* Arms a timer for when_ns, or moves it if it is armed. timer->fire must be
 * set. A time before the last timers_fire counts as the time of that call. So
 * the timer fires after all timers that were due then, and cannot starve them.
 * TIMER_NEVER is never due.
 *
 * Returns 0        the timer is armed
 *         -ENOSPC  the heap is full: timers->capacity timers are armed */
int timer_arm(struct timers *timers, struct timer *timer, uint64_t when_ns);

/* Disarms a timer. Does nothing if it is not armed. */
void timer_disarm(struct timers *timers, struct timer *timer);

/* Returns true if the timer is armed. */
static inline bool timer_is_armed(const struct timer *timer)
{
    return timer->heap_index != 0;
}

/* Returns the nearest deadline, or TIMER_NEVER if no timer is armed. Sorts at
 * most TIMERS_SORT_MAX postponed timers at the front of the heap. If there are
 * more, this may return a time before the nearest deadline. The caller then
 * wakes early, and the next call sorts more. */
uint64_t timers_next_ns(const struct timers *timers);

/* Fires timers that are due at now_ns, at most budget of them, the earliest
 * deadline first. Timers with equal deadlines fire in the order in which they
 * were armed. If a callback arms a timer, that timer waits for the next call. A
 * due timer also waits if more than TIMERS_SORT_MAX postponed timers are before
 * it in the heap. Returns the number of timers that fired. */
unsigned timers_fire(struct timers *timers, uint64_t now_ns, unsigned budget);

/* Returns now_ns + delay_ns, at most TIMER_NEVER - 1, so that a huge delay does
 * not wrap to the past. */
static inline uint64_t timer_after_ns(uint64_t now_ns, uint64_t delay_ns)
{
    return delay_ns < TIMER_NEVER - 1 - now_ns ? now_ns + delay_ns
                                               : TIMER_NEVER - 1;
}

#endif
