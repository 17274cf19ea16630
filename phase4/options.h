/* options.h: the command line of the bridge programs.
 *
 * The programs differ only in the host, so they have the same options, and one
 * suite tests them all. */
#ifndef PHASE4_OPTIONS_H
#define PHASE4_OPTIONS_H

#include <stdbool.h>

#include "bridge.h"

struct options {
    const char *program;     /* borrowed: "bridge-epoll" */
    const char *host;        /* borrowed: "an epoll loop" */
    enum bridge_watch watch; /* what the host watches */
    bool deferred;           /* the ring has DEFER_TASKRUN */
    bool blocking;           /* read with read(2) instead */
    bool report;             /* print statistics about the host at the end */
    char **names;            /* borrowed: the files */
    int count;
};

/* Reads the command line.
 *
 * Returns  -1    the program should continue
 *          >= 0  its exit code, after printing a message */
int options_read(struct options *options, const char *program,
                 const char *host, int argc, char **argv);

#endif
