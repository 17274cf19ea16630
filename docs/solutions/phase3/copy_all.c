/* copy_all: many copies at once, with room for a few tasks.
 *
 * What it teaches: each task is a plain loop of read and write. The limit is a
 * semaphore around it, and a failure is a result and not the end. */
#include "copy_all.h"

static struct semaphore may_run;

static int copy_run(void *arg)
{
    struct copy_job *job = arg;
    char buf[1024];
    int got, rc = 0;

    do {
        got = await_read(job->in, buf, sizeof buf, AWAIT_STREAM);
        if (got > 0)
            rc = await_write_all(job->out, buf, (size_t)got, AWAIT_STREAM);
    } while (got > 0 && rc == 0);
    job->result = got < 0 ? got : rc;
    semaphore_release(&may_run);
    return 0; /* a failure would cancel the other tasks */
}

int copy_all(void *arg)
{
    struct copy_all *all = arg;
    struct group group = {0};
    int rc = 0;

    may_run = (struct semaphore){.count = all->at_once};
    for (unsigned i = 0; i < all->count && rc == 0; i++) {
        rc = semaphore_await_take(&may_run);
        if (rc == 0)
            rc = group_spawn(&group, &all->jobs[i].task, "copy", copy_run,
                             &all->jobs[i]);
    }
    (void)group_await_all(&group); /* the tasks return 0 */
    for (unsigned i = 0; i < all->count && rc == 0; i++)
        rc = all->jobs[i].result;
    return rc;
}
