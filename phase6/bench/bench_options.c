/* bench_options.c: the command line of bench; see bench_options.h. */
#include "bench_options.h"

#include <string.h>

#include "pattern.h"

/* Defaults. 32 MiB are 8192 blocks of 4 KiB: a disk that needs 100 us for each
 * is busy for a second. */
#define FILES 1000
#define FILE_LEN 4096u
#define BIG_FILE_LEN (32u << 20)

/* The list of --only repeats strategies_default, in fewer columns. */
static const char help[] =
    "[OPTION]... [FILE]...\n"
    "Reads or writes the same files with several strategies, in turn, and\n"
    "prints what each costs. If no FILE is named, makes files in $TMPDIR or\n"
    "/var/tmp, and removes them.\n"
    "\n"
    "  --load LOAD   files   open each file, read it to its end, close it\n"
    "                stream  one big file in blocks of 128 KiB, in order\n"
    "                random  one big file in blocks of 4 KiB, shuffled\n"
    "                direct  as random, with O_DIRECT\n"
    "  --write       write instead of reading, and verify what was written\n"
    "  --cold        empty the page cache before each run\n"
    "  --sum         add up the bytes that are read, and compare the sums\n"
    "  --only LIST   strategies, separated by commas; the others are compared\n"
    "                with the first: sync, pool-N, posix-aio, libuv, ring-N\n"
    "                (sync, pool-4, -16, -64, posix-aio, libuv, ring-1, -4,\n"
    "                -16, -64, -256); N is from 1 to 1024\n"
    "  --rounds N    rounds that count, after one that does not (11)\n"
    "  --files N     files to make for --load files (1000)\n"
    "  --size N      bytes of each file; K, M, G (4K; one big file: 32M)\n"
    "  --json        print JSON; phase6/README.md explains it\n"
    "  --help, --version\n"
    "\n"
    "Exit codes: 0 done; 1 a file could not be read or written, or two\n"
    "strategies differ; 2 usage, or no strategy can be set up here.\n";

/* In the order of enum work_load; command_read stores an index. */
static const char *const loads[] = {"files", "stream", "random", "direct",
                                    NULL};

const char *bench_options_load(enum work_load load)
{
    return loads[load];
}

/* Checks the rules that concern two arguments. Each message names the argument
 * that the user should change, as those of command_read do.
 *
 * --write never touches a FILE of the user: a benchmark must not be able to
 * destroy a file because of a wrong word on its command line. */
static int check(struct bench_options *options, const struct command *command)
{
    struct work *work = &options->work;

    if (command->operand_count > 0 && work->writes)
        return command_misuse(command, "%s: --write overwrites files, so it "
                              "writes only files that it makes",
                              command->operands[0]);
    if (command->operand_count > 0 && work->load != WORK_FILES)
        return command_misuse(command, "%s: --load %s makes its file itself",
                              command->operands[0], loads[work->load]);
    if (work->load == WORK_DIRECT && options->is_cold)
        return command_misuse(command, "--cold: --load direct does not use the "
                              "page cache");
    if (work->load == WORK_DIRECT && work->file_len % PATTERN_BLOCK != 0)
        return command_misuse(command, "--size %llu: --load direct needs a "
                              "multiple of 4096",
                              (unsigned long long)work->file_len);
    return COMMAND_GO_ON;
}

int bench_options_parse(struct bench_options *options, struct command *command,
                        int argc, char **argv)
{
    const char *only = strategies_default, *wrong;
    struct work *work = &options->work;
    unsigned load = WORK_FILES;
    const struct command_option table[] = {
        {.name = "load", .word = &load, .words = loads},
        {.name = "write", .flag = &work->writes},
        {.name = "cold", .flag = &options->is_cold},
        {.name = "sum", .flag = &work->wants_sum},
        {.name = "only", .text = &only},
        {.name = "rounds", .number = &options->rounds, .min = 1,
         .max = BENCH_ROUNDS_MAX},
        {.name = "files", .number = &options->files, .min = 1,
         .max = WORK_FILES_MAX},
        {.name = "size", .number64 = &work->file_len, .min = 1,
         .max = WORK_LEN_MAX, .has_unit = true},
        {.name = "json", .flag = &options->wants_json},
        {0},
    };
    int code;

    *options = (struct bench_options){.rounds = 11, .files = FILES};
    *command = (struct command){.name = "bench", .help = help,
                                .options = table, .operands_max = COMMAND_ANY};
    code = command_read(command, argc, argv);
    command->options = NULL; /* the array is local to this function */
    if (code != COMMAND_GO_ON)
        return code;
    work->load = (enum work_load)load;
    /* 0 is not a valid --size, so the user has not set it. */
    if (work->file_len == 0)
        work->file_len = load == WORK_FILES ? FILE_LEN : BIG_FILE_LEN;
    options->strategy_count =
        strategies_parse(only, options->strategies, &wrong);
    if (options->strategy_count == 0)
        return command_misuse(command, "--only %.*s: not one of sync, pool-N, "
                              "posix-aio, libuv, ring-N, with N from 1 to %d; "
                              "at most %d",
                              (int)strcspn(wrong, ","), wrong,
                              STRATEGY_AT_ONCE_MAX, STRATEGIES_MAX);
    return check(options, command);
}
