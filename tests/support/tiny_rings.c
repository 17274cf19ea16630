/* tiny_rings.c: gives a program smaller rings than it asks for.
 *
 * Test support, preloaded into programs that make their rings with liburing's
 * shared object or with lib/own:
 *
 *      TINY_RINGS=2 TINY_CQ=8 LD_PRELOAD=.../tiny-rings.so build/phase3/tour
 *
 * An SQ that is full after two requests is full all the time. TINY_CQ is the
 * size of the CQ, for programs that set it. Without it they get the CQ for
 * which they ask. Nothing in the programs knows of it. */
#include <dlfcn.h>
#include <liburing.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>

/* Returns the number in an environment variable, or 0. */
static unsigned number(const char *name)
{
    const char *text = getenv(name);

    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

/* Returns the entries that the program gets, and changes the size of its CQ. */
static unsigned shrink(unsigned entries, struct io_uring_params *params)
{
    unsigned limit = number("TINY_RINGS"), cq = number("TINY_CQ");

    if (limit == 0 || entries <= limit)
        return entries;
    if (cq != 0 && (params->flags & IORING_SETUP_CQSIZE))
        params->cq_entries = cq;
    return limit;
}

int io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                               struct io_uring_params *params)
{
    int (*next)(unsigned, struct io_uring *, struct io_uring_params *);

    *(void **)&next = dlsym(RTLD_NEXT, "io_uring_queue_init_params");
    return next(shrink(entries, params), ring, params);
}

int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    struct io_uring_params params = {.flags = flags};

    return io_uring_queue_init_params(entries, ring, &params);
}

/* lib/own is a part of the program, so its functions cannot be replaced. It
 * sets its rings up by syscall(2), which can. */
long syscall(long call, ...)
{
    long (*next)(long, ...);
    long a[6];
    va_list list;

    va_start(list, call);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    if (call == __NR_io_uring_setup)
        a[0] = shrink((unsigned)a[0], (struct io_uring_params *)a[1]);
    *(void **)&next = dlsym(RTLD_NEXT, "syscall");
    return next(call, a[0], a[1], a[2], a[3], a[4], a[5]);
}
