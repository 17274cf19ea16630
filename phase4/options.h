/* options.h: the command line of the bridge programs.
 *
 * The programs differ only in the host. So one file reads their options, and
 * one suite judges them all. */
#ifndef PHASE4_OPTIONS_H
#define PHASE4_OPTIONS_H

#include <stdbool.h>

#include "bridge.h"

struct options {
    const char *program;     /* borrowed: "bridge-epoll" */
    const char *host;        /* borrowed: "an epoll loop" */
    enum bridge_watch watch; /* what the host watches */
    bool deferred;           /* a ring with DEFER_TASKRUN, else a plain one */
    bool blocking;           /* read with read(2) instead */
    bool report;             /* print at the end how the host fared */
    char **names;            /* borrowed: the files */
    int count;
};

/* Reads the command line. Returns -1 if the program should go on, else its exit
 * code, after printing a message. */
int options_read(struct options *options, const char *program,
                 const char *host, int argc, char **argv);

#endif
