/* strategy.h: the ways to do the work, and how many items each has in flight.
 *
 *   sync        one item at a time: a loop of system calls
 *   pool-N      N threads, each of which makes the same calls
 *   posix-aio   aio_read(3) and aio_write(3) of the C library
 *   libuv       uv_fs_open(), uv_fs_read(), ... with callbacks
 *   ring-N      N tasks on one ring, in one thread
 *
 * A method is one file, strategy_*.c. A strategy is a method and a number. */
#ifndef PHASE6_STRATEGY_H
#define PHASE6_STRATEGY_H

#include "run.h"

#define STRATEGY_AT_ONCE_MAX 1024
#define STRATEGIES_MAX 16
#define STRATEGY_NAME_LEN 24

#define STRATEGY_AIO_AT_ONCE 64
#define STRATEGY_UV_AT_ONCE 64

struct method {
    const char *name;
    int at_once; /* items in flight; 0: a number is part of the name */
    int (*run)(struct run *run);
};

struct strategy {
    char name[STRATEGY_NAME_LEN];
    const struct method *method;
    int at_once;
};

/* The methods. Each does the work of the run, and calls run_begin_work and
 * run_end_work unless it cannot be set up. A failure of an item goes to
 * item_fail.
 *
 * Returns 0        the work is done, or an item has failed
 *         -ENOPKG  bench was built without the library
 *         -errno   of the set-up */
int strategy_run_sync(struct run *run);
int strategy_run_pool(struct run *run);
int strategy_run_aio(struct run *run);
int strategy_run_uv(struct run *run);
int strategy_run_ring(struct run *run);

/* The strategies that are measured by default, as strategies_parse reads
 * them. */
extern const char strategies_default[];

/* Parses a list such as "sync,pool-16,ring-64" into strategies, which has room
 * for STRATEGIES_MAX.
 *
 * Returns > 0  the number of strategies
 *         0    a word is not a strategy, or there are too many; *wrong points
 *              to the rest of the list, which begins with that word */
int strategies_parse(const char *list, struct strategy *strategies,
                     const char **wrong);

#endif
