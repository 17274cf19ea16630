/* reader.c: tasks that copy files to standard output, in order; see
 * reader.h. */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "err.h"
#include "file.h"
#include "sys.h"

struct reader {
    struct task task;
    struct future turn; /* completed when this file may be written */
    struct reader_job *job;
    int number;
    bool waits;
    int fd;
    bool seeks; /* the file is seekable: read at offset */
    uint64_t offset;
    char block[READER_BLOCK_LEN];
};

static struct reader readers[READER_WINDOW];

static void complain(struct reader_job *job, const char *tried,
                     const char *name, int result)
{
    char line[512];
    int len = snprintf(line, sizeof line, "%s: %s '%s': %s (%s)\n",
                       job->program, tried, name, err_words(result),
                       err_name(result));

    if (len > 0)
        sys_print_error(line, (size_t)len < sizeof line ? (size_t)len
                                                        : sizeof line - 1);
    job->code = 1;
}

static struct reader *reader_of(int number)
{
    return &readers[number % READER_WINDOW];
}

/* Reads the next block. A seekable file is read at our own offset, because
 * other processes may share the file's position. */
static int reader_await_block(struct reader *self)
{
    int got;

    if (self->job->blocking) /* blocks the host and all tasks */
        return sys_read(self->fd, self->block, sizeof self->block);
    got = await_read(self->fd, self->block, sizeof self->block,
                     self->seeks ? self->offset : AWAIT_STREAM);
    if (got > 0)
        self->offset += (uint64_t)got;
    return got;
}

/* Writes the first block (got bytes), then copies the rest of the file. Returns
 * 0, or -errno if a read failed. If a write fails, prints a message and returns
 * 0. */
static int reader_await_copy(struct reader *self, int got)
{
    struct reader_job *job = self->job;

    while (got > 0 && job->out_result == 0) {
        job->out_result = await_write_all(STDOUT_FILENO, self->block,
                                          (size_t)got, AWAIT_STREAM);
        if (job->out_result < 0) {
            complain(job, "cannot write", "standard output", job->out_result);
            return 0;
        }
        job->bytes += (uint64_t)got;
        got = reader_await_block(self);
    }
    return got;
}

/* Task body: copies one file. Reads the first block before it is the file's
 * turn, so that the block is in memory by then. */
static int reader_read_one(void *arg)
{
    struct reader *self = arg;
    const char *name = self->job->names[self->number];
    struct reader *next;
    int got = 0;

    self->fd = STDIN_FILENO;
    if (strcmp(name, "-") != 0)
        self->fd = await_openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (self->fd >= 0) {
        self->seeks = file_position(self->fd, &self->offset) == 0;
        got = reader_await_block(self);
    }
    if (self->job->turn != self->number) {
        self->waits = true;
        (void)future_wait(&self->turn);
    }
    if (self->fd < 0)
        complain(self->job, "cannot open", name, self->fd);
    else if (self->job->out_result == 0)
        got = reader_await_copy(self, got);
    if (got < 0)
        complain(self->job, "cannot read", name, got);
    if (self->fd > STDIN_FILENO)
        (void)await_close(self->fd);
    /* Wake the reader of the next file if it waits. If it still reads its first
     * block, or was not started yet, it will compare job->turn itself. */
    next = reader_of(++self->job->turn);
    if (next->waits && next->number == self->job->turn) {
        next->waits = false;
        future_complete(&next->turn, 0);
    }
    return 0;
}

/* Task body: starts a reader per file. Readers after the first READER_WINDOW
 * reuse the memory of readers that have ended. */
int reader_main(void *arg)
{
    struct reader_job *job = arg;

    for (int i = 0; i < job->count + READER_WINDOW; i++) {
        struct reader *reader = reader_of(i);

        if (i >= READER_WINDOW && i - READER_WINDOW < job->count)
            (void)task_join(&reader->task); /* its slot is needed */
        if (i >= job->count)
            continue;
        reader->job = job;
        reader->number = i;
        reader->waits = false;
        reader->turn = (struct future){0};
        reader->task = (struct task){0};
        if (task_spawn(&reader->task, "reader", reader_read_one, reader) < 0) {
            complain(job, "no task for", job->names[i], -ENOMEM);
            return job->code;
        }
    }
    return job->code;
}
