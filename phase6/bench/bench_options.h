/* bench_options.h: the command line of bench. */
#ifndef PHASE6_BENCH_OPTIONS_H
#define PHASE6_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "strategy.h"

#define BENCH_ROUNDS_MAX 1000

struct bench_options {
    struct strategy strategies[STRATEGIES_MAX];
    int strategy_count;
    struct work work; /* the members that options set */
    unsigned rounds;  /* rounds that count */
    unsigned files;   /* number of files to make, if none is named */
    bool is_cold;
    bool wants_json;
};

/* Parses the command line. Returns COMMAND_GO_ON, or an exit code, as
 * command_read does. */
int bench_options_parse(struct bench_options *options, struct command *command,
                        int argc, char **argv);

/* Returns the name of a load. */
const char *bench_options_load(enum work_load load);

#endif
