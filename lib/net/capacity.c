/* capacity.c: how many connections a server can hold; see capacity.h.
 * Introduced in phase 8. Needs: capacity.h, sys_net.h.
 *
 * What it teaches: a limit that the program can compute needs no option. The
 * program must only reserve some descriptors for itself. */
#include "capacity.h"

#include "sys_net.h"

#define CQE_LEN 16u /* bytes */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

struct capacity capacity_raise(void)
{
    return (struct capacity){
        .open_files = sys_raise_open_files(),
        .locked_memory = sys_locked_memory_max(),
    };
}

unsigned capacity_cq(const struct limits *limits)
{
    uint64_t wanted = (uint64_t)LIMIT_OPS_PER_CONN * limits->conns_max +
                      LIMIT_OPS_BESIDE_CONNS;

    if (limits->cq != LIMIT_CQ) /* the option --cq */
        return limits->cq;
    return (unsigned)least(most(wanted, LIMIT_CQ), LIMIT_CQ_MAX);
}

unsigned capacity_of_cq(unsigned entries)
{
    if (entries < LIMIT_OPS_BESIDE_CONNS + LIMIT_OPS_PER_CONN)
        return 1;
    return (entries - LIMIT_OPS_BESIDE_CONNS) / LIMIT_OPS_PER_CONN;
}

/* Returns the largest power of two up to value, which must be at least 1. The
 * kernel rounds the size of a CQ up to a power of two. */
static uint64_t power_below(uint64_t value)
{
    uint64_t power = 1;

    while (power <= value / 2)
        power *= 2;
    return power;
}

/* Returns the maximum number of entries of a ring's CQ. The option --cq sets
 * it. Without that option, all CQs together get half of the locked memory. The
 * other half is for the rings' other memory, such as their SQEs, and for the
 * user's other processes. */
static unsigned cq_entries(const struct limits *limits,
                           const struct capacity *capacity)
{
    uint64_t fits = capacity->locked_memory / 2 / limits->threads / CQE_LEN;

    if (limits->cq != LIMIT_CQ)
        return (unsigned)power_below(2 * (uint64_t)limits->cq - 1);
    return (unsigned)least(power_below(most(fits, LIMIT_CQ)), LIMIT_CQ_MAX);
}

/* Divides the fds among connections and files. Returns the number of
 * connections of all rings, and lowers *files if there are few fds. */
static uint64_t divide_fds(uint64_t fds, uint64_t *files)
{
    uint64_t conns = fds / 2;

    if (fds >= 2 * (LIMIT_FDS_BESIDE + *files))
        return fds - LIMIT_FDS_BESIDE - *files;
    *files = least(*files, fds - conns - least(LIMIT_FDS_BESIDE, fds / 4));
    return conns;
}

enum capacity_reason capacity_fit(struct limits *limits,
                                  const struct capacity *capacity,
                                  unsigned files)
{
    uint64_t files_all = files;
    uint64_t conns_all = divide_fds(capacity->open_files, &files_all);
    unsigned by_fds = (unsigned)least(conns_all / limits->threads,
                                      LIMIT_CONNS_MAX);
    unsigned by_cq = capacity_of_cq(cq_entries(limits, capacity));
    unsigned asked = limits->conns_max;
    unsigned fits = (unsigned)most(least(by_fds, by_cq), 1);

    limits->files_max =
        files > 0 ? (unsigned)most(files_all / limits->threads, 1) : 0;
    limits->may_shrink = asked == 0;
    limits->conns_max = (unsigned)least(fits, asked > 0 ? asked : LIMIT_CONNS);
    if (asked == 0 || asked <= fits)
        return CAPACITY_SUFFICES;
    return by_fds <= by_cq ? CAPACITY_FILES : CAPACITY_CQ;
}

bool capacity_shrink(struct limits *limits)
{
    if (!limits->may_shrink || limits->conns_max <= LIMIT_CONNS_LEAST)
        return false;
    limits->conns_max /= 2;
    return true;
}
