/* load_options.h: the command line of echo-client, and what all of its threads
 * share. Nothing here changes after the start. */
#ifndef PHASE8_LOAD_OPTIONS_H
#define PHASE8_LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "net.h"

#define LOAD_CONNS_MAX 20000u
#define LOAD_SIZE_MAX (1u << 20)
#define LOAD_SIZES_MAX 16u
#define LOAD_DEPTH_MAX 1024u
#define LOAD_THREADS_MAX 64u

struct load_options {
    const char *host;      /* borrowed: argv's */
    unsigned port;
    unsigned conns;        /* connections, in all threads */
    unsigned depth;        /* messages under way per connection */
    const char *sizes_text; /* borrowed: argv's */
    unsigned sizes[LOAD_SIZES_MAX]; /* bytes of the messages, in turn */
    unsigned size_count;
    unsigned seconds;      /* 0: until all bytes are done */
    uint64_t bytes;        /* at most this many per connection; 0: no limit */
    unsigned rate;         /* messages per second; 0: closed loop */
    const char *path;      /* borrowed: the path to request; NULL: an echo */
    unsigned threads;
    unsigned patience_s;   /* without any answer, before giving up */
    bool shows_progress;
    struct net_address address; /* of host and port */
};

#define LOAD_OPTIONS_DEFAULT                                                  \
    {                                                                         \
        .host = "127.0.0.1", .port = 7878, .conns = 1, .depth = 1,            \
        .sizes_text = "64", .seconds = 2, .threads = 1, .patience_s = 10       \
    }

/* Reads the command line into options, which have their defaults. Fills
 * command, for command_finish. Returns the same as command_read. */
int load_options_parse(struct load_options *options, struct command *command,
                       int argc, char **argv);

#endif
