/* batch_options.c: the command line of batch; see batch_options.h.
 * Introduced in phase 2. Needs: batch_options.h, cli.h, window.h.
 *
 * Each limit has an option. So a test can run the program as it is built with
 * little of everything: a window of one, a submission ring of four. */
#include "batch_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "window.h"

#define countof(array) (sizeof(array) / sizeof *(array))

static const struct mode *const modes[] = {
    &mode_single, &mode_batch, &mode_linked, &mode_fixed, &mode_vectored,
};

/* Prints the modes from their table, so that help cannot forget one. */
static void print_help(void)
{
    puts("usage: batch [options] FILE...\n"
         "\n"
         "Writes the contents of the files to stdout, in the order given. A\n"
         "file that cannot be read is named on stderr; the others are whole.\n"
         "\n"
         "  --mode MODE   how to read them (batch):");
    for (size_t i = 0; i < countof(modes); i++)
        printf("                  %-9s %s\n", modes[i]->name, modes[i]->words);
    puts("  --sync        without a ring: open, read, write, close\n"
         "  --verify      write to a scratch file, read back and compare,\n"
         "                instead of writing to stdout\n"
         "  --quiet       read, but write nothing: for measurements\n"
         "  --stats       one line on stderr: operations, submits, calls\n"
         "  --window N    files at once, 1 to 1024 (40)\n"
         "  --sq N        entries of the submission ring, 4 to 32768\n"
         "  --help, --version\n"
         "\n"
         "Exit codes: 0 done, 1 a file or stdout failed, 2 usage or no ring.");
}

/* Prints what is wrong with the command line. Returns the exit code. */
static int usage(const char *what, const char *on)
{
    fprintf(stderr, "batch: %s%s: see batch --help\n", what, on);
    return EXIT_USAGE;
}

/* Applies --mode. Returns -1 or the exit code. */
static int take_mode(struct batch_options *o, const char *name)
{
    for (size_t i = 0; i < countof(modes); i++) {
        if (strcmp(modes[i]->name, name) == 0) {
            o->mode = modes[i];
            return -1;
        }
    }
    return usage("no such mode: ", name);
}

/* Returns the exit code after help or version has been printed. */
static int printed(void)
{
    return cli_finish("batch", EXIT_SUCCESS, EXIT_FAILURE);
}

/* Applies one option, which word contains. Returns -1 or the exit code. */
static int take_option(struct batch_options *o, int c, const char *word)
{
    switch (c) {
    case 'm': return take_mode(o, optarg);
    case 'w':
        o->window = (unsigned)cli_number(optarg, 1, WINDOW_SIZE_MAX);
        return o->window != 0 ? -1 : usage("not a window: ", optarg);
    case 'n':
        o->sq = (unsigned)cli_number(optarg, 4, 32768);
        return o->sq != 0 ? -1 : usage("not a number of entries: ", optarg);
    case 'y': o->is_sync = true; return -1;
    case 'v': o->is_verify = true; return -1;
    case 'q': o->is_quiet = true; return -1;
    case 's': o->has_stats = true; return -1;
    case 'h': print_help(); return printed();
    case 'V': puts("batch (one-ring) 0.1"); return printed();
    default: return usage("unknown option, or no value: ", word);
    }
}

/* There are long options only; the letters name them in take_option. */
int batch_options_parse(int argc, char **argv, struct batch_options *o)
{
    static const struct option names[] = {
        {"mode", required_argument, NULL, 'm'},
        {"window", required_argument, NULL, 'w'},
        {"sq", required_argument, NULL, 'n'},
        {"sync", no_argument, NULL, 'y'},
        {"verify", no_argument, NULL, 'v'},
        {"quiet", no_argument, NULL, 'q'},
        {"stats", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    int c, code = -1;

    *o = (struct batch_options){.mode = &mode_batch, .window = WINDOW_SIZE};
    opterr = 0; /* usage prints the message, getopt does not */
    while (code == -1 && (c = getopt_long(argc, argv, "", names, NULL)) != -1)
        code = take_option(o, c, argv[optind - 1]);
    if (code != -1) /* help, version, or a mistake: already printed */
        return code;
    if (optind == argc)
        return usage("no FILE", "");
    if (o->is_sync && o->is_verify)
        return usage("--verify is for the ring, not for --sync", "");
    o->files = argv + optind;
    o->file_count = (unsigned)(argc - optind);
    return -1;
}
