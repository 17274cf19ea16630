/* output.h: the files' bytes to stdout, in the order of the command line.
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
    bool is_quiet;            /* discard the bytes: to measure */
    bool is_full;             /* a non-blocking stdout returned -EAGAIN */
    bool is_writing;          /* the one operation on stdout is in flight */
    struct entry **run;       /* owned: the entries whose bytes it carries */
    unsigned run_count;
    struct iovec *list;       /* owned; by the kernel while it is in flight */
    struct stat info;         /* what stdout is; zero until known */
    int result;               /* 0, or the -errno that ended stdout */
};

/* Finds out what stdout is. Returns 0, or -EBADF if it is closed. */
int output_open(struct output *o);

/* Allocates room for a run of the whole window. window, mode, and counts are
 * set. Returns 0 or -ENOMEM. */
int output_init(struct output *o);

void output_finish(struct output *o);

/* Writes the bytes that are due, or queues the write. Does nothing while one is
 * in flight. An error is in result. */
void output_run(struct output *o);

/* Handles the completion of STEP_WRITE or STEP_WAIT_OUTPUT. */
void output_done(struct output *o, enum step step, int result);

/* True if path is the regular file that stdout is written to: reading it while
 * writing to it never reaches its end. */
bool output_is_file(struct output *o, const char *path);

#endif
