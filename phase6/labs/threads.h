/* threads.h: the kernel's threads of this process, as /proc shows them.
 * Introduced in phase 6. Needs: nothing.
 *
 * Since Linux 5.12 an io-wq worker and the polling thread of a ring are threads
 * of the process that uses the ring. Their names begin with "iou-wrk" and
 * "iou-sqp". */
#ifndef PHASE6_THREADS_H
#define PHASE6_THREADS_H

#include <liburing.h>
#include <stddef.h>

/* Counts the threads of this process whose name begins with prefix. Waits at
 * most 10 s until there are count_min. Stores the id of the last one in *tid.
 * Returns their number. */
int threads_count(const char *prefix, int count_min, int *tid);

/* Returns the id of the thread that polls the SQ of ring, or -1 after 10 s. The
 * kernel does not report it while the ring is busy, so this may ask again. */
int threads_poller(const struct io_uring *ring);

/* Waits at most 10 s until thread tid sleeps in a system call that a signal can
 * end. */
void threads_wait_asleep(int tid);

/* Stores in text the CPUs on which thread tid may run, such as "0-3". */
void threads_cpus(int tid, char *text, size_t len);

#endif
