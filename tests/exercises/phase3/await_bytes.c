/* await_bytes.c: the checker of phase 3's exercise await_bytes. */
#include "await_bytes.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "await.h"
#include "hooks.h"
#include "judge.h"
#include "ring_watch.h"

#define NOT_ZEROED "op, future or wait has members that were not set: zero " \
                   "them, and set op.complete and wait.interrupt"

static struct loop loop;
static int ends[2];
static char buf[64];
static struct task reader;
static int came, came_next; /* of await_bytes, and of the call after it */
static unsigned in_flight;  /* when await_bytes returned */

/* Fills the stack below, where the answer's frame will be: what it does not
 * initialise is not zero by chance. */
static void __attribute__((noinline)) fill_stack(void)
{
    volatile char area[1536];

    for (size_t i = 0; i < sizeof area; i++)
        area[i] = (char)0xa5;
}

static int reader_run(void *arg)
{
    (void)arg;
    fill_stack();
    came = await_bytes(ends[0], buf, sizeof buf);
    judge_that(hook_await_reads == 0, "this is await_read, which you are to "
               "write: use loop_await_sqe, a future, and a callback",
               "it called await_read");
    in_flight = loop_in_flight(&loop);
    if (in_flight > 0)
        judge_fail("the call returned while the read is in flight: the kernel "
                   "owns buf until the read's CQE", "a read in flight");
    came_next = await_nop();
    return 0;
}

static int bytes_left(void)
{
    int left = 0;

    ioctl(ends[0], FIONREAD, &left);
    return left;
}

static int feed_run(void *arg)
{
    (void)arg;
    task_spawn(&reader, "reader", reader_run, NULL);
    task_yield();
    judge_that(reader.state == TASK_PARKED, "the task must be suspended while "
               "the read is in flight", "a task that is not parked");
    judge_write(ends[1], "hello", 5);
    return task_join(&reader);
}

static int cancel_run(void *arg)
{
    (void)arg;
    task_spawn(&reader, "reader", reader_run, NULL);
    while (watch_submitted() == 0)
        task_yield();
    task_cancel(&reader);
    return task_join(&reader);
}

/* The bytes are there, and so is the cancel. */
static int cancel_early_run(void *arg)
{
    (void)arg;
    judge_write(ends[1], "hello", 5);
    task_spawn(&reader, "reader", reader_run, NULL);
    task_cancel(&reader);
    return task_join(&reader);
}

static void run(task_fn *driver)
{
    int rc = loop_init(&loop, NULL);

    if (rc < 0)
        judge_cannot("loop_init", rc);
    judge_pipe(ends);
    judge_crash(NOT_ZEROED);
    judge_assertion("future_complete", "the future was not zeroed, or it was "
                    "completed twice");
    watch_forbid_reads();
    rc = loop_run(&loop, driver, NULL);
    if (came == -ENOSYS)
        judge_result(came, 0, "");
    judge_that(rc != -EDEADLK, "nothing ends the wait: op.complete has to "
               "complete the future", "a task that waits for ever");
    judge_result(rc, 0, "a task failed");
}

static void check_bytes(void)
{
    judge_run("await_bytes(pipe, buf, 64), and \"hello\" while it waits");
    judge_expect("5");
    judge_suspect("nothing ended the wait: op.complete has to complete the "
                  "future");
    run(feed_run);
    judge_result(came, 5, "the result is that of the CQE");
    judge_bytes(buf, "hello", 5, "the bytes are in another place");
    judge_result(came_next, 0, "the next call of the task failed");
}

static void check_cancel(void)
{
    judge_run("await_bytes(pipe, buf, 64), and task_cancel while it waits");
    judge_expect("-ECANCELED, and no read in flight");
    judge_suspect("the read did not end: request loop_cancel when the task is "
                  "cancelled");
    run(cancel_run);
    judge_result(came, -ECANCELED, "the task was cancelled");
    judge_expect("0 from the next call: the cancel is reported once");
    judge_result(came_next, 0, "the cancel was reported twice: "
                 "task_take_interruption clears it");
}

static void check_bytes_and_cancel(void)
{
    judge_run("await_bytes(pipe, buf, 64) in a cancelled task; the pipe has 5 "
              "bytes");
    judge_expect("5, or -ECANCELED and the bytes still in the pipe");
    judge_suspect("the wait did not end although the bytes are there");
    run(cancel_early_run);
    if ((came > 0 ? came : 0) + bytes_left() != 5)
        judge_fail("the read got bytes, and they are lost: return them, and "
                   "let the next call report the cancel",
                   "%d, and %d bytes in the pipe", came, bytes_left());
    judge_expect("the cancel, from one of two calls");
    if ((came == -ECANCELED) == (came_next == -ECANCELED))
        judge_fail(came == -ECANCELED
                       ? "the cancel was reported twice: "
                         "task_take_interruption clears it"
                       : "the cancel was lost: take it only if you return it, "
                         "so that the next call reports it",
                   "%d, and then %d", came, came_next);
}

static void check_error(void)
{
    judge_run("await_bytes(the end of a pipe for writing, buf, 64)");
    judge_pipe(ends);
    loop_init(&loop, NULL);
    judge_crash(NOT_ZEROED);
    watch_forbid_reads();
    ends[0] = ends[1];
    judge_result(loop_run(&loop, reader_run, NULL), 0, "the loop");
    judge_result(came, -EBADF, "the failure of the read is the result");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"bytes end the wait", check_bytes},
        {"a failed read is reported", check_error},
        {"a cancel ends the read and then the wait", check_cancel},
        {"a cancel loses no bytes", check_bytes_and_cancel},
    };

    return judge_main("await_bytes", cases, sizeof cases / sizeof *cases);
}
