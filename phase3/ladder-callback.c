/* ladder-callback: prints files as ladder.h describes, with callbacks.
 *
 * What it teaches: a callback cannot keep state in local variables, because
 * these are gone when the callback returns to the loop. So the program keeps
 * the state of each file in a struct. The source does not have a loop over the
 * bytes of a file. Instead, each job cycles through READING, WAITING and
 * WRITING. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "await.h"
#include "ladder.h"

enum state { OPENING, READING, WAITING, WRITING, CLOSING, ENDED };

struct job {
    struct op op;
    enum state state; /* the operation in flight, WAITING, or ENDED */
    const char *name;
    char *buf;
    int fd;
    int result; /* of the last read, or of a failed open */
    int done;   /* bytes of buf printed so far */
    uint64_t offset; /* of the next read, or AWAIT_STREAM */
};

static struct job *jobs;
static int count, opened, turn; /* jobs[turn] is the job that prints */

/* Starts an operation. Its completion arrives in callback_on_complete, which
 * gets only the job. So the state must show which operation has completed. */
static struct io_uring_sqe *begin(struct job *job, enum state state)
{
    job->state = state;
    return loop_sqe(&job->op);
}

/* Opens the next file of the command line, if there is one. At most
 * LADDER_AT_ONCE files are open, because a further file is opened only when a
 * job ends. */
static void begin_open(void)
{
    struct job *job = &jobs[opened];

    if (opened == count)
        return;
    job->buf = ladder_buf(opened++);
    io_uring_prep_openat(begin(job, OPENING), AT_FDCWD, job->name,
                         O_RDONLY | O_CLOEXEC, 0);
}

/* Every read fills the buffer from its start, because the earlier bytes have
 * been printed. */
static void begin_read(struct job *job)
{
    job->done = 0;
    io_uring_prep_read(begin(job, READING), job->fd, job->buf, LADDER_BUF_LEN,
                       job->offset);
}

/* Writes the bytes that have not been printed: all of them, or the rest after a
 * short write. */
static void begin_write(struct job *job)
{
    ladder_before_write();
    io_uring_prep_write(begin(job, WRITING), STDOUT_FILENO,
                        job->buf + job->done,
                        (unsigned)(job->result - job->done), AWAIT_STREAM);
}

/* Passes the turn to the next job and opens one more file, because the buffer
 * of this job is free now. */
static void end(struct job *job)
{
    job->state = ENDED;
    turn++;
    begin_open();
}

/* Starts the write of the job that has the turn, if that job is WAITING. A job
 * that failed to open its file prints a message and ends immediately, so the
 * next job gets the turn in the same call. */
static void take_turns(void)
{
    while (turn < count && jobs[turn].state == WAITING) {
        struct job *job = &jobs[turn];

        if (job->result > 0 && !ladder_output_is_broken()) {
            begin_write(job);
        } else if (job->fd < 0) {
            ladder_fail("open", job->name, job->result);
            end(job);
        } else {
            if (job->result < 0)
                ladder_fail("read", job->name, job->result);
            io_uring_prep_close(begin(job, CLOSING), job->fd);
        }
    }
}

/* Continues a short write, or starts the next read. In a blocking program this
 * would be the end of the loop body. */
static void on_written(struct job *job, int result)
{
    job->state = WAITING;
    if (result <= 0) {
        /* The job still has the turn, so take_turns closes its file. */
        ladder_break_output(result < 0 ? result : -EIO);
        return;
    }
    job->done += result;
    if (job->done < job->result) {
        ladder_after_short_write(result);
        begin_write(job);
        return;
    }
    if (job->offset != AWAIT_STREAM)
        job->offset += (uint64_t)job->done;
    begin_read(job);
}

/* DOC: ladder-callback. All completions arrive here. The op identifies the job,
 * and the state of the job identifies the operation. The next step depends on
 * both. */
static void callback_on_complete(struct op *op, int result, uint32_t flags)
{
    struct job *job = container_of(op, struct job, op);

    (void)flags;
    if (job->state == OPENING) {
        /* A job whose open failed waits for its turn, too, so that messages
         * are in order. */
        job->fd = job->result = result;
        job->state = WAITING;
        if (result >= 0) {
            job->offset = ladder_offset(result);
            begin_read(job);
        }
    } else if (job->state == READING) {
        job->result = result;
        job->state = WAITING;
    } else if (job->state == WRITING) {
        on_written(job, result);
    } else {
        end(job);
    }
    take_turns();
}

/* Runs as the first task. Starts the first operations and ends. The loop calls
 * callbacks as long as operations are in flight. */
static int callback_start(void *arg)
{
    char **names = arg;

    for (int i = 0; i < count; i++) {
        jobs[i].op.complete = callback_on_complete;
        jobs[i].name = names[i];
    }
    for (int i = 0; i < LADDER_AT_ONCE; i++)
        begin_open();
    return 0;
}

static void callback_show(struct loop *loop, char **names, int name_count)
{
    count = name_count;
    jobs = calloc((size_t)count, sizeof *jobs);
    if (jobs == NULL)
        ladder_fail("show", names[0], -ENOMEM);
    else
        (void)loop_run(loop, callback_start, names);
    free(jobs);
}

int main(int argc, char **argv)
{
    return ladder_main(argc, argv, "ladder-callback", callback_show);
}
