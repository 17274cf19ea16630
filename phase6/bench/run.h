/* run.h: one run of one strategy, measured in a child process.
 *
 *     fork --> make threads, ring, stacks, buffers    set-up
 *              run_begin_work()
 *              do all items                           wall and CPU time
 *              run_end_work()
 *              end the threads, release               not measured
 *
 * A child of fork starts without the threads of other strategies, and its peak
 * of memory is that of this run. Its CPU time includes that of its io-wq
 * workers, because they are threads of the process.
 *
 * Threads are counted before the work and after it, and the larger number is
 * kept. A sampler would be one more thread, and would compete with the others.
 * An io-wq worker that has nothing to do stays for five seconds, so it is still
 * there after the work. */
#ifndef PHASE6_RUN_H
#define PHASE6_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "work.h"

struct strategy;

/* The outcome of a run. It is in memory that parent and child share. */
struct outcome {
    int result;      /* 0, or -errno: of failed_file, or of the set-up */
    int failed_file; /* index of a file, or RUN_NO_FILE */
    int signal;      /* the signal that ended the child, or 0 */
    uint64_t setup_ns, wall_ns, cpu_ns;
    uint64_t threads; /* of the process, io-wq workers included */
    uint64_t workers; /* io-wq workers */
    uint64_t rss_len; /* peak of the memory in use, in bytes */
    uint64_t calls;   /* system calls for the work */
    uint64_t bytes;   /* read or written */
    uint64_t sum;     /* of pattern_sum, if work->wants_sum */
};

#define RUN_NO_FILE (-1)

struct run {
    const struct work *work; /* borrowed */
    struct outcome *outcome; /* borrowed */
    int at_once;             /* items in flight, at most */
    int fd;                  /* the big file, or -1 */
    atomic_int next;         /* the first item that is not taken */
    atomic_int failure;      /* -errno of an item, or 0 */
    uint64_t started_ns, work_ns, work_cpu_ns; /* points in time */
};

/* Maps an outcome that a child can write, or returns NULL. Release it with
 * munmap(2). */
struct outcome *run_map_outcome(void);

/* Runs strategy in a child, waits until it ends, and fills *outcome.
 *
 * Returns 0        *outcome is filled; the run may have failed
 *         -EINTR   a signal asked bench to end; the child was killed
 *         -errno   from fork(2) */
int run_in_child(const struct work *work, const struct strategy *strategy,
                 struct outcome *outcome);

/* Counts the threads that exist now. The run keeps the largest number. A
 * strategy calls it during the set-up if some of its threads may end early. */
void run_count_threads(struct run *run);

/* Ends the set-up, counts threads, and starts the clock. A strategy calls it
 * once. */
void run_begin_work(struct run *run);

/* Stops the clock, and counts threads and memory. A strategy calls it once,
 * before it ends its threads. */
void run_end_work(struct run *run);

#endif
