/* sim_event.h: the eventfd of a ring. */
#ifndef PHASE6_SIM_EVENT_H
#define PHASE6_SIM_EVENT_H

#include "sim_file.h"

/* Forgets the eventfd. */
void event_begin(void);

/* Makes the eventfd readable. */
void event_signal(struct sim_file *file);

#endif
