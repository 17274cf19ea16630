/* ladder.c: what the three ladders share; see ladder.h. */
#include "ladder.h"

#include <signal.h>
#include <stdio.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "file.h"
#include "sys.h"

static const char *ladder_program;
static int exit_code;
static bool output_is_broken;

/* Static: the program may have any number of files, but LADDER_AT_ONCE open. */
char *ladder_buf(int n)
{
    static char bufs[LADDER_AT_ONCE][LADDER_BUF_LEN];

    return bufs[n % LADDER_AT_ONCE];
}

uint64_t ladder_offset(int fd)
{
    uint64_t offset;

    return file_position(fd, &offset) == 0 ? offset : AWAIT_STREAM;
}

void ladder_fail(const char *try, const char *name, int result)
{
    fprintf(stderr, "%s: cannot %s '%s': %s (%s)\n", ladder_program, try, name,
            err_words(result), err_name(result));
    exit_code = 1;
}

void ladder_break_output(int result)
{
    if (!output_is_broken)
        ladder_fail("write", "standard output", result);
    output_is_broken = true;
}

bool ladder_output_is_broken(void)
{
    return output_is_broken;
}

static const char help[] =
    "FILE...\n"
    "Reads every FILE at once and prints them in that order.\n\n"
    "  --help     this text\n"
    "  --version  name and version\n\n"
    "exit: 0 all was printed, 1 something could not be read or\n"
    "printed, 2 usage, or a kernel without io_uring\n";

int ladder_main(int argc, char **argv, const char *program, ladder_fn *show)
{
    static struct loop loop;
    struct command command = {
        .name = program,
        .help = help,
        .operands_min = 1,
        .operands_max = COMMAND_ANY,
    };
    int rc = command_read(&command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    ladder_program = program;
    /* Then a write to a pipe without a reader fails with -EPIPE. */
    (void)sys_ignore_signal(SIGPIPE);
    rc = loop_init(&loop, NULL);
    if (rc < 0)
        return command_no_ring(command.name, rc);
    show(&loop, command.operands, command.operand_count);
    loop_finish(&loop);
    return exit_code;
}
