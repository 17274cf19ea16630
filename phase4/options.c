/* options.c: what the bridges are told on the command line; see
 * options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

static const char help[] =
    "Usage: %s [OPTION]... FILE...\n"
    "Writes every FILE, in order, to standard output: read through a ring in\n"
    "%s, which has a ticker of its own to serve all the while.\n"
    "The FILE - is standard input.\n\n"
    "  --ring plain|deferred  completions appear by themselves (plain), or\n"
    "                         when the loop enters the kernel (DEFER_TASKRUN)\n"
    "  --watch ring|eventfd   what the host watches: the ring's own fd, which\n"
    "                         only plain rings support, or an eventfd\n"
    "  --watch host           the ring watches the host, and waits\n"
    "                         for it (not GLib)\n"
    "  --blocking             read with read(2) instead, to see what it does\n"
    "  --report               say on stderr what the host did meanwhile\n"
    "  --help                 this text\n"
    "  --version              name and version\n\n"
    "exit: 0 all was written, 1 a file could not be read or the output not\n"
    "written, 2 usage, or a kernel without io_uring\n";

/* Buffered output fails when it is flushed. Returns the exit code. */
static int finish_stdout(const char *program)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fprintf(stderr, "%s: write error: %s (%s)\n", program, err_words(-errno),
            err_name(-errno));
    return 1;
}

static int see_help(const char *program, const char *complaint)
{
    if (complaint != NULL)
        fprintf(stderr, "%s: %s\n", program, complaint);
    fprintf(stderr, "Try '%s --help' for more information.\n", program);
    return 2;
}

/* The number of word among words, which NULL ends; -1 if it is none of them. */
static int which(const char *word, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

/* Takes one option. Returns -1 to go on, or the exit code. */
static int take(struct options *options, int option)
{
    static const char *const rings[] = {"plain", "deferred", NULL};
    static const char *const watched[] = {
        [BRIDGE_RING_FD] = "ring",
        [BRIDGE_EVENTFD] = "eventfd",
        [BRIDGE_HOST_FD] = "host",
        NULL,
    };
    int word; /* below 0: that is said, and not used */

    switch (option) {
    case 'r':
        word = which(optarg, rings);
        options->deferred = word == 1;
        return word >= 0 ? -1
                         : see_help(options->program,
                                    "--ring is plain or deferred");
    case 'w':
        word = which(optarg, watched);
        options->watch = (enum bridge_watch)word;
        return word >= 0 ? -1
                         : see_help(options->program,
                                    "--watch is ring, eventfd or host");
    case 'b':
        options->blocking = true;
        return -1;
    case 'v':
        options->report = true;
        return -1;
    case 'h':
        printf(help, options->program, options->host);
        return finish_stdout(options->program);
    case 'V':
        printf("%s (one-ring) 0.1\n", options->program);
        return finish_stdout(options->program);
    default:
        return see_help(options->program, NULL);
    }
}

int options_read(struct options *options, const char *program,
                 const char *host, int argc, char **argv)
{
    static const struct option known[] = {
        {"ring", required_argument, NULL, 'r'},
        {"watch", required_argument, NULL, 'w'},
        {"blocking", no_argument, NULL, 'b'},
        {"report", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    bool watch_given = false;
    int option, code;

    *options = (struct options){
        .program = program,
        .host = host,
        .watch = BRIDGE_RING_FD,
    };
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        watch_given |= option == 'w';
        code = take(options, option);
        if (code >= 0)
            return code;
    }
    /* A plain ring's own fd is the least that works; which kind is the fastest,
     * phase4/bench.sh says. */
    if (options->deferred && !watch_given)
        options->watch = BRIDGE_EVENTFD;
    if (options->deferred && options->watch == BRIDGE_RING_FD)
        return see_help(program, "a deferred ring needs --watch eventfd or "
                                 "host: a sleeper on its own fd is not woken");
    if (optind == argc)
        return see_help(program, "no FILE was given");
    options->names = argv + optind;
    options->count = argc - optind;
    return -1;
}
