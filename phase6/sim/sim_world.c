/* sim_world.c: the virtual clock, and the order of events; see sim_world.h.
 *
 * What it teaches: a program cannot know in which order independent events
 * happen, so a test has to choose it. Real time is one order out of many, and
 * it is nearly the same in each run. */
#include "sim_world.h"

#include <assert.h>

#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"

#define SOURCES_MAX 8u
#define EVENTS_MAX 512u
#define STEP_NS 5000u

struct event {
    void (*happen)(void *object);
    void *object;
};

static struct {
    uint64_t now_ns, next_ns; /* next_ns: the first deadline in the future */
    uint64_t leapt_ns;
    void (*sources[SOURCES_MAX])(void);
    unsigned source_count, event_count;
    struct event events[EVENTS_MAX];
} world;

void world_begin(void)
{
    world.now_ns = UINT64_C(1000000000);
    world.leapt_ns = 0;
    world.source_count = 0;
}

void world_add_source(void (*offer)(void))
{
    assert(world.source_count < SOURCES_MAX);
    world.sources[world.source_count++] = offer;
}

void world_offer(void (*happen)(void *object), void *object)
{
    assert(world.event_count < EVENTS_MAX);
    world.events[world.event_count++] = (struct event){happen, object};
}

void world_offer_at(uint64_t due_ns, void (*happen)(void *object), void *object)
{
    if (due_ns <= world.now_ns)
        world_offer(happen, object);
    else if (due_ns < world.next_ns)
        world.next_ns = due_ns;
}

void world_step(uint64_t until_ns)
{
    struct event *event;

    check_step();
    world.event_count = 0;
    world.next_ns = until_ns;
    for (unsigned i = 0; i < world.source_count; i++)
        world.sources[i]();
    if (world.event_count == 0 && world.next_ns == WORLD_NEVER)
        check_fail("progress", "the program waits, and nothing can happen");
    if (world.event_count == 0 ||
        (world.next_ns != WORLD_NEVER && knob(KNOB_CLOCK))) {
        if (world.next_ns > world.now_ns) {
            if (world.event_count > 0)
                world.leapt_ns += world.next_ns - world.now_ns;
            world.now_ns = world.next_ns;
        }
        return;
    }
    if (!knob_is_on(KNOB_INSTANT))
        world.now_ns += pick(4) * STEP_NS;
    event = &world.events[pick(world.event_count)];
    event->happen(event->object);
}

uint64_t world_now_ns(void)
{
    return world.now_ns;
}

/* The virtual clock begins in November 2023. */
uint64_t world_wall_ns(void)
{
    return UINT64_C(1700000000000000000) + world.now_ns;
}

uint64_t world_leapt_ns(void)
{
    return world.leapt_ns;
}

void world_pass(uint64_t delay_ns)
{
    world.now_ns += delay_ns;
}
