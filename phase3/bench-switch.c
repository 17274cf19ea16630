/* bench-switch: measures a context switch, and an operation in a task.
 *
 * What it teaches: to compare two operations, measure them alternately, slice
 * by slice, and compare each pair of slices. The ratio is more reliable than
 * either time, because other load on the machine slows both operations. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "await.h"
#include "command.h"
#include "ctx.h"
#include "err.h"
#include "sys.h"

#define SLICES_MAX 1001
#define SWITCHES 20000 /* round trips per slice: 0.2 ms */
#define SWAPS 1000     /* round trips per slice: 0.4 ms */
#define NOPS 3200      /* per slice: 1 ms; a multiple of every depth */
#define DEPTH_MAX 32

/* The timings of two operations that are measured in alternation. Each slice
 * has one value: nanoseconds per execution. ratio is second / first. */
struct pair {
    double first[SLICES_MAX], second[SLICES_MAX], ratio[SLICES_MAX];
};

static int slices = 201; /* measurements of each operation */

/* Compares two numbers, for qsort. Returning the difference as an int would
 * lose fractions. */
static int bench_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* Sorts values, and returns their median. */
static double median(double *values)
{
    qsort(values, (size_t)slices, sizeof *values, bench_compare);
    return values[slices / 2];
}

/* Returns the time per execution for count executions since began_ns. */
static double since_ns(uint64_t began_ns, int count)
{
    return (double)(sys_now_ns() - began_ns) / count;
}

/* Prints the median of the ratios, not the ratio of the medians. The two slices
 * of a ratio were measured within a few milliseconds, under the same
 * conditions. Computes all ratios first, because median() changes the order of
 * the times. */
static void print_pair(const char *what, const char *first, const char *second,
                       struct pair *pair)
{
    for (int i = 0; i < slices; i++)
        pair->ratio[i] = pair->second[i] / pair->first[i];
    printf("%-14s %6.2f times   %s %.1f ns, %s %.1f ns\n", what,
           median(pair->ratio), first, median(pair->first), second,
           median(pair->second));
}

/* --- switching --- */

static struct ctx home, other;
static ucontext_t ucontext_home, ucontext_other;

/* The function of a context must never return, so this function switches back
 * in an endless loop. */
static void bench_come_back(void *arg)
{
    (void)arg;
    for (;;)
        ctx_switch(&other, &home);
}

static void bench_swap_back(void)
{
    for (;;)
        swapcontext(&ucontext_other, &ucontext_home);
}

/* Compares ctx_switch with swapcontext(3), the portable way to switch, which
 * also saves the signal mask and needs a system call for that. The stacks are
 * aligned to 16 bytes because the ABIs of x86-64 and AArch64 require it. */
static void bench_switches(struct pair *pair)
{
    static _Alignas(16) char stacks[2][64 << 10];

    ctx_make(&other, stacks[0], sizeof stacks[0], bench_come_back, NULL);
    getcontext(&ucontext_other);
    ucontext_other.uc_stack.ss_sp = stacks[1];
    ucontext_other.uc_stack.ss_size = sizeof stacks[1];
    makecontext(&ucontext_other, bench_swap_back, 0);
    for (int i = 0; i < slices; i++) {
        /* Each iteration is two switches, there and back. */
        uint64_t began_ns = sys_now_ns();

        for (int n = 0; n < SWITCHES; n++)
            ctx_switch(&home, &other);
        pair->first[i] = since_ns(began_ns, 2 * SWITCHES);
        began_ns = sys_now_ns();
        for (int n = 0; n < SWAPS; n++)
            swapcontext(&ucontext_home, &ucontext_other);
        pair->second[i] = since_ns(began_ns, 2 * SWAPS);
    }
    print_pair("a switch", "ctx_switch", "swapcontext", pair);
}

/* --- nops: one ring, used with liburing alone and through tasks --- */

static struct loop loop;

/* Runs the nops with the shortest code on liburing, without tasks. One
 * io_uring_enter submits and waits, as in the loop. More system calls would
 * make the comparison unfair. */
static double time_bare(int depth)
{
    struct io_uring *ring = &loop.ring.uring;
    uint64_t began_ns = sys_now_ns();

    for (int done = 0; done < NOPS; done += depth) {
        struct io_uring_cqe *cqe;
        unsigned head, seen = 0;

        for (int i = 0; i < depth; i++)
            io_uring_prep_nop(io_uring_get_sqe(ring));
        io_uring_submit_and_wait(ring, (unsigned)depth);
        io_uring_for_each_cqe(ring, head, cqe)
            seen++;
        io_uring_cq_advance(ring, seen);
    }
    return since_ns(began_ns, NOPS);
}

static struct task nop_tasks[DEPTH_MAX]; /* must not move while they run */

/* Task body: runs *count nops, one at a time. bench_time_tasks runs several of
 * these tasks at once. */
static int bench_do_nops(void *arg)
{
    const int *count = arg;

    for (int i = 0; i < *count; i++)
        await_nop();
    return 0;
}

/* Task body: runs NOPS nops in several tasks, and stores the time per nop.
 * Spawning is not measured, because a real task is spawned once and waits
 * often. */
static int bench_time_tasks(void *arg)
{
    double *result_ns = arg; /* on entry, the depth */
    int depth = (int)*result_ns, each = NOPS / depth;
    uint64_t began_ns;

    for (int i = 0; i < depth; i++)
        task_spawn(&nop_tasks[i], "nops", bench_do_nops, &each);
    /* The tasks start when this task waits in the first join. */
    began_ns = sys_now_ns();
    for (int i = 0; i < depth; i++)
        task_join(&nop_tasks[i]);
    *result_ns = since_ns(began_ns, NOPS);
    return 0;
}

/* Measures a slice with liburing, then one with tasks, on the same ring. Two
 * rings would use different memory, and so could have different cache
 * misses. */
static void bench_nops(struct pair *pair, int depth)
{
    char what[32];

    for (int i = 0; i < slices; i++) {
        pair->first[i] = time_bare(depth);
        pair->second[i] = depth;
        (void)loop_run(&loop, bench_time_tasks, &pair->second[i]);
    }
    snprintf(what, sizeof what, "a nop of %d", depth);
    print_pair(what, "liburing", "await_nop", pair);
}

static const char help[] =
    "[--slices N]\n"
    "Measures ctx_switch against swapcontext, and a nop through a task\n"
    "against a nop with liburing alone: medians, the ratio first.\n\n"
    "  --slices N  how often each is measured, 1 to 1001 (201)\n"
    "  --help      this text\n"
    "  --version   name and version\n";

/* All slices use one loop, so that creating a loop is not part of any
 * measurement. */
int main(int argc, char **argv)
{
    static struct pair pair;
    unsigned number = (unsigned)slices;
    const struct command_option options[] = {
        {.name = "slices", .number = &number, .min = 1, .max = SLICES_MAX},
        {0},
    };
    struct command command = {
        .name = "bench-switch",
        .help = help,
        .options = options,
    };
    int rc = command_read(&command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    slices = (int)number;
    rc = loop_init(&loop, NULL);
    if (rc < 0) {
        fprintf(stderr, "bench-switch: no io_uring here: %s (%s)\n",
                err_words(rc), err_name(rc));
        return 2;
    }
    bench_switches(&pair);
    bench_nops(&pair, 1);
    bench_nops(&pair, DEPTH_MAX);
    loop_finish(&loop);
    return command_finish(&command, COMMAND_DONE);
}
