/* batch_options.c: the command line of batch; see batch_options.h.
 * Introduced in phase 2. Needs: batch_options.h, command.h, window.h.
 *
 * Each limit has an option. So a test can run the ordinary build with small
 * limits: a window of one file, a submission ring of four entries. */
#include "batch_options.h"

#include <assert.h>
#include <stdio.h>

#include "command.h"
#include "window.h"

#define countof(array) (sizeof(array) / sizeof *(array))

/* The modes in the order of --help. command_read stores an index into this
 * table. */
static const struct mode *const modes[] = {
    &mode_single, &mode_batch, &mode_linked, &mode_fixed, &mode_vectored,
};

static const char help_begin[] =
    "[options] FILE...\n"
    "\n"
    "Writes the contents of the files to stdout, in the order given. If a\n"
    "file cannot be read, prints a message and continues with the others.\n"
    "\n"
    "  --mode MODE   how to read them (batch):\n";
static const char help_end[] =
    "  --sync        without a ring: open, read, write, close\n"
    "  --verify      write to a scratch file, read back and compare,\n"
    "                instead of writing to stdout\n"
    "  --quiet       read, but write nothing: for measurements\n"
    "  --stats       one line on stderr: operations, submits, calls\n"
    "  --window N    files at once, 1 to 1024 (40)\n"
    "  --sq N        entries of the submission ring, 4 to 32768\n"
    "  --help, --version\n"
    "\n"
    "Exit codes: 0 done, 1 a file or stdout failed, 2 usage or no ring.\n";

/* Builds the help text from the table of modes, so that the text lists all
 * modes. Fills names with the words that --mode accepts. */
static const char *list_modes(const char *names[])
{
    static char help[2048];
    size_t len = (size_t)snprintf(help, sizeof help, "%s", help_begin);

    for (size_t i = 0; i < countof(modes); i++) {
        names[i] = modes[i]->name;
        len += (size_t)snprintf(help + len, sizeof help - len,
                                "                  %-9s %s\n",
                                modes[i]->name, modes[i]->words);
        assert(len < sizeof help);
    }
    (void)snprintf(help + len, sizeof help - len, "%s", help_end);
    return help;
}

int batch_options_parse(struct command *command, int argc, char **argv,
                        struct batch_options *o)
{
    const char *mode_names[countof(modes) + 1] = {NULL};
    unsigned mode = 1; /* the default: batch */
    const struct command_option options[] = {
        {.name = "mode", .word = &mode, .words = mode_names},
        {.name = "window", .number = &o->window, .min = 1,
         .max = WINDOW_SIZE_MAX},
        {.name = "sq", .number = &o->sq, .min = 4, .max = 32768},
        {.name = "sync", .flag = &o->is_sync},
        {.name = "verify", .flag = &o->is_verify},
        {.name = "quiet", .flag = &o->is_quiet},
        {.name = "stats", .flag = &o->has_stats},
        {0},
    };
    int code;

    *command = (struct command){
        .name = "batch",
        .help = list_modes(mode_names),
        .options = options,
        .operands_min = 1,
        .operands_max = COMMAND_ANY,
    };
    *o = (struct batch_options){.window = WINDOW_SIZE};
    code = command_read(command, argc, argv);
    command->options = NULL; /* the array is local to this function */
    if (code != COMMAND_GO_ON)
        return code;
    if (o->is_sync && o->is_verify)
        return command_misuse(command,
                              "--verify cannot be used with --sync");
    o->mode = modes[mode];
    o->files = command->operands;
    o->file_count = (unsigned)command->operand_count;
    return COMMAND_GO_ON;
}
