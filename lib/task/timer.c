/* timer.c: a heap of timers, the earliest first; see timer.h.
 * Introduced in phase 3. Needs: timer.h, sys.h.
 *
 * What it teaches: a heap in an array, where each timer stores its index.
 * Postponed timers are sorted only when they reach the front. */
#include "timer.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "sys.h"

#define ARITY 4u

int timers_init(struct timers *timers, uint32_t capacity)
{
    void *memory;
    int rc;

    assert(capacity > 0);
    memset(timers, 0, sizeof *timers);
    rc = sys_map(&memory, capacity * sizeof *timers->heap);
    if (rc < 0)
        return rc;
    timers->heap = memory;
    timers->capacity = capacity;
    return 0;
}

void timers_finish(struct timers *timers)
{
    for (uint32_t i = 0; i < timers->count; i++)
        timers->heap[i].timer->heap_index = 0;
    if (timers->heap != NULL)
        sys_unmap(timers->heap, timers->capacity * sizeof *timers->heap);
    memset(timers, 0, sizeof *timers);
}

static bool is_before(const struct timer_entry *a, const struct timer_entry *b)
{
    if (a->when_ns != b->when_ns)
        return a->when_ns < b->when_ns;
    return a->timer->sorted < b->timer->sorted;
}

static void put(const struct timers *timers, uint32_t index,
                struct timer_entry entry)
{
    timers->heap[index] = entry;
    entry.timer->heap_index = index + 1;
}

/* Moves the hole at index towards the root until entry fits in it. */
static void sift_up(const struct timers *timers, uint32_t index,
                    struct timer_entry entry)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / ARITY;

        if (!is_before(&entry, &timers->heap[parent]))
            break;
        put(timers, index, timers->heap[parent]);
        index = parent;
    }
    put(timers, index, entry);
}

/* Returns the earliest child of index, or count if index has no child. */
static uint32_t first_child(const struct timers *timers, uint32_t index)
{
    uint32_t child = index * ARITY + 1, best = child;
    uint32_t end = child + ARITY < timers->count ? child + ARITY
                                                 : timers->count;

    if (child >= timers->count)
        return timers->count;
    for (uint32_t i = child + 1; i < end; i++)
        if (is_before(&timers->heap[i], &timers->heap[best]))
            best = i;
    return best;
}

static void sift_down(const struct timers *timers, uint32_t index,
                      struct timer_entry entry)
{
    for (;;) {
        uint32_t child = first_child(timers, index);

        if (child == timers->count ||
            !is_before(&timers->heap[child], &entry))
            break;
        put(timers, index, timers->heap[child]);
        index = child;
    }
    put(timers, index, entry);
}

/* DOC: not-before-this
 * Returns true if when_ns is not before the time of the timer's heap entry, so
 * that the timer may keep the entry. Compares timer->when_ns first, because
 * that field is already in the cache, and is never before the entry's time. */
static bool may_stay(const struct timers *timers, const struct timer *timer,
                     uint64_t when_ns)
{
    return when_ns >= timer->when_ns ||
           when_ns >= timers->heap[timer->heap_index - 1].when_ns;
}

int timer_arm(struct timers *timers, struct timer *timer, uint64_t when_ns)
{
    struct timer_entry entry = {.timer = timer};
    bool stays;

    assert(timer->fire != NULL);
    if (!timer_is_armed(timer) && timers->count == timers->capacity)
        return -ENOSPC;
    entry.when_ns = when_ns > timers->now_ns ? when_ns : timers->now_ns;
    stays = timer_is_armed(timer) && may_stay(timers, timer, entry.when_ns);
    timer->when_ns = entry.when_ns;
    timer->sequence = timers->sequence++;
    if (stays)
        return 0;
    timer->sorted = timer->sequence;
    if (timer_is_armed(timer))
        sift_up(timers, timer->heap_index - 1, entry);
    else
        sift_up(timers, timers->count++, entry);
    return 0;
}

void timer_disarm(struct timers *timers, struct timer *timer)
{
    uint32_t index = timer->heap_index - 1;
    struct timer_entry last;

    if (!timer_is_armed(timer))
        return;
    assert(index < timers->count && timers->heap[index].timer == timer);
    timer->heap_index = 0;
    last = timers->heap[--timers->count];
    if (last.timer == timer)
        return;
    /* The last entry fills the hole, and then moves up or down. */
    if (index > 0 && is_before(&last, &timers->heap[(index - 1) / ARITY]))
        sift_up(timers, index, last);
    else
        sift_down(timers, index, last);
}

/* Sorts the postponed timers at the front of the heap. Sets the first entry's
 * time to its timer's new time, and sifts the entry down. Repeats this until
 * the first entry's timer is not postponed, or the entry's time is after
 * until_ns. The loop has a limit, because a million timers may have been
 * postponed since the last call. */
static void sort_front(const struct timers *timers, uint64_t until_ns)
{
    for (unsigned i = 0; i < TIMERS_SORT_MAX && timers->count > 0; i++) {
        struct timer *timer = timers->heap[0].timer;

        if (timer->sorted == timer->sequence ||
            timers->heap[0].when_ns > until_ns)
            break;
        timer->sorted = timer->sequence;
        sift_down(timers, 0, (struct timer_entry){timer->when_ns, timer});
    }
}

uint64_t timers_next_ns(const struct timers *timers)
{
    sort_front(timers, TIMER_NEVER);
    return timers->count > 0 ? timers->heap[0].when_ns : TIMER_NEVER;
}

unsigned timers_fire(struct timers *timers, uint64_t now_ns, unsigned budget)
{
    uint64_t newest = timers->sequence; /* timers armed by fire must wait */
    unsigned fired = 0;

    timers->now_ns = now_ns;
    while (fired < budget) {
        struct timer *timer;

        sort_front(timers, now_ns);
        if (timers->count == 0)
            break;
        timer = timers->heap[0].timer;
        if (timer->when_ns > now_ns || timer->when_ns == TIMER_NEVER ||
            timer->sorted != timer->sequence || timer->sequence >= newest)
            break;
        timer_disarm(timers, timer);
        fired++;
        timer->fire(timer);
    }
    return fired;
}
