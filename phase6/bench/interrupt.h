/* interrupt.h: a signal that asks bench to end.
 *
 * bench has files to remove, so a signal must not end it immediately. Loops
 * that take long check interrupt_number(). */
#ifndef PHASE6_INTERRUPT_H
#define PHASE6_INTERRUPT_H

/* Catches SIGHUP, SIGINT and SIGTERM, except those that are ignored. Ignores
 * SIGXFSZ, so that a write beyond the limit on file sizes returns an errno. */
void interrupt_init(void);

/* Returns the signal that was caught last, or 0. */
int interrupt_number(void);

/* Lets the signals end the process again. A child calls this. */
void interrupt_reset(void);

/* Ends the process by the signal that was caught, so that a shell sees it. Does
 * nothing if there is none. */
void interrupt_finish(void);

#endif
