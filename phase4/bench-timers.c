/* bench-timers: compares the cost of a timer in libuv's heap and in ours.
 *
 * What it teaches: most timers never fire. A server moves a connection's
 * deadline to a later time whenever it receives data. So the benchmark measures
 * how long it takes to arm a timer, and to move it. Both heaps get the same
 * timers, and are measured alternately in one process. During a measurement no
 * loop runs, no timer fires, and neither heap reads a clock. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "command.h"
#include "sys.h"
#include "sys_end.h"
#include "timer.h"

#define ROUNDS_MAX 101
#define TIMERS_MAX 4000000 /* about 1 GB for both heaps */
#define SPREAD_MS 60000 /* deadlines are within a minute; libuv uses ms */
#define MS UINT64_C(1000000)

enum { INSERT, LATER, ANYWHERE, KINDS };

static const char *const kinds[KINDS] = {"inserted", "moved later",
                                         "moved anywhere"};

/* Nanoseconds per timer, for each kind of operation and each round. */
static double theirs[KINDS][ROUNDS_MAX], ours[KINDS][ROUNDS_MAX];

/* Nanoseconds per timer for the work that our heap postpones when a timer is
 * moved later. This is the worst case, in which the heap has to do all of this
 * work. */
static double postponed[ROUNDS_MAX];

static int count, rounds; /* the options */

/* Both heaps execute the same plan: a deadline for each timer, and then moves
 * in random order. The arrays are read sequentially, so reading the plan costs
 * almost nothing. */
struct move {
    uint32_t timer; /* index */
    uint32_t when_ms[KINDS];
};

static uint32_t *first_ms; /* first deadline of each timer */
static struct move *moves;  /* one per timer, in random order */

/* Returns the next number of a xorshift generator. The seeds are fixed, so each
 * run has the same plans. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Makes a plan, and shuffles its moves (Fisher-Yates). If the moves were in the
 * order of the array, the timers would be in the CPU cache. In a server, they
 * are not. */
static void make_plan(uint64_t seed)
{
    for (int i = 0; i < count; i++) {
        first_ms[i] = (uint32_t)(next_random(&seed) % SPREAD_MS);
        moves[i].timer = (uint32_t)i;
    }
    for (int i = count - 1; i > 0; i--) {
        uint32_t other = (uint32_t)(next_random(&seed) % (unsigned)(i + 1));
        uint32_t kept = moves[i].timer;

        moves[i].timer = moves[other].timer;
        moves[other].timer = kept;
    }
    for (int i = 0; i < count; i++) {
        moves[i].when_ms[LATER] = first_ms[moves[i].timer] + SPREAD_MS;
        moves[i].when_ms[ANYWHERE] =
            (uint32_t)(next_random(&seed) % (2 * SPREAD_MS));
    }
}

/* Returns the nanoseconds per timer since began_ns. */
static double since_ns(uint64_t began_ns)
{
    return (double)(sys_now_ns() - began_ns) / count;
}

/* No timer fires, but both heaps require a callback. */
static void bench_timers_on_uv(uv_timer_t *timer)
{
    (void)timer;
}

/* Measures libuv's heap. libuv adds each timeout to the loop's time, which does
 * not advance here, because the loop does not run. */
static void time_theirs(uv_loop_t *loop, uv_timer_t *timers, int round)
{
    for (int i = 0; i < count; i++)
        uv_timer_init(loop, &timers[i]);
    for (int kind = INSERT; kind < KINDS; kind++) {
        uint64_t began_ns = sys_now_ns();

        for (int i = 0; i < count; i++)
            if (kind == INSERT)
                uv_timer_start(&timers[i], bench_timers_on_uv, first_ms[i], 0);
            else
                uv_timer_start(&timers[moves[i].timer], bench_timers_on_uv,
                               moves[i].when_ms[kind], 0);
        theirs[kind][round] = since_ns(began_ns);
    }
    for (int i = 0; i < count; i++) {
        uv_timer_stop(&timers[i]);
        uv_close((uv_handle_t *)&timers[i], NULL);
    }
    uv_run(loop, UV_RUN_DEFAULT); /* libuv closes handles only in its loop */
}

static void bench_timers_on_ours(struct timer *timer)
{
    (void)timer;
}

/* Measures our heap. This function is the first to touch the heap's memory, so
 * the page faults are part of the result. */
