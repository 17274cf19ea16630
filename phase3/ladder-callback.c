/* ladder-callback: the job as callbacks.
 *
 * What it teaches: a callback has no past. Where each file stands has to be
 * kept by hand, in a state and in fields, since every return to the loop
 * forgets it. The loop over the bytes of a file is nowhere to be seen: it is
 * the circle from READING to WAITING to WRITING and back. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "await.h"
#include "ladder.h"

enum state { OPENING, READING, WAITING, WRITING, CLOSING, ENDED };

struct job {
    struct op op;
    enum state state; /* what the completion that comes next is of */
    const char *name;
    char *buf;
    int fd;
    int result; /* of the open, if it failed, else of the last read */
    int done;   /* bytes of buf that are printed */
    uint64_t offset;
};

static struct job *jobs;
static int count, opened, turn; /* jobs[turn] is the one that prints */

/* Every operation begins here, and comes back in callback_on_complete. */
static struct io_uring_sqe *begin(struct job *job, enum state state)
{
    job->state = state;
    return loop_sqe(&job->op);
}

/* The next file that nobody has opened, if there is one. */
static void begin_open(void)
{
    struct job *job = &jobs[opened];

    if (opened == count)
        return;
    job->buf = ladder_buf(opened++);
    io_uring_prep_openat(begin(job, OPENING), AT_FDCWD, job->name,
                         O_RDONLY | O_CLOEXEC, 0);
}

static void begin_read(struct job *job)
{
    job->done = 0;
    io_uring_prep_read(begin(job, READING), job->fd, job->buf, LADDER_BUF_LEN,
                       job->offset);
}

/* What is not printed yet: all of buf, or the rest after a short write. */
static void begin_write(struct job *job)
{
    io_uring_prep_write(begin(job, WRITING), STDOUT_FILENO,
                        job->buf + job->done,
                        (unsigned)(job->result - job->done), AWAIT_STREAM);
}

/* Passes the turn to print to the next job, and the slot to a new one. */
static void end(struct job *job)
{
    job->state = ENDED;
    turn++;
    begin_open();
}

/* Lets the one print that has the turn, if it has something to print or to say;
 * and the next ones, as long as each ends at once. */
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

/* Also back to the top of the loop that is not there: to the next read. */
static void on_written(struct job *job, int result)
{
    job->state = WAITING;
    if (result <= 0) {
        ladder_break_output(result < 0 ? result : -EIO);
        return;
    }
    job->done += result;
    if (job->done < job->result) {
        begin_write(job);
        return;
    }
    if (job->offset != AWAIT_STREAM)
        job->offset += (uint64_t)job->done;
    begin_read(job);
}

/* DOC: ladder-callback. Whose completion it is tells the op, what it means the
 * state, and what was to be done next must be found out. */
static void callback_on_complete(struct op *op, int result, uint32_t flags)
{
    struct job *job = container_of(op, struct job, op);

    (void)flags;
    if (job->state == OPENING) {
        /* A failure is kept until the file's turn: messages come in order. */
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

/* The first task starts what the callbacks carry on, and ends. */
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
