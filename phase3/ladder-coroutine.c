/* ladder-coroutine: prints files as ladder.h describes, with one task per
 * file.
 *
 * What it teaches: the state of a task is its current line and its local
 * variables, so the program does not need other state. Waiting is a function
 * call, a loop over a file is a loop in the source, and the close follows the
 * last use of the file. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "await.h"
#include "ladder.h"

struct job {
    struct task task;
    const char *name;
    char *buf;
    struct future turn; /* completed by the previous job */
};

static struct job *jobs; /* one per file, and one whose turn ends the run */
static int count;

/* Prints the file when its turn comes. The first read does not wait for the
 * turn, so that its bytes are ready when the turn comes. */
static void coroutine_await_print_file(struct job *job, int fd)
{
    uint64_t offset = ladder_offset(fd);
    int got = await_read(fd, job->buf, LADDER_BUF_LEN, offset), rc;

    future_wait(&job->turn);
    while (got > 0 && !ladder_output_is_broken()) {
        rc = await_write_all(STDOUT_FILENO, job->buf, (size_t)got,
                             AWAIT_STREAM);
        /* A broken output ends the loop, but not the task, which still has to
         * pass the turn on. */
        if (rc < 0)
            ladder_break_output(rc);
        if (offset != AWAIT_STREAM)
            offset += (uint64_t)got;
        got = await_read(fd, job->buf, LADDER_BUF_LEN, offset);
    }
    if (got < 0)
        ladder_fail("read", job->name, got);
}

/* DOC: ladder-coroutine. Opens, prints and closes a file, and passes the turn
 * on. If the open fails, the task waits for its turn before it prints a
 * message, so that messages are in order. */
static int coroutine_run_job(void *arg)
{
    struct job *job = arg;
    int fd = await_openat(AT_FDCWD, job->name, O_RDONLY, 0);

    if (fd >= 0) {
        coroutine_await_print_file(job, fd);
        await_close(fd);
    } else {
        future_wait(&job->turn);
        ladder_fail("open", job->name, fd);
    }
    future_complete(&job[1].turn, 0);
    return 0;
}

/* Runs at most as many tasks as there are buffers: a task starts only after the
 * previous task with the same buffer has ended. */
static int coroutine_run_all(void *arg)
{
    char **names = arg;

    for (int i = 0; i < count; i++) {
        int rc;

        if (i >= LADDER_AT_ONCE)
            task_join(&jobs[i - LADDER_AT_ONCE].task);
        jobs[i].name = names[i];
        jobs[i].buf = ladder_buf(i);
        rc = task_spawn(&jobs[i].task, names[i], coroutine_run_job, &jobs[i]);
        if (rc < 0) {
            ladder_fail("show", names[i], rc);
            count = i; /* the earlier files are still printed */
        }
    }
    /* The last job completes this turn after all files are printed. */
    future_wait(&jobs[count].turn);
    return count > 0 ? task_join(&jobs[count - 1].task) : 0;
}

/* The first turn is completed here, because no job comes before the first
 * one. */
static void coroutine_show(struct loop *loop, char **names, int name_count)
{
    count = name_count;
    jobs = calloc((size_t)count + 1, sizeof *jobs);
    if (jobs == NULL) {
        ladder_fail("show", names[0], -ENOMEM);
        return;
    }
    future_complete(&jobs[0].turn, 0); /* before any task can wait for it */
    (void)loop_run(loop, coroutine_run_all, names);
    free(jobs);
}

int main(int argc, char **argv)
{
    return ladder_main(argc, argv, "ladder-coroutine", coroutine_show);
}
