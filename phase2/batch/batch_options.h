/* batch_options.h: the command line of batch.
 * Introduced in phase 2. Needs: batch.h. */
#ifndef ONE_RING_BATCH_OPTIONS_H
#define ONE_RING_BATCH_OPTIONS_H

#include "batch.h"

/* The environment or the command line is wrong; 0 and 1 are stdlib's. */
enum { EXIT_USAGE = 2 };

struct batch_options {
    const struct batch_mode *mode;
    char **files; /* borrowed: argv */
    unsigned file_count;
    unsigned window;
    unsigned sq; /* entries; 0: enough for the window */
    bool is_quiet, is_sync, has_stats, is_verify;
};

/* Fills o from the command line; prints what help or a mistake asks for.
 * Returns -1 to go on, or the code to exit with. */
int batch_options_parse(int argc, char **argv, struct batch_options *o);

#endif
