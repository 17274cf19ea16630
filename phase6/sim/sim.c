/* sim.c: runs programs on a simulated kernel; see README.md of this phase.
 *
 * What it teaches: how to find a bug that needs a rare order of events. Choose
 * the order at random, very often, and check named invariants after every
 * step. A seed, or a file with the choices, then repeats the run. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_run.h"

#define PROGRESS_SEEDS 4096u /* between two lines on a terminal */

static const char help[] =
    "PROGRAM [options]\n"
    "Runs PROGRAM on a simulated kernel, once per seed. A seed is an order of\n"
    "events, with faults. Stops at the first run that breaks an invariant.\n\n"
    "  --seeds A-B      the seeds A to B (1-1000)\n"
    "  --seed N         one seed\n"
    "  --choices FILE   one run, whose choices are the bytes of FILE: what\n"
    "                   `ninja sim-fuzz` has found. After the last byte, the\n"
    "                   choices are those of seed 0\n"
    "  --trace          print every step\n"
    "  --twice          make each run twice, and compare the two\n"
    "  --all            try every order of events, and each errno of each\n"
    "                   operation: for small\n"
    "  --help, --version\n\n"
    "Programs: bridge, echo, loop, pump, serve, small, stream, window.\n";

/* The text is parsed in read_seeds, because a range has two numbers. */
static const char *seeds_text = "1-1000", *seed_text, *choices_path;
static unsigned char choices[RUN_CHOICES_MAX];
static size_t choices_len;
static FILE *report; /* stdout; the programs under test have no output */
static bool traces, runs_twice, tries_all;
static const struct command_option options[] = {
    {.name = "seeds", .text = &seeds_text},
    {.name = "seed", .text = &seed_text},
    {.name = "choices", .text = &choices_path},
    {.name = "trace", .flag = &traces},
    {.name = "twice", .flag = &runs_twice},
    {.name = "all", .flag = &tries_all},
    {0},
};

/* Prints the result, and on a terminal a number that shows that sim works. */
static void print_progress(const struct sim_driver *driver, uint64_t count,
                           bool is_end)
{
    if (is_end)
        fprintf(report, "sim: %s: %" PRIu64 " run%s, no failure\n",
                driver->name, count, count == 1 ? "" : "s");
    else if (count % PROGRESS_SEEDS == 0 && isatty(STDERR_FILENO))
        fprintf(stderr, "\r%" PRIu64 " runs\r", count);
}

/* Makes one run: of the file, or of the seed. */
static uint64_t run_one(const struct sim_driver *driver, uint64_t seed)
{
    if (choices_path == NULL)
        return run_seed(driver, seed);
    return run_choices(driver, choices_path, choices, choices_len);
}

/* The first failure ends the process, because a broken program may have left
 * anything behind. */
static int run_seeds(const struct sim_driver *driver, uint64_t from,
                     uint64_t to)
{
    for (uint64_t seed = from; seed <= to; seed++) {
        uint64_t fingerprint = run_one(driver, seed);

        check_that(!runs_twice || run_one(driver, seed) == fingerprint,
                   "same-seed-same-run", "the second run differs; seed",
                   (int64_t)seed);
        print_progress(driver, seed - from + 1, false);
    }
    print_progress(driver, to - from + 1, true);
    return COMMAND_DONE;
}

/* Tries all choices. This ends only for a program with few choices, because
 * each one multiplies the number of runs. */
static int run_all(const struct sim_driver *driver)
{
    uint64_t count = 0;

    knobs_clear(); /* each fault would multiply the runs */
    knob_set(KNOB_ERRNO);
    knob_set(KNOB_INSTANT); /* or else each step would have four lengths */
    pick_all();
    do {
        check_begin(driver->name, count++);
        (void)run_once(driver);
        print_progress(driver, count, false);
    } while (pick_next());
    print_progress(driver, count, true);
    return COMMAND_DONE;
}

/* Splits "A-B", or sets both to N. The last number is left out, because a loop
 * up to it would not end. */
static bool read_seeds(uint64_t *from, uint64_t *to)
{
    char first[32];
    const char *dash = strchr(seeds_text, '-');

    if (seed_text != NULL) {
        seeds_text = seed_text;
        dash = NULL;
    }
    if (dash == NULL)
        return command_number(seeds_text, 0, UINT64_MAX - 1, from) &&
               command_number(seeds_text, 0, UINT64_MAX - 1, to);
    if (dash - seeds_text >= (int)sizeof first)
        return false;
    memcpy(first, seeds_text, (size_t)(dash - seeds_text));
    first[dash - seeds_text] = '\0';
    return command_number(first, 0, UINT64_MAX - 1, from) &&
           command_number(dash + 1, *from, UINT64_MAX - 1, to);
}

/* One process makes all runs of a program. */
int main(int argc, char **argv)
{
    struct command command = {
        .name = "sim",
        .help = help,
        .options = options,
        .operands_min = 1,
        .operands_max = 1,
    };
    const struct sim_driver *driver;
    uint64_t from, to; /* both are run */
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    driver = run_find(command.operands[0]);
    if (driver == NULL)
        return command_misuse(&command, "there is no program '%s'",
                              command.operands[0]);
    if (!read_seeds(&from, &to))
        return command_misuse(&command, "'%s' is not a number or a range of "
                              "seeds", seeds_text);
    if (choices_path != NULL) {
        int rc = run_read_choices(choices_path, choices, &choices_len);

        if (rc < 0)
            return command_misuse(&command, "cannot read '%s': %s",
                                  choices_path, strerror(-rc));
        from = to = 0;
    }
    report = fdopen(dup(STDOUT_FILENO), "w");
    if (report == NULL || freopen("/dev/null", "w", stdout) == NULL)
        return COMMAND_FAILED;
    check_init(STDERR_FILENO, traces);
    /* From here on, a failure ends the process: check_fail. */
    code = tries_all ? run_all(driver) : run_seeds(driver, from, to);
    return fclose(report) == 0 ? code : COMMAND_FAILED;
}
