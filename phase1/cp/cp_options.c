/* cp_options.c: reads cp-uring's command line; see cp_options.h.
 *
 * The whole line is checked before any file is opened, so that a wrong number
 * in a script does not leave half of the files copied. */
#include "cp_options.h"

#include <stdint.h>

#include "command.h"

/* The names of the option values, indexed by enum. */
static const char *const engine_names[] = {
    [CP_ENGINE_URING] = "uring",
    [CP_ENGINE_RW] = "rw",
    [CP_ENGINE_COPY_FILE_RANGE] = "copy_file_range",
    [CP_ENGINE_SPLICE] = "splice",
    NULL,
};
static const char *const direct_names[] = {
    [CP_DIRECT_AUTO] = "auto",
    [CP_DIRECT_NEVER] = "never",
    [CP_DIRECT_ALWAYS] = "always",
    NULL,
};
static const char *const sparse_names[] = {"never", "auto", NULL};
static const char *const stats_names[] = {
    [CP_STATS_TEXT] = "text",
    [CP_STATS_JSON] = "json",
    NULL,
};

static const char help[] =
    "[OPTION]... SOURCE TARGET\n"
    "  or:  cp-uring [OPTION]... SOURCE... DIRECTORY\n"
    "  or:  cp-uring [OPTION]... -t DIRECTORY SOURCE...\n"
    "Copies files through io_uring. At any time a target is either the old\n"
    "file or the complete new one: a copy gets its name only when it is\n"
    "complete (except with --inplace).\n"
    "\n"
    "  -r, --recursive      copy directories; links are copied as links\n"
    "  -f, --force          replace targets that are write-protected\n"
    "  -n, --no-clobber     keep targets that exist\n"
    "  -p, --preserve       keep mode, owner and times, and the extended\n"
    "                       attributes, where that is possible\n"
    "  -t, --target-directory=DIR\n"
    "                       copy all sources into DIR\n"
    "  -T, --no-target-directory\n"
    "                       do not copy into TARGET, even if it is a\n"
    "                       directory\n"
    "  -v, --verbose        print the names of each copied file on stdout\n"
    "      --engine=ENGINE  uring (default), rw, copy_file_range, splice\n"
    "      --depth=N        operations in flight, 1 to 1024 (32)\n"
    "      --block-size=N   bytes per operation, 4K to 512M (256K); depth\n"
    "                       times block size is at most 1G\n"
    "      --direct[=WHEN]  bypass the page cache (O_DIRECT). auto (default):\n"
    "                       to read large sources that are not in it; never;\n"
    "                       always, or no WHEN: for all reads and writes\n"
    "      --sparse=WHEN    auto (default): keep holes; never: fill them\n"
    "      --fsync          wait until the copies are on the disk\n"
    "      --inplace        write into targets that exist, instead of\n"
    "                       replacing them; they keep their owner, mode and\n"
    "                       other names, but other programs see a part of the\n"
    "                       new content, and a failure loses the old one\n"
    "      --progress       print bytes, rate and time left on stderr; this\n"
    "                       is the default for long copies on a terminal\n"
    "      --stats[=json]   print counters and time on stderr\n"
    "      --help           this text\n"
    "      --version        name and version\n"
    "\n"
    "exit: 0 everything was copied, 1 something was not (its target is\n"
    "unchanged), 2 usage error, or a kernel without io_uring\n";

const char *cp_options_engine_name(enum cp_engine engine)
{
    return engine_names[engine];
}

/* Stores the operands, and checks that the options and operands fit together.
 * Refuses options that contradict each other. Returns the same values as
 * command_read. */
static int take_operands(struct cp_options *o, const struct command *command)
{
    const int count = command->operand_count;
    const int needed = o->target_dir != NULL ? 1 : 2;
    char **operands = command->operands;

    if (count == 0)
        return command_misuse(command, "missing file operand");
    if (count < needed) /* there is only one operand */
        return command_misuse(command, "missing target after '%s'",
                              operands[0]);
    o->sources = operands;
    o->source_count = count - needed + 1;
    o->target = o->target_dir != NULL ? NULL : operands[count - 1];
    if (o->no_target_directory && (o->target_dir != NULL || count > 2))
        return command_misuse(command, "-T '%s': needs exactly one source "
                              "and one target", operands[count - 1]);
    if (o->in_place && o->force)
        return command_misuse(command, "--inplace with -f: the one writes "
                              "into targets, the other replaces them");
    if (o->direct == CP_DIRECT_ALWAYS && o->engine != CP_ENGINE_URING &&
        o->engine != CP_ENGINE_RW)
        return command_misuse(command, "--direct with %s: works only with "
                              "the engines uring and rw",
                              engine_names[o->engine]);
    if (o->direct == CP_DIRECT_ALWAYS && o->block_len % CP_BLOCK_MIN != 0)
        return command_misuse(command, "--direct: needs a block size that "
                              "is a multiple of 4K");
    if (o->depth * o->block_len > CP_MEMORY_MAX)
        return command_misuse(command, "--depth and --block-size: their "
                              "product exceeds 1G");
    return COMMAND_GO_ON;
}

int cp_options_parse(struct cp_options *o, int argc, char **argv)
{
    unsigned engine = CP_ENGINE_URING, direct = CP_DIRECT_AUTO;
    unsigned keep_holes = 1, stats = CP_STATS_NONE;
    uint64_t block_len = CP_BLOCK_DEFAULT;
    const struct command_option options[] = {
        {.name = "recursive", .letter = 'r', .flag = &o->recursive},
        {.letter = 'R', .flag = &o->recursive},
        {.name = "force", .letter = 'f', .flag = &o->force},
        {.name = "no-clobber", .letter = 'n', .flag = &o->no_clobber},
        {.name = "preserve", .letter = 'p', .flag = &o->preserve},
        {.name = "target-directory", .letter = 't', .text = &o->target_dir},
        {.name = "no-target-directory", .letter = 'T',
         .flag = &o->no_target_directory},
        {.name = "verbose", .letter = 'v', .flag = &o->verbose},
        {.name = "engine", .word = &engine, .words = engine_names},
        {.name = "depth", .number = &o->depth, .min = 1, .max = CP_DEPTH_MAX},
        {.name = "block-size", .number64 = &block_len, .min = CP_BLOCK_MIN,
         .max = CP_BLOCK_MAX, .has_unit = true},
        {.name = "direct", .word = &direct, .words = direct_names,
         .absent = "always"},
        {.name = "sparse", .word = &keep_holes, .words = sparse_names},
        {.name = "fsync", .flag = &o->fsync},
        {.name = "inplace", .flag = &o->in_place},
        {.name = "progress", .flag = &o->progress},
        {.name = "stats", .word = &stats, .words = stats_names,
         .absent = "text"},
        {0},
    };
    struct command command = {.name = "cp-uring", .help = help,
                              .options = options,
                              .operands_max = COMMAND_ANY};
    int code;

    *o = (struct cp_options){.depth = CP_DEPTH_DEFAULT};
    code = command_read(&command, argc, argv);
    if (code != COMMAND_GO_ON)
        return code;
    o->engine = (enum cp_engine)engine;
    o->direct = (enum cp_direct)direct;
    o->stats = (enum cp_stats_format)stats;
    o->keep_holes = keep_holes == 1;
    o->block_len = (size_t)block_len;
    return take_operands(o, &command);
}
