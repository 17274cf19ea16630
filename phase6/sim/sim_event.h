/* sim_event.h: the eventfds of the simulated kernel. */
#ifndef PHASE6_SIM_EVENT_H
#define PHASE6_SIM_EVENT_H

#include <stdbool.h>

#include "sim_file.h"

/* Forgets all eventfds. */
void event_begin(void);

/* Returns true if file is an eventfd. */
bool event_is(const struct sim_file *file);

/* Signals the eventfd of a ring, because a completion has arrived. */
void event_signal(struct sim_file *file);

/* Signals the eventfd of a ring while a write to another eventfd is in
 * progress. The first such signal comes later. All later ones are lost. */
void event_signal_nested(struct sim_file *file);

#endif
