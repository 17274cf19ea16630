/* batch_options.h: the command line of batch.
 * Introduced in phase 2. Needs: mode.h. */
#ifndef PHASE2_BATCH_OPTIONS_H
#define PHASE2_BATCH_OPTIONS_H

#include <stdbool.h>

#include "mode.h"

/* The environment or the command line is wrong; 0 and 1 are stdlib's. */
enum { EXIT_USAGE = 2 };

struct batch_options {
    const struct mode *mode;
    char **files; /* borrowed: argv */
    unsigned file_count;
    unsigned window;
    unsigned sq; /* entries; 0: enough for the window */
    bool is_quiet, is_sync, has_stats, is_verify;
};

/* Fills o from the command line. Prints the help, the version, or what is wrong
 * with the command line.
 *
 * Returns -1    run with these options
 *         >= 0  the exit code */
int batch_options_parse(int argc, char **argv, struct batch_options *o);

#endif
