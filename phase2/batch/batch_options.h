/* batch_options.h: the command line of batch.
 * Introduced in phase 2. Needs: command.h, mode.h. */
#ifndef PHASE2_BATCH_OPTIONS_H
#define PHASE2_BATCH_OPTIONS_H

#include <stdbool.h>

#include "command.h"
#include "mode.h"

struct batch_options {
    const struct mode *mode;
    char **files; /* borrowed: argv */
    unsigned file_count;
    unsigned window;
    unsigned sq; /* entries of the SQ; 0: enough for the window */
    bool is_quiet, is_sync, has_stats, is_verify;
};

/* Fills o and command from the command line. Returns the result of
 * command_read. */
int batch_options_parse(struct command *command, int argc, char **argv,
                        struct batch_options *o);

#endif
