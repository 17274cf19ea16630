/* tiny_rings.c: gives a program smaller rings than it asks for.
 *
 * Test support, preloaded into programs that make their rings with lib/ring or
 * with liburing: TINY_RINGS=2 LD_PRELOAD=.../tiny-rings.so build/phase3/tour.
 * A queue that is full after two requests is full all the time. Nothing in
 * the programs knows of it. */
#include <dlfcn.h>
#include <liburing.h>
#include <stdlib.h>

static unsigned clamp(unsigned entries)
{
    const char *text = getenv("TINY_RINGS");
    unsigned limit = text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;

    return limit != 0 && entries > limit ? limit : entries;
}

int io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                               struct io_uring_params *params)
{
    int (*next)(unsigned, struct io_uring *, struct io_uring_params *);
    unsigned tiny = clamp(entries);

    *(void **)&next = dlsym(RTLD_NEXT, "io_uring_queue_init_params");
    if (tiny < entries && (params->flags & IORING_SETUP_CQSIZE))
        params->cq_entries = 4 * tiny;
    return next(tiny, ring, params);
}

int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    struct io_uring_params params = {.flags = flags};

    return io_uring_queue_init_params(entries, ring, &params);
}
