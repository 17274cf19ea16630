/* cp_options.c: reads cp-uring's command line; see cp_options.h.
 *
 * All of it is checked before the first file is opened. A wrong number in a
 * script must not leave half of the files copied. */
#include "cp_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* The values of the options, in the order of their enums. */
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
static const char *const stats_names[] = {"text", "json", NULL};

static const char help[] =
    "Usage: cp-uring [OPTION]... SOURCE TARGET\n"
    "  or:  cp-uring [OPTION]... SOURCE... DIRECTORY\n"
    "  or:  cp-uring [OPTION]... -t DIRECTORY SOURCE...\n"
    "Copies files through io_uring. A target is the old file or the whole\n"
    "new one at every instant: the copy is made beside it and renamed.\n"
    "\n"
    "  -r, --recursive      copy directories; links are copied as links\n"
    "  -f, --force          replace targets that are write-protected\n"
    "  -n, --no-clobber     keep targets that exist\n"
    "  -p, --preserve       keep mode, owner and times\n"
    "  -t, --target-directory=DIR\n"
    "                       copy all sources into DIR\n"
    "  -T, --no-target-directory\n"
    "                       TARGET is the copy's name, never a directory to\n"
    "                       copy into\n"
    "  -v, --verbose        name each file on stdout once it is copied\n"
    "      --engine=ENGINE  uring (default), rw, copy_file_range, splice\n"
    "      --depth=N        operations in flight, 1 to 1024 (32)\n"
    "      --block-size=N   bytes of one, 4K to 512M (256K); their product\n"
    "                       is at most 1G\n"
    "      --direct[=WHEN]  bypass the page cache (O_DIRECT). auto (default):\n"
    "                       to read a large source that is not in it; never;\n"
    "                       always, or no WHEN: to read and to write\n"
    "      --sparse=WHEN    auto (default): keep holes; never: fill them\n"
    "      --fsync          return once the copies are on the disk\n"
    "      --progress       bytes, rate and time left on stderr; without it\n"
    "                       long copies print them if stderr is a terminal\n"
    "      --stats[=json]   counters and time, on stderr\n"
    "      --help           this text\n"
    "      --version        name and version\n"
    "\n"
    "exit: 0 all was copied, 1 something was not (its target is as before),\n"
    "2 usage, or a kernel without io_uring\n";

/* Options without a letter: numbers above all characters. */
enum { OPT_ENGINE = 256, OPT_DEPTH, OPT_BLOCK, OPT_DIRECT, OPT_SPARSE,
       OPT_FSYNC, OPT_PROGRESS, OPT_STATS, OPT_HELP, OPT_VERSION };

/* getopt_long accepts abbreviations; do not use them in scripts. */
static const struct option long_options[] = {
    {"recursive", no_argument, NULL, 'r'},
    {"force", no_argument, NULL, 'f'},
    {"no-clobber", no_argument, NULL, 'n'},
    {"preserve", no_argument, NULL, 'p'},
    {"target-directory", required_argument, NULL, 't'},
    {"no-target-directory", no_argument, NULL, 'T'},
    {"verbose", no_argument, NULL, 'v'},
    {"engine", required_argument, NULL, OPT_ENGINE},
    {"depth", required_argument, NULL, OPT_DEPTH},
    {"block-size", required_argument, NULL, OPT_BLOCK},
    {"direct", optional_argument, NULL, OPT_DIRECT},
    {"sparse", required_argument, NULL, OPT_SPARSE},
    {"fsync", no_argument, NULL, OPT_FSYNC},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"stats", optional_argument, NULL, OPT_STATS},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {0},
};

const char *cp_options_engine_name(enum cp_engine engine)
{
    return engine_names[engine];
}

/* Reads a number from min to max with an optional K, M or G. Returns false,
 * after printing a message, for anything else. strtoull alone would accept "-1"
 * as a very large number, " 1" and "1x" as 1, and clamp a number that is too
 * large. */
static bool parse_number(const char *option, const char *text, size_t min,
                         size_t max, size_t *number)
{
    static const char units[] = "KMG";
    unsigned long long value;
    const char *unit;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 10);
    unit = *end != '\0' ? strchr(units, *end) : NULL;
    if (unit != NULL) {
        unsigned shift = 10 * (unsigned)(unit - units + 1);

        /* A value that overflows the shift would become a small number. */
        if (value > (max >> shift))
            errno = ERANGE;
        value <<= shift;
        end++;
    }
    if (errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' &&
        value >= min && value <= max) {
        *number = (size_t)value;
        return true;
    }
    message_refusal(option, text, "not a number, or out of range");
    return false;
}

/* Finds text in words, a list that ends with NULL. Returns false, after
 * printing the list, if it is not in it. */
