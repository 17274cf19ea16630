/* copy_all.c: the checker of phase 3's exercise copy_all.
 *
 * The first AT_ONCE pipes stay empty until that many reads are in flight. Then
 * one of them ends, and all jobs behind it have to go through the place that it
 * leaves, before the others get their bytes. */
#include "copy_all.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"
#include "overflow.h"
#include "ring_watch.h"

#define COUNT 20u
#define AT_ONCE 6u
#define BROKEN 10u /* its in cannot be read */
#define FULL 14u   /* its out takes no bytes */
#define LEN 10000u

static struct loop loop;
static struct copy_job jobs[COUNT];
static int feeds[COUNT];
static char bytes[COUNT][LEN];
static unsigned looked_at; /* entries of watch */

static void feed_job(unsigned i)
{
    judge_write(feeds[i], bytes[i], LEN / 2);
    judge_write(feeds[i], bytes[i] + LEN / 2, LEN - LEN / 2);
    close(feeds[i]);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Waits until an answer has read all of a pipe. If it has read a part, and
 * takes no more for half a second, that is the mistake behind a hang. */
static void wait_until_empty(int pipe)
{
    uint64_t changed_ns = now_ns();
    int left = (int)LEN, before;

    do {
        usleep(50);
        before = left;
        if (ioctl(pipe, FIONREAD, &left) < 0)
            judge_cannot("FIONREAD", -errno);
        if (left != before)
            changed_ns = now_ns();
        if (left > 0 && left < (int)LEN && now_ns() - changed_ns > 500000000)
            judge_suspect("copy until a read returns 0: one read may be short, "
                          "and bytes are left in a pipe");
    } while (left > 0);
}

static void feed(void *arg)
{
    (void)arg;
    watch_until_submitted(AT_ONCE);
    feed_job(AT_ONCE - 1);
    for (unsigned i = AT_ONCE; i < COUNT; i++)
        if (i != BROKEN && i != FULL)
            wait_until_empty(jobs[i].in);
    for (unsigned i = 0; i < AT_ONCE - 1; i++)
        feed_job(i);
}

static void make_jobs(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        int ends[2];

        judge_pipe(ends);
        judge_fill(bytes[i], LEN, i);
        feeds[i] = ends[1];
        jobs[i] = (struct copy_job){.in = ends[0], .out = judge_file("", 0),
                                    .result = -1000};
        if (i == FULL)
            jobs[i].out = open("/dev/full", O_WRONLY | O_CLOEXEC);
        if (jobs[i].out < 0)
            judge_cannot("/dev/full", -errno);
        if (i == BROKEN)
            jobs[i].in = ends[1];
        else if (i >= AT_ONCE)
            feed_job(i);
    }
}

static void check_failed_job(unsigned i, int error, const char *why)
{
    judge_expect("%s as the result of job %u", why, i);
    judge_result(jobs[i].result, error, jobs[i].result == 0
                     ? "the failure was lost: the result of the job is the "
                       "-errno of its read or write"
                     : "one job fails, and its result shows the reason");
}

static void check_job(unsigned i, char *copy)
{
    ssize_t len = pread(jobs[i].out, copy, LEN + 1, 0);

    if (i == BROKEN) {
        check_failed_job(i, -EBADF, "-EBADF (it cannot be read)");
        return;
    }
    if (i == FULL) {
        check_failed_job(i, -ENOSPC, "-ENOSPC (its output is full)");
        return;
    }
    if (jobs[i].result == -1000)
        judge_fail("this job was not copied, or its result not stored",
                   "jobs[%u].result is not set", i);
    if (jobs[i].result != 0)
        judge_fail(jobs[i].result == -ECANCELED
                       ? "one job failed, and cancelled the others: a task of "
                         "a group that returns a failure does that"
                       : "this job was not copied, or its result not stored",
                   "jobs[%u].result is %d", i, jobs[i].result);
    if (len != LEN)
        judge_fail("copy until a read returns 0: one read may be short",
                   "%zd bytes of job %u, not %u", len, i, LEN);
    judge_bytes(copy, bytes[i], LEN, "the copy has other bytes");
}

/* Called before each submit. Fails an answer whose reads or writes begin at
 * offset 0 again and again: on a file that is the same place. */
static void on_submit(void)
{
    static unsigned at_zero[1024][2]; /* by descriptor; reads and writes */

    for (; looked_at < watch->entry_count; looked_at++) {
        const struct io_uring_sqe *sqe = &watch->entries[looked_at];
        unsigned is_write = sqe->opcode == IORING_OP_WRITE;

        if ((sqe->opcode != IORING_OP_READ && !is_write) || sqe->off != 0 ||
            sqe->fd < 0 || sqe->fd >= 1024)
            continue;
        if (at_zero[sqe->fd][is_write]++ > 0)
            judge_fail("pass AWAIT_STREAM as the offset: 0 is the beginning "
                       "of the file, each time",
                       "two %s of a job with offset 0",
                       is_write ? "writes" : "reads");
    }
}

static void check_copies(void)
{
    static char copy[LEN + 1];
    struct copy_all all = {jobs, COUNT, AT_ONCE};
    const struct loop_options options = {.tasks_max = AT_ONCE + 1};
    int rc = loop_init(&loop, &options);

    if (rc < 0)
        judge_cannot("loop_init", rc);
    make_jobs();
    judge_run("copy_all with 20 pipes, 6 at once, in a loop with 7 tasks");
    judge_expect("20 copies; but job 10 cannot be read, and gets -EBADF, and "
                 "the output of job 14 is full: -ENOSPC");
    judge_suspect("too few jobs are copied at the same time: as soon as one "
                  "ends, the next must begin, also if the first has failed");
    judge_crash("if a line above says that a task has overflowed its stack: "
                "that is small, so read into a buffer of 1024 bytes. If not: "
                "a pointer is not valid");
    (void)overflow_watch(&loop.sched);
    watch->on_submit = on_submit;
    judge_thread(feed, NULL);
    rc = loop_run(&loop, copy_all, &all);
    judge_that(rc != -EAGAIN, "the loop was full: take a unit of a semaphore "
               "before each group_spawn, and release it at the end of the task",
               "-EAGAIN");
    judge_that(rc != -EBUSY, "tasks were alive when copy_all returned: "
               "group_await_all waits for them", "-EBUSY");
    judge_that(rc != -ENOSYS, "the stub is unchanged: it returns -ENOSYS",
               "-ENOSYS");
    for (unsigned i = 0; i < COUNT; i++)
        check_job(i, copy);
    if (rc != -ENOSPC)
        judge_result(rc, -EBADF, "two jobs failed, and copy_all returns the "
                     "result of one");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"twenty jobs are copied, six at once", check_copies},
    };

    return judge_main("copy_all", cases, sizeof cases / sizeof *cases);
}
