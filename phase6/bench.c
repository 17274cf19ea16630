/* bench: many files, read by three strategies, alternately.
 *
 * What it teaches: how to measure so that the result can be trusted. The
 * strategies run alternately, so that whatever else the machine does meets all
 * of them; what is printed first is a ratio, taken pair by pair; its spread
 * stands beside it; and so does the number of system calls, without which a
 * time explains nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "err.h"
#include "fixtures.h"
#include "strategies.h"
#include "sys.h"

#define ROUNDS_MAX 1000

struct settings {
    int rounds;         /* that count */
    int threads, tasks; /* that read at a time */
    int files;          /* to make, if none are named, */
    size_t size;        /* with this many bytes each */
    bool cold;          /* drop the page cache before each */
    bool wants_sum;     /* add up the bytes */
};

/* What was measured of one strategy. */
struct row {
    double ms[ROUNDS_MAX];
    double ratio[ROUNDS_MAX]; /* to the first strategy, in the same round */
    struct strategy_job last; /* what the last round read, and counted */
};

/* Returns main's exit code. */
static int complain(const char *what, const char *name, int result)
{
    fprintf(stderr, "bench: %s '%s': %s (%s)\n", what, name, err_words(result),
            err_name(result));
    return 1;
}

/* --- measuring ------------------------------------------------------------ */

/* Makes the kernel forget what it has in memory of files. Dirty pages stay, so
 * they are written first. */
static int forget_files(void)
{
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
    int result = 0;

    sync();
    if (fd < 0)
        return -errno;
    if (write(fd, "3", 1) != 1)
        result = -errno;
    close(fd);
    return result;
}

/* Measures one strategy, once. Returns 0, or 1 after printing a message. */
static int measure(const struct settings *settings,
                   const struct strategy *strategy, struct strategy_job *job,
                   double *ms)
{
    uint64_t began_ns;
    int result = settings->cold ? forget_files() : 0;

    if (result < 0)
        return complain("cannot write", "/proc/sys/vm/drop_caches", result);
    job->at_once =
        strategy == &strategies[1] ? settings->threads : settings->tasks;
    /* Threads, ring and stacks are made and released within the time. */
    began_ns = sys_now_ns();
    result = strategy->read_all(job);
    *ms = (double)(sys_now_ns() - began_ns) / 1e6;
    if (result < 0 && job->failed < 0)
        return complain("cannot set up", strategy->name, result);
    if (result < 0)
        return complain("cannot read", job->names[job->failed], result);
    return 0;
}

/* All strategies, alternately. The first round fills the cache, and does not
 * count. */
static int measure_all(const struct settings *settings, char **names, int count,
                       struct row *rows)
{
    for (int round = -1; round < settings->rounds; round++) {
        for (int i = 0; i < STRATEGIES_COUNT; i++) {
            struct row *row = &rows[i];
            double ms;

            row->last = (struct strategy_job){.names = names,
                                          .count = count,
                                          .failed = -1,
                                          .wants_sum = settings->wants_sum};
            if (measure(settings, &strategies[i], &row->last, &ms) != 0)
                return 1;
            if (round < 0)
                continue;
            row->ms[round] = ms;
            row->ratio[round] = ms / rows[0].ms[round];
        }
    }
    return 0;
}

/* --- the table ------------------------------------------------------------ */

/* Ascending, for qsort. */
static int bench_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* Of values that are sorted: 0.5 is the median, 0.25 and 0.75 enclose the
 * middle half. */
static double quantile(const double *values, int count, double q)
{
    return values[(int)((count - 1) * q + 0.5)];
}

/* Sorts the row: its rounds are in no order afterwards. */
static void print_row(const struct settings *settings, struct row *row,
                      const char *name)
{
    int n = settings->rounds;

    qsort(row->ms, (size_t)n, sizeof *row->ms, bench_compare);
    qsort(row->ratio, (size_t)n, sizeof *row->ratio, bench_compare);
    printf("%6.2f  %5.2f..%-5.2f  %-8s %9.2f %9llu",
           quantile(row->ratio, n, 0.5), quantile(row->ratio, n, 0.25),
           quantile(row->ratio, n, 0.75), name, quantile(row->ms, n, 0.5),
           (unsigned long long)row->last.calls);
    if (settings->wants_sum)
        printf("  %016llx", (unsigned long long)row->last.sum);
    putchar('\n');
}

