/* tiny_rings.c: gives a program smaller rings than it asks for.
 *
 * Test support, preloaded into programs that make their rings with lib/ring or
 * with liburing:
 *
 *      TINY_RINGS=2 TINY_CQ=8 LD_PRELOAD=.../tiny-rings.so build/phase3/tour
 *
 * An SQ that is full after two requests is full all the time. TINY_CQ is the
 * size of the CQ, for programs that set it. Without it they get the CQ for
 * which they ask. Nothing in the programs knows of it. */
#include <dlfcn.h>
#include <liburing.h>
#include <stdlib.h>

/* Returns the number in an environment variable, or 0. */
static unsigned number(const char *name)
{
    const char *text = getenv(name);

    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static unsigned clamp(unsigned entries)
{
    unsigned limit = number("TINY_RINGS");

    return limit != 0 && entries > limit ? limit : entries;
}

int io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                               struct io_uring_params *params)
{
    int (*next)(unsigned, struct io_uring *, struct io_uring_params *);
    unsigned tiny = clamp(entries);

    *(void **)&next = dlsym(RTLD_NEXT, "io_uring_queue_init_params");
    if (tiny < entries && number("TINY_CQ") != 0 &&
        (params->flags & IORING_SETUP_CQSIZE))
        params->cq_entries = number("TINY_CQ");
    return next(tiny, ring, params);
}

int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    struct io_uring_params params = {.flags = flags};

    return io_uring_queue_init_params(entries, ring, &params);
}
