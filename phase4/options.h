/* options.h: what the bridges are told on the command line.
 *
 * The programs differ in the host and in nothing else: so one file reads their
 * options, and one suite judges them all. */
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
    bool report;             /* say at the end what the host did meanwhile */
    char **names;            /* borrowed: the files */
    int count;
};

/* Reads the command line. Returns -1 if the program is to go on, else its exit
 * code: everything has been said then. */
int options_read(struct options *options, const char *program,
                 const char *host, int argc, char **argv);

#endif
