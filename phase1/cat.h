/* cat.h: the common part of the three cats: options, inputs, checks, messages.
 *
 * cat.c holds everything that makes a program behave like cat(1). Each program
 * adds an engine: one function that copies one input to stdout. The three
 * programs therefore differ only in how they copy, and one suite tests them
 * all.
 *
 * Rules for an engine
 *  - Read at job->in_offset if the input is seekable. Otherwise read at offset
 *    -1, which stands for the current file position.
 *  - Write at offset -1, one operation at a time. Other processes may share the
 *    file position of stdout, as the two commands in "{ a & b; } > log" do. A
 *    write at an explicit offset would overwrite their output.
 *  - Write input as soon as it arrives. Do not wait for a full buffer.
 *  - Keep job->in_offset correct. Messages print it. If stdin is seekable,
 *    cat.c sets its position to in_offset, for the next reader. */
#ifndef PHASE1_CAT_H
#define PHASE1_CAT_H

#include "cat_job.h"

struct cat_engine {
    const char *program;
    const char *summary; /* one line for --help */

    /* Sets up the engine. Called once, before the first input. Returns 0 or
     * -errno. May be NULL. */
    int (*init)(void);

    /* Copies job->in to job->out until the input ends. Returns 0 or -errno. */
    int (*copy)(struct cat_job *job);
};

/* Runs a cat with this engine. Returns main's exit code. */
int cat_main(int argc, char **argv, const struct cat_engine *engine);

#endif
