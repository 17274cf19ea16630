/* reader.h: files to standard output, in order, by tasks on a ring.
 *
 * This is the work of our loop in the hosts of this phase. It is written like
 * the programs of phase 3. It has no code for hosts, and runs under loop_run as
 * well.
 *
 * Several files are opened and read at the same time, and each waits for its
 * turn to be written. So the first bytes of the next file are there when this
 * one ends. */
#ifndef PHASE4_READER_H
#define PHASE4_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "task.h"

/* Files that are open at the same time, each with a block in memory. */
#define READER_WINDOW 64
#define READER_BLOCK_LEN (64 * 1024)

struct reader_job {
    const char *program; /* borrowed: the name in messages */
    char **names;        /* borrowed */
    int count;
    bool blocking;  /* by read(2), which stops the host: for a comparison */
    int turn;       /* the number of the file that may write */
    int code;       /* main's exit code so far */
    int out_result; /* 0, or the -errno of the write that failed */
    uint64_t bytes; /* written */
};

/* Task body; arg is the job. Returns the exit code, 0 or 1, after printing a
 * message for each failure. */
int reader_main(void *arg);

#endif
