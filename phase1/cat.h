/* cat.h: what the three cats share: options, inputs, refusals and messages.
 *
 * The code that makes a cat behave as cat does is in cat.c. Each program adds
 * an engine: one function that copies one input to stdout. So the programs
 * differ only in the subject of this phase, and one suite tests all three.
 *
 * Rules for an engine
 *  - Read at job->in_offset if the input can seek, otherwise at -1.
 *  - Write at -1, one operation at a time. Other processes share the position
 *    of stdout: in { a & b; } > log both commands write at it. An explicit
 *    offset would overwrite their output.
 *  - Write input as it comes; do not wait for a full buffer.
 *  - Keep job->in_offset correct. Messages print it, and a stdin that can seek
 *    is left at it for the next reader. */
#ifndef PHASE1_CAT_H
#define PHASE1_CAT_H

#include "cat_job.h"

struct cat_engine {
    const char *program;
    const char *summary; /* a sentence for --help */

    /* Makes what the engine needs for the life of the program, before the
     * first input. Returns 0 or -errno. May be NULL. */
    int (*init)(void);

    /* Copies job->in to job->out, to its end. Returns 0 or -errno. */
    int (*copy)(struct cat_job *job);
};

/* Runs a cat. Returns main's exit code. */
int cat_main(int argc, char **argv, const struct cat_engine *engine);

#endif
