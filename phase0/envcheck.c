/* envcheck.c: reports whether this machine can run the course.
 *
 *     envcheck          prints a report, with the verdict in the last line
 *     envcheck --json   prints the report as one JSON object
 *
 * What it teaches: a seccomp filter, a sysctl, a resource limit, or an
 * unsuitable kernel can make io_uring unavailable. The errno does not show
 * which of them is the cause. So envcheck makes several harmless calls, and
 * interprets their results together. It tests features, not versions.
 *
 * Exit code 0: every phase runs in full.
 * Exit code 1: some phases lack a feature; the report names it.
 * Exit code 2: io_uring cannot be used. */
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
    static char whole[1 << 16]; /* larger than any report */
    struct report report;
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    /* With SIGXFSZ ignored, a file-size limit makes write fail instead of
     * killing the process. */
    (void)sys_ignore_signal(SIGXFSZ);
    report_make(&report);
    /* Buffer the whole report, so that stdio writes it at the end, in one call
     * whose errno is known. stdio does not keep the errno of an earlier
     * write. */
    (void)setvbuf(stdout, whole, _IOFBF, sizeof whole);
    if (is_json)
        report_print_json(&report);
    else
        report_print_text(&report);
    /* If the disk is full or the pipe is closed, command_finish returns
     * VERDICT_UNUSABLE, because a truncated report could look complete. */
    return command_finish(&command, (int)report.verdict);
}