/* Returns main's exit code: 1 if the strategies did not read the same. */
static int print_table(const struct settings *settings, struct row *rows)
{
    int code = 0;

    printf("%d files, %llu bytes, %s, %d rounds; %d threads, %d tasks\n",
           rows->last.count, (unsigned long long)rows->last.bytes,
           settings->cold ? "cold" : "warm", settings->rounds,
           settings->threads, settings->tasks);
    puts(" ratio  spread        way             ms     calls");
    for (int i = 0; i < STRATEGIES_COUNT; i++) {
        print_row(settings, &rows[i], strategies[i].name);
        if (rows[i].last.bytes != rows->last.bytes ||
            rows[i].last.sum != rows->last.sum)
            code = 1;
    }
    if (code != 0)
        fputs("bench: the strategies did not read the same bytes\n", stderr);
    return code;
}

/* --- the command line ----------------------------------------------------- */

static const char help[] =
    "[OPTION]... [FILE]...\n"
    "Reads every FILE with a loop of system calls, with threads, and\n"
    "with tasks on a ring, and prints how long each takes: the ratio\n"
    "to the first of them, its middle half, the median in milliseconds,\n"
    "and the system calls. With no FILE, makes some and removes them.\n"
    "\n"
    "  --rounds N   how often, after one that does not count (11)\n"
    "  --threads N  threads that read at a time (8)\n"
    "  --tasks N    tasks that read at a time (64)\n"
    "  --cold       drop the page cache before each; needs root\n"
    "  --sum        add up the bytes, and compare\n"
    "  --files N    how many to make (1000)\n"
    "  --size N     how many bytes in each (4096)\n"
    "  --help       this text\n"
    "  --version    name and version\n\n"
    "exit: 0 done, 1 a file could not be read, 2 usage\n";

/* Measures the files named, or some that are made for it. */
static int run(const struct settings *settings, char **names, int count)
{
    static struct row rows[STRATEGIES_COUNT];
    struct made made = {.count = 0};
    int code;

    if (count == 0) {
        int result = made_init(&made, settings->files, settings->size);

        if (result < 0)
            return complain("cannot make files in", made.dir, result);
        names = made.names;
        count = made.count;
    }
    code = measure_all(settings, names, count, rows);
    if (code == 0)
        code = print_table(settings, rows);
    made_finish(&made);
    return code;
}

int main(int argc, char **argv)
{
    unsigned rounds = 11, threads = 8, tasks = 64, files = 1000, size = 4096;
    struct settings settings = {0};
    /* The limits are those of rows and buffers, which have a fixed size. */
    const struct command_option options[] = {
        {.name = "rounds", .number = &rounds, .min = 1, .max = ROUNDS_MAX},
        {.name = "threads",
         .number = &threads,
         .min = 1,
         .max = STRATEGY_AT_ONCE_MAX},
        {.name = "tasks",
         .number = &tasks,
         .min = 1,
         .max = STRATEGY_AT_ONCE_MAX},
        {.name = "cold", .flag = &settings.cold},
        {.name = "sum", .flag = &settings.wants_sum},
        {.name = "files", .number = &files, .min = 1, .max = 1000000},
        {.name = "size", .number = &size, .min = 1, .max = 1 << 30},
        {0},
    };
    struct command command = {
        .name = "bench",
        .help = help,
        .options = options,
        .operands_max = COMMAND_ANY,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    settings.rounds = (int)rounds;
    settings.threads = (int)threads;
    settings.tasks = (int)tasks;
    settings.files = (int)files;
    settings.size = size;
    return command_finish(&command, run(&settings, command.operands,
                                        command.operand_count));
}
