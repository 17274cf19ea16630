/* drain_report.h: reports that a stopping server waits for its clients.
 * Introduced in phase 8. Needs: nothing.
 *
 * Without this message, a user who has pressed Ctrl-C could think that the
 * program hangs. */
#ifndef ONE_RING_DRAIN_REPORT_H
#define ONE_RING_DRAIN_REPORT_H

/* Prints on stderr that the server waits for up to ms milliseconds, and that a
 * second signal ends the wait. Prints the line only once per process, because
 * all rings stop at the same time. Prints nothing if program is NULL.
 * Any thread may call it. */
void drain_report(const char *program, unsigned ms);

#endif
