/* reader.h: tasks that copy files to standard output, in order.
 *
 * Our loop runs these tasks inside the hosts of this phase. The tasks do not
 * contain code for hosts. So loop_run could run them, too, as it runs the tasks
 * of phase 3.
 *
 * Several files are opened and read at the same time, and each task waits for
 * its turn to write. So when a file ends, the first block of the next one is
 * already in memory. */
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
    bool blocking;  /* for comparison: read(2), which blocks the host */
    int turn;       /* index of the file to write now */
    int code;       /* main's exit code so far */
    int out_result; /* 0, or the -errno of the write that failed */
    uint64_t bytes; /* written */
};

/* Task body; arg is the job. Returns the exit code, 0 or 1, after printing a
 * message for each failure. */
int reader_main(void *arg);

#endif
