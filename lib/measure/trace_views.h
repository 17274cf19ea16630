/* trace_views.h: reads the rings of a program that does not know of it.
 * Introduced in phase 6. Needs: nothing.
 *
 * A view has the addresses of one ring, and remembers which SQEs and CQEs it
 * has recorded (trace.h). There are at most 16 views at a time. A message
 * reports that a ring is left out. One thread may use these functions. */
#ifndef ONE_RING_TRACE_VIEWS_H
#define ONE_RING_TRACE_VIEWS_H

#include <liburing.h>
#include <stdbool.h>

/* Call it first, and once. */
void trace_views_begin(void);

/* Adds a ring that liburing or io_uring_setup(2) has made. */
void trace_views_add_uring(const struct io_uring *uring);
void trace_views_add_fd(int fd, const struct io_uring_params *params);

/* Records the CQEs that are new since the last look at this ring. Records the
 * new SQEs first if submits is true: the program is about to submit them. uring
 * is NULL for a ring that liburing did not make, and fd is then its descriptor.
 * Does nothing for an unknown ring. */
void trace_views_look(const struct io_uring *uring, int fd, bool submits);

/* Looks at the ring for the last time, before its memory is unmapped. */
void trace_views_remove(const struct io_uring *uring);

/* Looks at all rings for the last time. */
void trace_views_end(void);

#endif
