/* strategies.h: three strategies to read many files.
 *
 * All do the same work: open, read to the end (a read of 0), close; each file
 * with a buffer of STRATEGY_BUF_LEN. They differ in what waits: the program
 * itself, a thread for each file that is being read, or a task for each. */
#ifndef PHASE6_STRATEGIES_H
#define PHASE6_STRATEGIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRATEGY_BUF_LEN (64u << 10)
#define STRATEGY_AT_ONCE_MAX 1024 /* threads, or tasks */

/* What is to be read, and what came of it. */
struct strategy_job {
    char **names; /* borrowed */
    int count;
    int at_once;   /* threads or tasks */
    bool wants_sum;

    /* Results. */
    uint64_t bytes;
    uint64_t calls; /* system calls for the files, and all of the ring */
    uint64_t sum;   /* equal for equal files, in whatever order they came */
    int failed;     /* the file that result is about */
};

struct strategy {
    const char *name;

    /* Reads all files of the job. Returns 0, or -errno: of the file
     * job->failed, or if that is -1 of setting up. */
    int (*read_all)(struct strategy_job *job);
};

/* "sync", "threads", "ring": in this order. */
#define STRATEGIES_COUNT 3
extern const struct strategy strategies[STRATEGIES_COUNT];

#endif
