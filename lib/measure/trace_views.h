/* trace_views.h: reads the rings of a program that makes them itself.
 * Introduced in phase 6. Needs: nothing.
 *
 * A view has the addresses of one ring, and remembers which SQEs and CQEs it
 * has recorded (trace.h). There are at most 16 views at a time. If the program
 * makes a 17th ring, a message reports that this ring is left out. Use these
 * functions in only one thread. */
#ifndef ONE_RING_TRACE_VIEWS_H
#define ONE_RING_TRACE_VIEWS_H

#include <liburing.h>
#include <stdbool.h>

/* Call it once, before the other functions. */
void trace_views_begin(void);

/* Adds a ring. Call trace_views_add_uring for a ring that liburing made. Call
 * trace_views_add_fd for a ring that the program made with
 * io_uring_setup(2). */
void trace_views_add_uring(const struct io_uring *uring);
void trace_views_add_fd(int fd, const struct io_uring_params *params);

/* Records the CQEs that are new since the last look at this ring. If submits is
 * true, the program is about to submit, and this records the new SQEs first.
 * For a ring that liburing did not make, uring is NULL and fd is the
 * descriptor. Does nothing for an unknown ring. */
void trace_views_look(const struct io_uring *uring, int fd, bool submits);

/* Looks at the ring for the last time, before its memory is unmapped. */
void trace_views_remove(const struct io_uring *uring);

/* Looks at all rings for the last time. */
void trace_views_end(void);

#endif
