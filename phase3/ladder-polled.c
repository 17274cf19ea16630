/* ladder-polled: prints files as ladder.h describes, with futures that it
 * polls.
 *
 * What it teaches: a program can check a future instead of being called back.
 * Each file has a state machine, which poll_job runs as far as possible. You
 * can read poll_job from top to bottom, and a machine can poll another. But the
 * state is still in a struct, and the program polls all machines to find one
 * that can continue. Compilers turn async functions into such machines. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "await.h"
#include "ladder.h"

enum state { OPENING, READING, WAITING, WRITING, CLOSING, ENDED };

struct job {
    struct op op;
    struct future future; /* of the operation in flight */
    enum state state;     /* state of the machine in poll_job */
    const char *name;
    char *buf;
    int fd;
    int got;  /* bytes in buf, 0 at end of file, or -errno */
    int done; /* bytes of buf printed so far */
    uint64_t offset; /* of the next read, or AWAIT_STREAM */
};

/* A completion only stores its result. The next poll of the job finds it. */
static void polled_on_complete(struct op *op, int result, uint32_t flags)
{
    (void)flags;
    future_complete(&container_of(op, struct job, op)->future, result);
}

/* Starts an operation. It needs a new future, because a future completes only
 * once. */
static struct io_uring_sqe *begin(struct job *job, enum state state)
{
    job->state = state;
    job->future = (struct future){0};
    return loop_sqe(&job->op);
}

/* begin_read and begin_write only fill an SQE. The loop submits the SQE after
 * poll_job returns. */
static void begin_read(struct job *job)
{
    io_uring_prep_read(begin(job, READING), job->fd, job->buf, LADDER_BUF_LEN,
                       job->offset);
}

static void begin_write(struct job *job)
{
    ladder_before_write();
    io_uring_prep_write(begin(job, WRITING), STDOUT_FILENO,
                        job->buf + job->done, (unsigned)(job->got - job->done),
                        AWAIT_STREAM);
}

/* Prints the bytes that were read. At the end of the file, or after an error,
 * closes the file. */
static void take_turn(struct job *job)
{
    if (job->got > 0 && !ladder_output_is_broken()) {
        begin_write(job);
        return;
    }
    if (job->got < 0)
        ladder_fail(job->fd < 0 ? "open" : "read", job->name, job->got);
    if (job->fd < 0)
        job->state = ENDED;
    else
        io_uring_prep_close(begin(job, CLOSING), job->fd);
}

/* Writes the rest after a short write, or starts the next read. If the output
 * is broken, the job stays WAITING, and take_turn closes the file. */
static void wrote_some(struct job *job, int result)
{
    job->done += result > 0 ? result : 0;
    job->state = WAITING;
    if (result <= 0)
        ladder_break_output(result < 0 ? result : -EIO);
    else if (job->done < job->got) {
        ladder_after_short_write(result);
        begin_write(job);
    } else {
        if (job->offset != AWAIT_STREAM)
            job->offset += (uint64_t)job->done;
        begin_read(job);
    }
}

/* Runs the job's state machine as far as possible. Returns true if the file is
 * done. The function may be called at any time: if nothing has happened, it
 * does nothing. */
static bool poll_job(struct job *job, bool has_turn)
{
    for (;;) {
        if (job->state == ENDED)
            return true;
        if (job->state == WAITING ? !has_turn : !job->future.is_done)
            return false; /* the caller polls again after a completion */
        if (job->state == OPENING) {
            job->fd = job->got = job->future.result;
            job->state = WAITING;
            if (job->got >= 0) {
                job->offset = ladder_offset(job->fd);
                begin_read(job);
            }
        } else if (job->state == READING) {
            job->got = job->future.result;
            job->done = 0;
            job->state = WAITING;
        } else if (job->state == WAITING) {
            take_turn(job);
        } else if (job->state == WRITING) {
            wrote_some(job, job->future.result);
        } else {
            job->state = ENDED;
        }
    }
}

/* Polls all jobs until none can continue, and then waits. The job with the turn
 * is polled last. If it ends, the loop starts over, because the next job may be
 * ready to print. */
static void polled_show(struct loop *loop, char **names, int count)
{
    struct job jobs[LADDER_AT_ONCE];
    int turn = 0, opened_count = 0, rc = 0;

    while (turn < count && rc == 0) {
        while (opened_count < count && opened_count < turn + LADDER_AT_ONCE) {
            struct job *job = &jobs[opened_count % LADDER_AT_ONCE];

            /* The previous job at this index has ended, so no completion can
             * refer to that job any more. */
            *job = (struct job){.op.complete = polled_on_complete,
                                .name = names[opened_count],
                                .buf = ladder_buf(opened_count)};
            io_uring_prep_openat(begin(job, OPENING), AT_FDCWD, job->name,
                                 O_RDONLY | O_CLOEXEC, 0);
            opened_count++;
        }
        for (int i = turn + 1; i < opened_count; i++)
            (void)poll_job(&jobs[i % LADDER_AT_ONCE], false);
        if (poll_job(&jobs[turn % LADDER_AT_ONCE], true))
            turn++;
        else
            rc = loop_step(loop, true);
    }
    if (rc < 0)
        ladder_fail("show", names[turn], rc);
}

int main(int argc, char **argv)
{
    return ladder_main(argc, argv, "ladder-polled", polled_show);
}
