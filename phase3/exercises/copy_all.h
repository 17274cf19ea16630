/* copy_all.h: copies many files with a limited number of tasks.
 *
 * An exercise of phase 3; see phase3/exercises/README.md. */
#ifndef COPY_ALL_H
#define COPY_ALL_H

#include "await.h"
#include "group.h"
#include "semaphores.h"

struct copy_job {
    int in, out; /* open descriptors; copy_all does not close them */
    int result;  /* 0, or -errno of the read or write that failed */
    struct group_task task; /* for a task that copies */
};

struct copy_all {
    struct copy_job *jobs;
    unsigned count;
    unsigned at_once; /* the largest number of tasks besides the caller */
};

/* A task body: arg is a struct copy_all. For each job, copies the bytes of `in`
 * to `out`, up to the end of `in`. Copies at_once jobs at the same time; as
 * soon as one ends, the next begins. A job that fails does not affect the
 * others.
 *
 * Returns 0       all jobs were copied
 *         -errno  the result of a job that failed, or -ECANCELED if the caller
 *                 was cancelled */
int copy_all(void *arg);

#endif
