/* load_options.h: what echo-client is told on its command line. */
#ifndef PHASE8_LOAD_OPTIONS_H
#define PHASE8_LOAD_OPTIONS_H

#include <stdint.h>

#include "command.h"
#include "net.h"

#define LOAD_CONNS_MAX 20000u
#define LOAD_SIZE_MAX (1u << 20)

struct load_options {
    const char *host; /* borrowed: argv's */
    unsigned port;
    unsigned conns;   /* at a time */
    unsigned size;    /* bytes of a message */
    unsigned seconds; /* 0: until all bytes are done */
    uint64_t bytes;   /* at most so many a connection; 0: no limit */
    struct net_address address; /* what host and port are */
};

/* Reads the command line into options, which have their defaults.
 * Fills command, for command_finish.
 * Returns as command_read: -1 to go on, or the exit code. */
int load_options_parse(struct load_options *options, struct command *command,
                       int argc, char **argv);

#endif
