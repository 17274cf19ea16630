/* stop.h: signals that ask us to stop.
 *
 * SIGINT, SIGTERM, SIGHUP, and SIGPIPE (the reader of -v's lines has gone) set
 * a flag. Whoever copies looks at it between two operations, waits for those
 * in flight, removes its temporary and returns -EINTR; main then ends by the
 * signal, as if it had not been caught. A second signal ends the program at
 * once. */
#ifndef PHASE1_CP_STOP_H
#define PHASE1_CP_STOP_H

/* Catches those four, unless they are ignored (nohup), and ignores SIGXFSZ: a
 * file that may not grow is an error like others, -EFBIG. */
void stop_on_signals(void);

/* The signal that asked us to stop, or 0. */
int stop_requested(void);

/* Dies of the signal that asked us to stop. Returns if there was none. */
void stop_by_signal(void);

#endif
