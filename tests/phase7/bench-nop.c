/* bench-nop: a NOP round trip on lib/own against liburing, in one process.
 *
 * What it teaches: two libraries with the same function names can be compared
 * in one process. lib/own is linked, and liburing is loaded with dlopen(3).
 * Each makes one ring, and is called through pointers. The slices alternate,
 * so whatever slows the machine for a moment slows both. */
#include <dlfcn.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "err.h"
#include "sys.h"

#define SLICES_MAX 1001
#define NOPS 3200 /* per slice; a multiple of each depth */
#define DEPTH_MAX 32

struct library {
    const char *name;
    int (*init)(unsigned entries, struct io_uring *ring, unsigned flags);
    int (*submit_and_wait)(struct io_uring *ring, unsigned wait_nr);
    int (*register_ring_fd)(struct io_uring *ring);
    void (*exit)(struct io_uring *ring);
    struct io_uring ring;
};

static unsigned slices = 201;

/* Stores a function of liburing in *to. Returns false if there is none. */
static bool find(void *handle, const char *name, void *to)
{
    void *function = dlsym(handle, name);

    memcpy(to, &function, sizeof function);
    return function != NULL;
}

static bool load_liburing(struct library *library)
{
    void *handle = dlopen("liburing.so.2", RTLD_NOW | RTLD_LOCAL);

    return handle != NULL &&
           find(handle, "io_uring_queue_init", &library->init) &&
           find(handle, "io_uring_submit_and_wait",
                &library->submit_and_wait) &&
           find(handle, "io_uring_register_ring_fd",
                &library->register_ring_fd) &&
           find(handle, "io_uring_queue_exit", &library->exit);
}

/* Returns the nanoseconds per NOP, with depth of them per enter. */
static double time_nops(struct library *library, unsigned depth)
{
    struct io_uring *ring = &library->ring;
    uint64_t began_ns = sys_now_ns();

    for (unsigned done = 0; done < NOPS; done += depth) {
        struct io_uring_cqe *cqe;
        unsigned head, seen = 0;

        for (unsigned i = 0; i < depth; i++)
            io_uring_prep_nop(io_uring_get_sqe(ring));
        library->submit_and_wait(ring, depth);
        io_uring_for_each_cqe(ring, head, cqe)
            seen++;
        io_uring_cq_advance(ring, seen);
    }
    return (double)(sys_now_ns() - began_ns) / NOPS;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double quantile(double *values, unsigned part)
{
    qsort(values, slices, sizeof *values, compare);
    return values[(slices - 1) * part / 4];
}

/* Prints the median and the middle half of the ratios, pair by pair. */
static void compare_at(struct library *own, struct library *other,
                       unsigned depth)
{
    static double first[SLICES_MAX], second[SLICES_MAX], ratio[SLICES_MAX];

    for (unsigned i = 0; i < slices; i++) {
        /* The order within a pair alternates, too. */
        if (i % 2 == 0)
            first[i] = time_nops(own, depth);
        second[i] = time_nops(other, depth);
        if (i % 2 == 1)
            first[i] = time_nops(own, depth);
        ratio[i] = first[i] / second[i];
    }
    printf("a nop of %-2u  %.3f times (%.3f..%.3f)   lib/own %.1f ns, "
           "liburing %.1f ns\n",
           depth, quantile(ratio, 2), quantile(ratio, 1), quantile(ratio, 3),
           quantile(first, 2), quantile(second, 2));
}

static int start(struct library *library)
{
    int rc = library->init(DEPTH_MAX, &library->ring,
                           IORING_SETUP_SINGLE_ISSUER |
                               IORING_SETUP_DEFER_TASKRUN);

    if (rc < 0) {
        fprintf(stderr, "bench-nop: %s makes no ring: %s (%s)\n",
                library->name, err_words(rc), err_name(rc));
        return rc;
    }
    (void)library->register_ring_fd(&library->ring);
    return 0;
}

static const char help[] =
    "[--slices N]\n"
    "Measures a NOP round trip on lib/own against liburing: the median of\n"
    "the ratios, and the middle half of them.\n\n"
    "  --slices N  how often each is measured, 1 to 1001 (201)\n"
    "  --help      this text\n"
    "  --version   name and version\n";

int main(int argc, char **argv)
{
    static struct library liburing = {.name = "liburing"};
    static struct library own = {
        .name = "lib/own",
        .init = io_uring_queue_init,
        .submit_and_wait = io_uring_submit_and_wait,
        .register_ring_fd = io_uring_register_ring_fd,
        .exit = io_uring_queue_exit,
    };
    const struct command_option options[] = {
        {.name = "slices", .number = &slices, .min = 1, .max = SLICES_MAX},
        {0},
    };
    struct command command = {
        .name = "bench-nop",
        .help = help,
        .options = options,
    };
    int rc = command_read(&command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    if (!load_liburing(&liburing)) {
        fprintf(stderr, "bench-nop: liburing.so.2 cannot be loaded\n");
        return 2;
    }
    if (start(&own) < 0 || start(&liburing) < 0)
        return 2;
    compare_at(&own, &liburing, 1);
    compare_at(&own, &liburing, DEPTH_MAX);
    own.exit(&own.ring);
    liburing.exit(&liburing.ring);
    return command_finish(&command, COMMAND_DONE);
}
