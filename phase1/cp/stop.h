/* stop.h: signals that ask us to stop.
 *
 * SIGINT, SIGTERM, SIGHUP, and SIGPIPE (the reader of -v's lines has gone) set
 * a flag. The code that copies checks it between two operations. It waits for
 * those in flight, removes its temporary file, and returns -EINTR. main then
 * raises the signal again, as if it had not been caught. A second signal ends
 * the program at once. */
#ifndef PHASE1_CP_STOP_H
#define PHASE1_CP_STOP_H

/* Catches those four signals, unless they are ignored (nohup). Ignores SIGXFSZ:
 * a write beyond the limit then fails with -EFBIG. */
void stop_on_signals(void);

/* Returns the signal that asked us to stop, or 0. */
int stop_requested(void);

/* Ends the program with the signal that asked us to stop. Returns only if there
 * was none. */
void stop_by_signal(void);

#endif
