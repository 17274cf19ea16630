/* stop.h: handles the signals that ask us to stop.
 *
 * SIGINT, SIGTERM, SIGHUP, and SIGPIPE (the reader of our stdout has exited)
 * set a flag. The copying code checks the flag between operations. If it is
 * set, the code waits for the operations in flight, removes its temporary file,
 * and returns -EINTR. main then raises the signal again, so the process ends as
 * if the signal had not been caught. If SIGINT, SIGTERM or SIGHUP arrives
 * twice, the second one ends the program immediately. */
#ifndef PHASE1_CP_STOP_H
#define PHASE1_CP_STOP_H

/* Catches the four signals. A signal that is ignored stays ignored, such as
 * SIGHUP under nohup. Ignores SIGXFSZ, so that a write beyond the file size
 * limit fails with -EFBIG. */
void stop_on_signals(void);

/* Returns the signal that asked us to stop, or 0. */
int stop_requested(void);

/* Ends the program with the signal that asked us to stop. Returns if no signal
 * has asked us. */
void stop_by_signal(void);

#endif
