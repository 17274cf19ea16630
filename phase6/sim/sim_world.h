/* sim_world.h: the virtual clock, and the order of events.
 *
 * A source offers the events that can happen now: an operation can complete, a
 * peer can send, a signal can arrive. The world picks one of them. If there is
 * none, time passes until the next deadline. */
#ifndef PHASE6_SIM_WORLD_H
#define PHASE6_SIM_WORLD_H

#include <stdint.h>

#define WORLD_NEVER UINT64_MAX

/* Forgets all sources, and sets the clock to one second. */
void world_begin(void);

/* Adds a source: a function that calls world_offer and world_offer_at. */
void world_add_source(void (*offer)(void));

/* Offers an event: happen(object) may be called next. */
void world_offer(void (*happen)(void *object), void *object);

/* Offers an event that can happen from due_ns on. */
void world_offer_at(uint64_t due_ns, void (*happen)(void *object),
                    void *object);

/* Lets one event happen, or lets time pass, at most until until_ns. Fails with
 * "progress" if nothing can ever happen and until_ns is WORLD_NEVER. */
void world_step(uint64_t until_ns);

/* Returns the time in ns, and the time of day. world_pass lets time pass. */
uint64_t world_now_ns(void);
uint64_t world_wall_ns(void);
void world_pass(uint64_t delay_ns);

/* Returns how much time has passed in which something could have happened, and
 * did not (KNOB_CLOCK): the machine was busy. */
uint64_t world_leapt_ns(void);

#endif
