/* cat.c: what makes a cat behave as cat does; see cat.h. */
#include "cat.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "message.h"
#include "sys.h"

#define ENTER_FAILURES_MAX 1000 /* one a millisecond */

uint64_t cat_read_offset(const struct cat_job *job)
{
    return job->in_seeks ? job->in_offset : UINT64_MAX;
}

/* Some errors say "not now". A non-blocking pipe or terminal (O_NONBLOCK sits
 * in the open file, which other processes share) is waited for; a regular file
 * is ready at once. */
static int retry_or(int result, int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events};

    if (result == -EINTR)
        return CAT_RETRY;
    if (result != -EAGAIN)
        return result;
    (void)poll(&ready, 1, -1); /* interrupted: the operation says so again */
    return CAT_RETRY;
}

int cat_read_result(struct cat_job *job, int result)
{
    return result < 0 ? retry_or(result, job->in, POLLIN) : result;
}

int cat_write_result(struct cat_job *job, int result)
{
    if (result > 0)
        return result;
    /* Nothing written, and no error: there is no room that could come. */
    result = result == 0 ? -ENOSPC : retry_or(result, job->out, POLLOUT);
    job->write_failed = result != CAT_RETRY;
    return result;
}

void cat_settle_position(struct cat_job *job, int written)
{
    off_t now;

    if (!job->out_seeks || written <= 0 || written == CAT_RETRY)
        return;
    now = lseek(job->out, 0, SEEK_CUR);
    if (now == (off_t)job->out_position)
        now = lseek(job->out, written, SEEK_CUR);
    job->out_position = (uint64_t)now;
}

void cat_enter_result(int result)
{
    static int failures; /* in a row */

    if (result >= 0)
        failures = 0;
    if (result >= 0 || result == -EINTR)
        return;
    if ((result == -EAGAIN || result == -EBUSY || result == -ENOMEM) &&
        ++failures < ENTER_FAILURES_MAX) {
        (void)poll(NULL, 0, 1); /* milliseconds */
        return;
    }
    message_error("cannot enter the ring", NULL, MESSAGE_NO_OFFSET, result);
    exit(1);
}

/* GNU cat dies by SIGPIPE when its reader has gone, and a shell pipeline
 * relies on it. The kernel sends the signal to the thread that writes; when
 * that was a worker of the ring it may not have reached us. */
static void end_as_cat_ends(int result)
{
    if (result == -EPIPE)
        (void)raise(SIGPIPE); /* comes back only where it is ignored */
}

/* cat f >> f would read what it writes, until the disk is full. */
static bool input_is_output(const struct cat_job *job)
{
    return file_kind_of(job->out_info.st_mode) == FILE_REGULAR &&
           file_is_same(&job->in_info, &job->out_info) &&
           job->in_offset < (uint64_t)job->in_info.st_size;
}

/* One input. Returns 0 if all of it was written, 1 if the input failed and
 * the next may be tried, -errno if stdout failed. */
static int cat_file(const struct cat_way *way, struct cat_job *job,
                    const char *name)
{
    int rc;

    job->in_seeks = file_position(job->in, &job->in_offset) == 0;
    if (!job->in_seeks)
        job->in_offset = 0; /* counts, for the message */
    if (input_is_output(job)) {
        message_refusal("cannot copy", name, "input file is output file");
        return 1;
    }
    if (file_suits_ring(job->in) && file_suits_ring(job->out))
        rc = way->copy(job);
    else
        rc = cat_copy_plain(job);
    /* Who reads our stdin after us goes on where we stopped. */
    if (job->in_seeks && job->in == STDIN_FILENO)
        (void)lseek(job->in, (off_t)job->in_offset, SEEK_SET);
    if (rc == 0)
        return 0;
    if (job->write_failed) {
        end_as_cat_ends(rc);
        message_error("write error", NULL, MESSAGE_NO_OFFSET, rc);
        return rc;
    }
    message_error("cannot read", name, job->in_offset, rc);
    return 1;
}

/* "-" is stdin, any other name a file. Returns as cat_file does. */
static int cat_name(const struct cat_way *way, struct cat_job *job,
                    const char *name)
{
    int rc;

    if (strcmp(name, "-") == 0) {
        job->in = STDIN_FILENO;
        rc = sys_stat(job->in, &job->in_info);
        if (rc == 0)
            return cat_file(way, job, "standard input");
        message_error("cannot read", "standard input", MESSAGE_NO_OFFSET, rc);
        return 1;
    }
    job->in = file_open_read(name, &job->in_info);
    if (job->in < 0) {
        message_error("cannot open", name, MESSAGE_NO_OFFSET, job->in);
        return 1;
    }
    rc = cat_file(way, job, name);
    (void)sys_close(job->in); /* read only: nothing can be lost */
    return rc;
}

/* All inputs. Returns main's exit code. */
static int cat_names(const struct cat_way *way, char **names, int count)
{
    struct cat_job job = {.out = STDOUT_FILENO};
    int rc = sys_stat(job.out, &job.out_info), code = 0;

    if (rc < 0) {
        message_error("write error", NULL, MESSAGE_NO_OFFSET, rc);
        return 1;
    }
    job.out_seeks = file_kind_of(job.out_info.st_mode) == FILE_REGULAR &&
                    file_position(job.out, &job.out_position) == 0;
    for (int i = 0; i < count; i++) {
        rc = cat_name(way, &job, names[i]);
        if (rc != 0)
            code = 1;
        if (rc < 0)
            return code; /* stdout is broken: no other input can reach it */
    }
    /* A file system may keep its refusal for close: NFS, a full quota. */
    rc = sys_close(job.out);
    if (rc < 0) {
        message_error("write error", NULL, MESSAGE_NO_OFFSET, rc);
        code = 1;
    }
    return code;
}

static int cat_help(const struct cat_way *way)
{
    char text[1024];
    int len = snprintf(
        text, sizeof text,
        "Usage: %s [OPTION]... [FILE]...\n"
        "Writes every FILE, in order, to standard output.\n%s\n\n"
        "With no FILE, or when FILE is -, reads standard input.\n\n"
        "  --help     this text\n"
        "  --version  name and version\n\n"
        "exit: 0 all was written, 1 a file could not be read or the output\n"
        "not written, 2 usage, or a kernel without io_uring\n",
        way->program, way->summary);

    assert(len > 0 && (size_t)len < sizeof text);
    return message_print(text);
}

static int cat_version(const struct cat_way *way)
{
    char text[64];

    snprintf(text, sizeof text, "%s (one-ring) 0.1\n", way->program);
    return message_print(text);
}

int cat_main(int argc, char **argv, const struct cat_way *way)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {0},
    };
    static char *standard_input[] = {"-"};
    bool stdout_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
    int option, rc;

    message_set_program(way->program);
    opterr = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h')
            return cat_help(way);
        if (option == 'v')
            return cat_version(way);
        return message_see_help();
    }
    if (stdout_closed) {
        message_error("write error", NULL, MESSAGE_NO_OFFSET, -EBADF);
        return 1;
    }
    message_hold_standard_fds();
    rc = way->init != NULL ? way->init() : 0;
    if (rc < 0) {
        message_error("cannot set up io_uring (envcheck says who refuses)",
                      NULL, MESSAGE_NO_OFFSET, rc);
        return 2;
    }
    if (optind == argc)
        return cat_names(way, standard_input, 1);
    return cat_names(way, argv + optind, argc - optind);
}
