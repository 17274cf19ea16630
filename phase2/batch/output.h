/* output.h: writes the files to stdout, in the order of the command line.
 * Introduced in phase 2. Needs: counts.h, mode.h, window.h. */
#ifndef PHASE2_OUTPUT_H
#define PHASE2_OUTPUT_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "counts.h"
#include "mode.h"
#include "window.h"

struct output {
    struct window *window;    /* borrowed */
    const struct mode *mode;
    struct counts *counts;    /* borrowed */
    bool is_quiet;            /* discard the bytes, for measurements */
    bool is_full;             /* a non-blocking stdout returned -EAGAIN */
    bool is_writing;          /* an operation on stdout is in flight */
    struct entry **run;       /* owned; the entries of one write */
    unsigned run_count;
    struct iovec *list;       /* owned; iovecs of the write in flight */
    struct stat info;         /* stat of stdout; zero before output_open */
    int result;               /* 0, or the -errno of a failed write */
};

/* Stores the type and identity of stdout in info. Returns 0, or -EBADF if
 * stdout is closed. */
int output_open(struct output *o);

/* Allocates memory for a run of the whole window. Set window, mode, and counts
 * before the call. Returns 0 or -ENOMEM. */
int output_init(struct output *o);

void output_finish(struct output *o);

/* Writes the bytes that are due, or queues the write. Does nothing while a
 * write is in flight. Stores an error in result. */
void output_run(struct output *o);

/* Handles the completion of STEP_WRITE or STEP_WAIT_OUTPUT. */
void output_done(struct output *o, enum step step, int result);

/* Returns true if path is the regular file that stdout refers to. Reading that
 * file would never reach its end, because each write moves the end. */
bool output_is_file(struct output *o, const char *path);

#endif
