/* ladder.c: the code that the three ladders share; see ladder.h.
 *
 * With this shared code, the three programs differ only in how they wait. */
#include "ladder.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "file.h"
#include "sys.h"
#include "trace_command.h"

static const char *ladder_program;
static int exit_code;
static bool output_is_broken;
static struct trace_command trace = TRACE_COMMAND_DEFAULT;
static int64_t output_position; /* before the write in flight */

/* Files share a fixed set of buffers, because any number of files may be given,
 * but only LADDER_AT_ONCE are open at once. */
char *ladder_buf(int n)
{
    static char bufs[LADDER_AT_ONCE][LADDER_BUF_LEN];

    return bufs[n % LADDER_AT_ONCE];
}

/* Uses an explicit offset if the file is seekable, because a read through the
 * ring does not move the position of some FUSE files. */
uint64_t ladder_offset(int fd)
{
    uint64_t offset;

    return file_position(fd, &offset) == 0 ? offset : AWAIT_STREAM;
}

/* Does not exit, because the other files can still be printed. */
void ladder_fail(const char *try, const char *name, int result)
{
    fprintf(stderr, "%s: cannot %s '%s': %s (%s)\n", ladder_program, try, name,
            err_words(result), err_name(result));
    exit_code = 1;
}

void ladder_before_write(void)
{
    output_position = sys_seek(STDOUT_FILENO, 0, SEEK_CUR);
}

void ladder_after_short_write(int wrote)
{
    file_settle_position(STDOUT_FILENO, output_position, (size_t)wrote);
}

/* Prints only the first failure, because every later write fails, too. */
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
    TRACE_COMMAND_HELP
    "  --help, --version\n\n"
    "exit: 0 all was printed, 1 something could not be read or\n"
    "printed, 2 usage, or a kernel without io_uring\n";

static const struct command_option options[] = {
    TRACE_COMMAND_OPTIONS(trace),
    {0},
};

int ladder_main(int argc, char **argv, const char *program, ladder_fn *show)
{
    static struct loop loop;
    struct command command = {
        .name = program,
        .help = help,
        .options = options,
        .operands_min = 1,
        .operands_max = COMMAND_ANY,
    };
    int rc = command_read(&command, argc, argv);

    if (rc == COMMAND_GO_ON)
        rc = trace_command_start(&trace, &command);
    if (rc != COMMAND_GO_ON)
        return rc;
    ladder_program = program;
    /* With SIGPIPE ignored, a write to a pipe without a reader fails with
     * -EPIPE instead of killing the program. */
    (void)sys_ignore_signal(SIGPIPE);
    /* With SIGXFSZ ignored, a write beyond the limit on the size of a file
     * fails with -EFBIG. */
    (void)sys_ignore_signal(SIGXFSZ);
    rc = loop_init(&loop, NULL);
    if (rc < 0)
        return command_no_ring(command.name, rc);
    show(&loop, command.operands, command.operand_count);
    loop_finish(&loop);
    return trace_command_finish(&trace, &command, exit_code);
}
