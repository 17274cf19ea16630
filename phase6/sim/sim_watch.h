/* sim_watch.h: inotify of the simulated kernel. */
#ifndef PHASE6_SIM_WATCH_H
#define PHASE6_SIM_WATCH_H

/* Forgets all watches. */
void watch_begin(void);

/* Reports a change in the directory to all watches of it. */
void watch_report(void);

#endif