static void time_ours(struct timer *all, int round)
{
    struct timers timers;

    if (timers_init(&timers, (uint32_t)count) < 0)
        sys_fatal("no memory for the timers", -ENOMEM);
    for (int i = 0; i < count; i++)
        all[i] = (struct timer){.fire = bench_timers_on_ours};
    for (int kind = INSERT; kind < KINDS; kind++) {
        uint64_t began_ns = sys_now_ns();

        for (int i = 0; i < count; i++)
            if (kind == INSERT)
                (void)timer_arm(&timers, &all[i], first_ms[i] * MS);
            else
                (void)timer_arm(&timers, &all[moves[i].timer],
                                moves[i].when_ms[kind] * MS);
        ours[kind][round] = since_ns(began_ns);
        if (kind != LATER)
            continue;
        /* Advance the time to just before the first moved timer is due. Each
         * call does a limited amount of the postponed work, so this needs many
         * calls. */
        began_ns = sys_now_ns();
        while (timers_next_ns(&timers) < SPREAD_MS * MS)
            (void)timers_fire(&timers, (SPREAD_MS - 1) * MS, 1);
        postponed[round] = since_ns(began_ns);
    }
    timers_finish(&timers);
}

/* Compares two numbers, for qsort in ascending order. */
static int bench_timers_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* Returns the median of values, and sorts them. */
static double median(double *values)
{
    qsort(values, (size_t)rounds, sizeof *values, bench_timers_compare);
    return values[rounds / 2];
}

/* Prints the median of the ratios, not the ratio of the medians, because the
 * two times of a round were measured right after each other. */
static void print(const char *what, double *their_ns, double *our_ns)
{
    static double ratio[ROUNDS_MAX];
    double middle;

    for (int i = 0; i < rounds; i++)
        ratio[i] = their_ns[i] / our_ns[i];
    middle = median(ratio);
    printf("%-16s %6.1f times (%.1f..%.1f)   libuv %.0f ns, ours %.0f ns\n",
           what, middle, ratio[0], ratio[rounds - 1], median(their_ns),
           median(our_ns));
}

/* Prints the usual case first: each timer is armed, and then moved to a later
 * deadline. Then prints the worst case, in which our heap does all the
 * postponed work, because no timer is moved a second time. Last, prints each
 * kind of operation alone. */
static void print_all(void)
{
    static double their_ns[ROUNDS_MAX], our_ns[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++) {
        their_ns[i] = theirs[INSERT][i] + theirs[LATER][i];
        our_ns[i] = ours[INSERT][i] + ours[LATER][i];
    }
    print("both", their_ns, our_ns);
    for (int i = 0; i < rounds; i++) {
        their_ns[i] = theirs[INSERT][i] + theirs[LATER][i];
        our_ns[i] = ours[INSERT][i] + ours[LATER][i] + postponed[i];
    }
    print("both, at worst", their_ns, our_ns);
    for (int kind = 0; kind < KINDS; kind++)
        print(kinds[kind], theirs[kind], ours[kind]);
}

/* Runs all rounds and prints the results. The arrays are aligned to cache
 * lines, so that a timer as large as a line does not span two lines. Returns
 * the exit code. */
static int measure(void)
{
    size_t n = (size_t)count;
    uv_timer_t *uv_timers = aligned_alloc(64, n * sizeof *uv_timers);
    struct timer *timers = aligned_alloc(64, n * sizeof *timers);
    uv_loop_t *loop = uv_default_loop();

    first_ms = calloc(n, sizeof *first_ms);
    moves = calloc(n, sizeof *moves);
    if (uv_timers == NULL || timers == NULL || first_ms == NULL ||
        moves == NULL || loop == NULL) {
        fprintf(stderr, "bench-timers: no memory for %d timers\n", count);
        return 2;
    }
    for (int round = 0; round < rounds; round++) { /* alternately */
        make_plan((uint64_t)round + 1);
        time_theirs(loop, uv_timers, round);
        time_ours(timers, round);
    }
    print_all();
    free(uv_timers);
    free(timers);
    free(first_ms);
    free(moves);
    return 0;
}

static const char help[] =
    "[--timers N] [--rounds N]\n"
    "Arms and moves timers in libuv's heap and in ours, alternately.\n"
    "Prints the median, least, and greatest ratio, and the median times.\n"
    "\n"
    "  --timers N  timers to arm, 1 to 4000000 (1000000)\n"
    "  --rounds N  rounds to measure, 1 to 101 (5)\n"
    "  --help      this text\n"
    "  --version   name and version\n";

int main(int argc, char **argv)
{
    unsigned timers_wanted = 1000000, rounds_wanted = 5;
    const struct command_option options[] = {
        {.name = "timers", .number = &timers_wanted, .min = 1,
         .max = TIMERS_MAX},
        {.name = "rounds", .number = &rounds_wanted, .min = 1,
         .max = ROUNDS_MAX},
        {0},
    };
    struct command command = {
        .name = "bench-timers",
        .help = help,
        .options = options,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    count = (int)timers_wanted;
    rounds = (int)rounds_wanted;
    return command_finish(&command, measure());
}
