/* options.c: the command line of the bridge programs; see options.h. */
#include "options.h"

#include <limits.h>
#include <stdio.h>

#include "command.h"

/* --help prints both parts, with the description of the host between them. */
static const char help_begin[] =
    "[OPTION]... FILE...\n"
    "Writes every FILE, in order, to standard output. FILE - means standard\n"
    "input. A ring reads the files. It runs inside ";
static const char help_end[] =
    ",\nwhich also runs a ticker.\n\n"
    "  --ring plain|deferred  completions appear by themselves (plain), or\n"
    "                         when the loop enters the kernel (DEFER_TASKRUN)\n"
    "  --watch ring|eventfd   what the host watches: the ring's own fd, which\n"
    "                         only plain rings support, or an eventfd\n"
    "  --watch host           the ring watches the host and does its wait\n"
    "                         (not with GLib)\n"
    "  --blocking             read with read(2), which blocks the host\n"
    "  --report               print statistics about the host on stderr\n"
    "  --help                 this text\n"
    "  --version              name and version\n\n"
    "exit: 0 all files were written, 1 a file could not be read or the output\n"
    "could not be written, 2 usage, or a kernel without io_uring\n";

static const char *const rings[] = {"plain", "deferred", NULL};
static const char *const watched[] = {
    [BRIDGE_RING_FD] = "ring",
    [BRIDGE_EVENTFD] = "eventfd",
    [BRIDGE_HOST_FD] = "host",
    NULL,
};

int options_read(struct options *options, const char *program,
                 const char *host, int argc, char **argv)
{
    static char help[2048];
    const unsigned not_given = UINT_MAX;
    unsigned ring = 0, watch = not_given;
    const struct command_option known[] = {
        {.name = "ring", .word = &ring, .words = rings},
        {.name = "watch", .word = &watch, .words = watched},
        {.name = "blocking", .flag = &options->blocking},
        {.name = "report", .flag = &options->report},
        {0},
    };
    struct command command = {
        .name = program,
        .help = help,
        .options = known,
        .operands_min = 1,
        .operands_max = COMMAND_ANY,
    };
    int code;

    (void)snprintf(help, sizeof help, "%s%s%s", help_begin, host, help_end);
    *options = (struct options){.program = program, .host = host};
    code = command_read(&command, argc, argv);
    if (code != COMMAND_GO_ON)
        return code;
    options->deferred = ring == 1;
    /* By default the host watches the fd of a plain ring, which works in every
     * host. It is not the fastest choice: phase4/bench.sh compares them. */
    if (watch == not_given)
        watch = options->deferred ? BRIDGE_EVENTFD : BRIDGE_RING_FD;
    options->watch = (enum bridge_watch)watch;
    if (options->deferred && options->watch == BRIDGE_RING_FD)
        return command_misuse(&command,
                              "a deferred ring needs --watch eventfd or host: "
                              "its own fd does not wake the host");
    options->names = command.operands;
    options->count = command.operand_count;
    return COMMAND_GO_ON;
}
