/* envcheck.c: can this machine run the course, and if not, who says no?
 *
 *     envcheck          a report, and the verdict in its last line
 *     envcheck --json   the same as one JSON object
 *
 * What it teaches: io_uring is refused by a filter, a sysctl, a kernel or a
 * limit, and an errno does not say by which. Ask harmless questions first, and
 * read the answers together; ask for features, never for versions.
 *
 * Exits 0 when every phase runs in full, 1 when some go without something
 * (named, with what they lose), 2 when io_uring cannot be used. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "report.h"
#include "sys.h"

#define VERSION "0.1"

static const char help[] =
    "usage: envcheck [--json]\n"
    "Says whether this machine can run io_uring, what its kernel offers, and\n"
    "who refuses if it cannot.\n"
    "\n"
    "  --json     one JSON object instead of text\n"
    "  --help     this text\n"
    "  --version  the version\n"
    "\n"
    "Exits 0: every phase runs in full; 1: some go without something;\n"
    "2: io_uring cannot be used.\n";

/* Full disk or closed pipe: half a report would look whole. Returns code, or
 * the exit code where stdout did not take all. */
static int finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "envcheck: writing: %s (%s)\n", err_words(-errno),
            err_name(-errno));
    return VERDICT_UNUSABLE;
}

/* Sets what the options say. Returns -1 to go on, or the exit code. */
static int read_options(int argc, char **argv, bool *is_json)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            *is_json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return finish(EXIT_SUCCESS);
        case 'v':
            puts("envcheck (one-ring) " VERSION);
            return finish(EXIT_SUCCESS);
        default: /* getopt_long has said what is wrong */
            fputs("try envcheck --help\n", stderr);
            return VERDICT_UNUSABLE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "envcheck: takes no argument: %s\n", argv[optind]);
    return VERDICT_UNUSABLE;
}

int main(int argc, char **argv)
{
    struct report report;
    bool is_json = false;
    int code = read_options(argc, argv, &is_json);

    if (code >= 0)
        return code;
    /* A limit on the size of files is an errno then, and no death. */
    (void)sys_ignore_signal(SIGXFSZ);
    report_make(&report);
    if (is_json)
        report_print_json(&report);
    else
        report_print_text(&report);
    return finish((int)report.verdict);
}
