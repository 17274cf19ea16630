/* bench-sqpoll.c: what a polling thread saves, and what it costs.
 * Introduced in phase 6. Needs: command.h, err.h, sys.h.
 *
 * What it teaches: SQPOLL saves system calls, and pays for them with the CPU
 * time of a kernel thread. The saving depends on how many operations one submit
 * has. The cost depends on the pauses between submits: the thread spins through
 * every pause that is shorter than sq_thread_idle.
 *
 * Each round measures both rings in turn. The kernel counts the CPU time of the
 * polling thread as time of this process. */
#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "command.h"
#include "err.h"
#include "sys.h"

enum { DEPTH_MAX = 32, ROUNDS_MAX = 1000, OPERATIONS = 6400, PAUSES = 50 };
enum { IDLE_MS = 10 };

/* A way to use a ring: depth nops per submit, and a pause after each submit. */
struct load {
    const char *name;
    unsigned depth;
    unsigned operations; /* per round; a multiple of depth */
    uint64_t pause_ns;
};

/* The cost of an operation in one round, in nanoseconds. */
struct cost {
    double ns, cpu_ns;
};

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Submits depth nops, and waits for all of them. */
static void submit(struct io_uring *ring, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        io_uring_prep_nop(io_uring_get_sqe(ring));
    if (ring->flags & IORING_SETUP_SQPOLL) {
        io_uring_submit(ring);
        /* The polling thread posts the CQEs: no system call is needed. */
        for (unsigned i = 0; i < 10000 && io_uring_cq_ready(ring) < depth; i++)
            ;
    }
    if (io_uring_cq_ready(ring) < depth)
        io_uring_submit_and_wait(ring, depth);
    io_uring_cq_advance(ring, depth);
}

static struct cost measure(struct io_uring *ring, const struct load *load)
{
    uint64_t start_ns, start_cpu_ns;

    submit(ring, 1); /* wakes the polling thread of this ring */
    start_ns = sys_now_ns();
    start_cpu_ns = cpu_ns();
    for (unsigned i = 0; i < load->operations; i += load->depth) {
        submit(ring, load->depth);
        if (load->pause_ns != 0)
            sys_pause_ns(load->pause_ns);
    }
    return (struct cost){
        .ns = (double)(sys_now_ns() - start_ns) / load->operations,
        .cpu_ns = (double)(cpu_ns() - start_cpu_ns) / load->operations,
    };
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* Measures both rings alternately, and prints the medians. */
static void print_row(struct io_uring rings[2], const struct load *load,
                      unsigned rounds)
{
    static double ns[2][ROUNDS_MAX], cpu[2][ROUNDS_MAX];
    const volatile unsigned *flags = rings[1].sq.kflags;

    for (unsigned round = 0; round < rounds; round++) {
        for (int i = 0; i < 2; i++) {
            struct cost cost;

            /* Wait until the polling thread sleeps, so that it uses no CPU time
             * while the other ring is measured. */
            while (!(*flags & IORING_SQ_NEED_WAKEUP))
                sys_pause_ns(1000000);
            cost = measure(&rings[i], load);
            ns[i][round] = cost.ns;
            cpu[i][round] = cost.cpu_ns;
        }
    }
    printf("%-22s", load->name);
    for (int i = 0; i < 2; i++)
        printf(" %11.0f %11.0f", median(ns[i], rounds), median(cpu[i], rounds));
    puts("");
}

/* Makes the default ring of lib/ring, and one with SQPOLL. The SQ holds two
 * batches: a polling thread posts the CQEs of a batch before it releases the
 * SQEs. */
static int make(struct io_uring rings[2])
{
    struct io_uring_params params[2] = {
        {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                  IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL},
        {.flags = IORING_SETUP_SQPOLL | IORING_SETUP_SUBMIT_ALL,
         .sq_thread_idle = IDLE_MS},
    };

    for (int i = 0; i < 2; i++) {
        int rc = io_uring_queue_init_params(2 * DEPTH_MAX, &rings[i],
                                            &params[i]);

        if (rc < 0) {
            fprintf(stderr, "bench-sqpoll: io_uring_setup: %s (%s): %s\n",
                    err_words(rc), err_name(rc), err_ring_advice(rc));
            return rc;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct load loads[] = {
        {"1 nop per submit", 1, OPERATIONS, 0},
        {"32 nops per submit", DEPTH_MAX, OPERATIONS, 0},
        {"1 nop per millisecond", 1, PAUSES, 1000000},
    };
    unsigned rounds = 11;
    const struct command_option options[] = {
        {.name = "rounds", .number = &rounds, .min = 1, .max = ROUNDS_MAX},
        {0},
    };
    struct command command = {
        .name = "bench-sqpoll",
        .help = "[--rounds N]\n\n"
                "Measures nops on the default ring and on a ring with SQPOLL.\n"
                "Prints nanoseconds per nop: wall time, and CPU time of the\n"
                "process with its polling thread.\n\n"
                "  --rounds N  measurements of each, 1 to 1000 (11)\n"
                "  --help, --version\n\n"
                "Exit codes: 0 done, 1 output failed, 2 usage or no ring.\n",
        .options = options,
    };
    struct io_uring rings[2];
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    if (make(rings) < 0)
        return COMMAND_USAGE;
    printf("%-22s %11s %11s %11s %11s\n", "ns per nop", "default", "its CPU",
           "SQPOLL", "its CPU");
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        print_row(rings, &loads[i], rounds);
    io_uring_queue_exit(&rings[0]);
    io_uring_queue_exit(&rings[1]);
    return command_finish(&command, COMMAND_DONE);
}
