/* cat.c: handles the options, inputs and messages of a cat; see cat.h. */
#include "cat.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "cat_plain.h"
#include "file.h"
#include "message.h"
#include "sys.h"

/* Returns true if the input is also the output, as in cat f >> f. The cat would
 * then read its own output until the disk is full. */
static bool input_is_output(const struct cat_job *job)
{
    return file_kind_of(job->out_info.st_mode) == FILE_REGULAR &&
           file_is_same(&job->in_info, &job->out_info) &&
           job->in_offset < (uint64_t)job->in_info.st_size;
}

/* Copies one input.
 *
 * Returns  0       the whole input was written
 *          1       the input could not be copied; continue with the next one
 *          -errno  stdout failed */
static int cat_file(const struct cat_engine *engine, struct cat_job *job,
                    const char *name)
{
    int rc;

    job->in_seeks = file_position(job->in, &job->in_offset) == 0;
    if (!job->in_seeks)
        job->in_offset = 0; /* a byte count, for messages */
    if (input_is_output(job)) {
        message_refusal("cannot copy", name, "input file is output file");
        return 1;
    }
    /* A read from a terminal through the ring waits for a line. Only when the
     * line arrives does the kernel notice that we run in the background.
     * read(2), however, stops a background process immediately (SIGTTIN). */
    if (!isatty(job->in) && file_suits_ring(job->in) &&
        file_suits_ring(job->out))
        rc = engine->copy(job);
    else
        rc = cat_copy_plain(job);
    /* Leave stdin where we stopped, for the next process that reads it. */
    if (job->in_seeks && job->in == STDIN_FILENO)
        (void)lseek(job->in, (off_t)job->in_offset, SEEK_SET);
    if (rc == 0)
        return 0;
    if (job->write_failed) {
        /* SIGPIPE kills GNU cat if the reader of its output has exited. The
         * kernel sends the signal to the thread that writes. For a write
         * through the ring this may be an io-wq worker (a kernel thread), so
         * raise the signal here. */
        if (rc == -EPIPE)
            (void)raise(SIGPIPE); /* returns only if SIGPIPE is ignored */
        message_error("write error", NULL, rc);
        return rc;
    }
    message_error_at("cannot read", name, job->in_offset, rc);
    return 1;
}

/* Copies stdin if name is "-", otherwise the file with that name. Returns the
 * same values as cat_file. */
static int cat_name(const struct cat_engine *engine, struct cat_job *job,
                    const char *name)
{
    int rc;

    if (strcmp(name, "-") == 0) {
        job->in = STDIN_FILENO;
        rc = sys_stat(job->in, &job->in_info);
        if (rc == 0)
            return cat_file(engine, job, "standard input");
        message_error("cannot read", "standard input", rc);
        return 1;
    }
    job->in = file_open_read(name, &job->in_info);
    if (job->in < 0) {
        message_error("cannot open", name, job->in);
        return 1;
    }
    rc = cat_file(engine, job, name);
    (void)sys_close(job->in); /* read-only: no data can be lost */
    return rc;
}

/* Copies all inputs. Returns main's exit code. */
static int cat_names(const struct cat_engine *engine, char **names, int count)
{
    struct cat_job job = {.out = STDOUT_FILENO};
    int rc = sys_stat(job.out, &job.out_info), code = 0;

    if (rc < 0) {
        message_error("write error", NULL, rc);
        return 1;
    }
    job.out_seeks = file_kind_of(job.out_info.st_mode) == FILE_REGULAR &&
                    file_position(job.out, &job.out_position) == 0;
    for (int i = 0; i < count; i++) {
        rc = cat_name(engine, &job, names[i]);
        if (rc != 0)
            code = 1;
        if (rc < 0)
            return code; /* stdout failed: the other inputs would fail, too */
    }
    /* A failed write may be reported only at close: on NFS, for example, or if
     * a quota is exceeded. */
    rc = sys_close(job.out);
    if (rc < 0) {
        message_error("write error", NULL, rc);
        code = 1;
    }
    return code;
}

/* Returns the text of --help. Only the summary differs between programs. */
static const char *cat_help(const char *summary)
{
    static char text[1024];
    int len = snprintf(
        text, sizeof text,
        "[OPTION]... [FILE]...\n"
        "Writes every FILE, in order, to standard output.\n%s\n\n"
        "With no FILE, or when FILE is -, reads standard input.\n\n"
        "  --help     this text\n"
        "  --version  name and version\n\n"
        "exit: 0 success, 1 a file could not be read or the output could not\n"
        "be written, 2 usage error, or a kernel without io_uring\n",
        summary);

    assert(len > 0 && (size_t)len < sizeof text);
    return text;
}

int cat_main(int argc, char **argv, const struct cat_engine *engine)
{
    static char *standard_input[] = {"-"};
    struct command command = {
        .name = engine->program,
        .help = cat_help(engine->summary),
        .operands_max = COMMAND_ANY,
    };
    bool stdout_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
    int rc = command_read(&command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    message_set_program(engine->program);
    if (stdout_closed) {
        message_error("write error", NULL, -EBADF);
        return 1;
    }
    message_hold_standard_fds();
    rc = engine->init != NULL ? engine->init() : 0;
    if (rc < 0)
        return command_no_ring(engine->program, rc);
    if (command.operand_count == 0)
        return cat_names(engine, standard_input, 1);
    return cat_names(engine, command.operands, command.operand_count);
}
