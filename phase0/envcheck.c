/* envcheck.c: can this machine run the course, and if not, who says no?
 *
 *     envcheck          a report, and the verdict in its last line
 *     envcheck --json   the same as one JSON object
 *
 * What it teaches: io_uring is refused by a filter, a sysctl, a kernel or a
 * limit, and an errno does not say by which. Ask harmless questions first, and
 * read the answers together; ask for features, never for versions.
 *
 * Exits 0 when every phase runs in full, 1 when some lack something
 * (named, with what they lose), 2 when io_uring cannot be used. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "command.h"
#include "report.h"
#include "sys.h"

static const char help[] =
    "[--json]\n"
    "Says whether this machine can run io_uring, what its kernel offers, and\n"
    "who refuses if it cannot.\n"
    "\n"
    "  --json     one JSON object instead of text\n"
    "  --help     this text\n"
    "  --version  name and version\n"
    "\n"
    "Exits 0: every phase runs in full; 1: some go without something;\n"
    "2: io_uring cannot be used.\n";

int main(int argc, char **argv)
{
    bool is_json = false;
    const struct command_option options[] = {
        {.name = "json", .flag = &is_json},
        {0},
    };
    struct command command = {
        .name = "envcheck",
        .help = help,
        .options = options,
        .output_failed = VERDICT_UNUSABLE,
    };
    static char whole[1 << 16]; /* the report fits in */
    struct report report;
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    /* A limit on the size of files is an errno then, and no death. */
    (void)sys_ignore_signal(SIGXFSZ);
    report_make(&report);
    /* One write at the end, which returns why it failed: stdio does not keep
     * the errno of an earlier write. */
    (void)setvbuf(stdout, whole, _IOFBF, sizeof whole);
    if (is_json)
        report_print_json(&report);
    else
        report_print_text(&report);
    /* Full disk or closed pipe: half a report would look whole. */
    return command_finish(&command, (int)report.verdict);
}
