/* copy_all: the same as copy_all.c, in another way: at_once tasks take job
 * after job from a common counter, so no semaphore is needed. */
#include "copy_all.h"

static struct copy_all *all;
static unsigned next_job;

static int await_copy(struct copy_job *job)
{
    char buf[1024];

    for (;;) {
        int rc = await_read(job->in, buf, sizeof buf, AWAIT_STREAM);

        if (rc > 0)
            rc = await_write_all(job->out, buf, (size_t)rc, AWAIT_STREAM);
        else
            return rc;
        if (rc < 0)
            return rc;
    }
}

static int worker_run(void *arg)
{
    (void)arg;
    while (next_job < all->count) {
        struct copy_job *job = &all->jobs[next_job++];

        job->result = await_copy(job);
    }
    return 0;
}

int copy_all(void *arg)
{
    struct group group = {0};
    int rc = 0;

    all = arg;
    next_job = 0;
    for (unsigned i = 0; i < all->at_once && i < all->count && rc == 0; i++)
        rc = group_spawn(&group, &all->jobs[i].task, "worker", worker_run,
                         NULL);
    (void)group_await_all(&group);
    for (unsigned i = 0; i < all->count; i++)
        if (all->jobs[i].result < 0)
            rc = all->jobs[i].result;
    return rc;
}