static bool parse_word(const char *option, const char *text,
                       const char *const *words, unsigned *which)
{
    char why[80] = "not one of";

    for (unsigned i = 0; words[i] != NULL; i++) {
        size_t len = strlen(why);

        if (strcmp(text, words[i]) == 0) {
            *which = i;
            return true;
        }
        snprintf(why + len, sizeof why - len, "%s %s", i > 0 ? "," : "",
                 words[i]);
    }
    message_refusal(option, text, why);
    return false;
}

/* Sets one option that has a value. Returns as parse_option. */
static bool parse_valued(struct cp_options *o, int option, const char *text)
{
    unsigned which = 0;
    size_t depth = 0;
    bool is_right;

    switch (option) {
    case OPT_ENGINE:
        is_right = parse_word("--engine", text, engine_names, &which);
        o->engine = (enum cp_engine)which;
        return is_right;
    case OPT_DEPTH:
        is_right = parse_number("--depth", text, 1, CP_DEPTH_MAX, &depth);
        o->depth = (unsigned)depth;
        return is_right;
    case OPT_BLOCK:
        return parse_number("--block-size", text, CP_BLOCK_MIN, CP_BLOCK_MAX,
                            &o->block_len);
    case OPT_DIRECT:
        is_right = parse_word("--direct", text != NULL ? text : "always",
                              direct_names, &which);
        o->direct = (enum cp_direct)which;
        return is_right;
    case OPT_SPARSE:
        is_right = parse_word("--sparse", text, sparse_names, &which);
        o->keep_holes = which == 1;
        return is_right;
    case OPT_STATS:
        is_right = parse_word("--stats", text != NULL ? text : "text",
                              stats_names, &which);
        o->stats = which == 0 ? CP_STATS_TEXT : CP_STATS_JSON;
        return is_right;
    case 't':
        o->target_dir = text;
        return true;
    default:
        return false; /* getopt_long has printed a message */
    }
}

/* Sets one option: a switch here, an option with a value in parse_valued.
 * Returns false, after printing a message, if the value is wrong. */
static bool parse_option(struct cp_options *o, int option, const char *text)
{
    switch (option) {
    case 'r':
        o->recursive = true;
        break;
    case 'f':
        o->force = true;
        break;
    case 'n':
        o->no_clobber = true;
        break;
    case 'p':
        o->preserve = true;
        break;
    case 'T':
        o->no_target_directory = true;
        break;
    case 'v':
        o->verbose = true;
        break;
    case OPT_FSYNC:
        o->fsync = true;
        break;
    case OPT_PROGRESS:
        o->progress = true;
        break;
    default:
        return parse_valued(o, option, text);
    }
    return true;
}

/* Reads the operands, and checks that options and operands agree. Returns
 * false, after printing a message, if they do not. */
static bool parse_operands(struct cp_options *o, int argc, char **argv)
{
    int needed = o->target_dir != NULL ? 1 : 2;
    int count = argc - optind;

    if (count < needed) {
        /* A single name may be the source or the target: print it. */
        message_refusal(count == 0 ? "missing file operand"
                                   : "missing target after",
                        count == 0 ? NULL : argv[optind], "nothing to do");
        return false;
    }
    o->sources = argv + optind;
    o->source_count = count - needed + 1;
    o->target = o->target_dir != NULL ? NULL : argv[argc - 1];
    /* Do not guess if two options contradict each other. */
    if (o->no_target_directory && (o->target_dir != NULL || count > 2)) {
        message_refusal("-T", argv[argc - 1],
                        "takes one source and one target");
        return false;
    }
    if (o->direct == CP_DIRECT_ALWAYS && o->engine != CP_ENGINE_URING &&
        o->engine != CP_ENGINE_RW) {
        message_refusal("--direct", engine_names[o->engine],
                        "goes with the engines uring and rw only");
        return false;
    }
    if (o->direct == CP_DIRECT_ALWAYS && o->block_len % CP_BLOCK_MIN != 0) {
        message_refusal("--direct", NULL, "needs a block size of whole 4K");
        return false;
    }
    if (o->depth * o->block_len > CP_MEMORY_MAX) {
        message_refusal("--depth and --block-size", NULL,
                        "their product is more than 1G of memory");
        return false;
    }
    return true;
}

int cp_options_parse(struct cp_options *options, int argc, char **argv)
{
    int option;

    *options = (struct cp_options){
        .depth = CP_DEPTH_DEFAULT,
        .block_len = CP_BLOCK_DEFAULT,
        .keep_holes = true,
    };
    while ((option = getopt_long(argc, argv, "Rrfnpt:Tv", long_options,
                                 NULL)) != -1) {
        if (option == OPT_HELP)
            return message_print(help);
        if (option == OPT_VERSION)
            return message_print_version();
        if (!parse_option(options, option == 'R' ? 'r' : option, optarg))
            return message_see_help();
    }
    return parse_operands(options, argc, argv) ? -1 : message_see_help();
}
