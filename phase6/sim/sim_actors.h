/* sim_actors.h: tasks that wait, race and cancel each other.
 *
 * Each run has other tasks. A driver chooses the loop that runs them. */
#ifndef PHASE6_SIM_ACTORS_H
#define PHASE6_SIM_ACTORS_H

#define ACTORS_MAX 4u

/* The body of the first task, which starts the actors, and ends after them.
 * Fails if the result of a call is not true. arg is unused. */
int actors_await_all(void *arg);

#endif
