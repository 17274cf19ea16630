/* drive_small.c: a program that is small enough for every order; see sim_run.h.
 *
 * What it teaches: a read, its deadline, its cancel and the bytes can come in
 * any order, and each operation can fail. `sim small --all` tries all orders
 * and failures: thousands of runs. A test written by hand would have five. */
#include <errno.h>
#include <string.h>

#include "await.h"
#include "err.h"
#include "sim_check.h"
#include "sim_errno.h"
#include "sim_knobs.h"
#include "sim_run.h"
#include "sys_process.h"

#define TRIES 16 /* a read may fail for lack of a worker, or be interrupted */
#define NS_PER_MS UINT64_C(1000000)

static struct {
    int fds[2];
    unsigned sent, received;
    bool is_cancelled;
} small;

/* Checks that an error was injected, or has a cause that the program knows. */
static void check_result(int rc)
{
    bool has_cause = rc == errno_injected() || rc == -ETIME || rc == -EINTR ||
                     (rc == -ECANCELED && small.is_cancelled) ||
                     (rc == -ERR_NO_WORKER && knob_is_on(KNOB_NO_WORKER));

    check_that(rc >= 0 || has_cause, "an-interruption-has-a-cause",
               "the result of a call is", rc);
}

/* Counts the bytes, and checks that they are the next ones. */
static int small_await_read(void)
{
    char part[8];
    int rc;

    deadline_set_ns(2 * NS_PER_MS);
    rc = await_read(small.fds[0], part, sizeof part, AWAIT_STREAM);
    deadline_clear();
    check_result(rc);
    for (int i = 0; i < rc; i++)
        check_that(part[i] == "abc"[small.received++], "bytes-are-a-prefix",
                   "there is a wrong byte:", part[i]);
    return rc;
}

static int read_once(void *arg) /* task body */
{
    (void)arg;
    return small_await_read();
}

static int write_once(void *arg) /* task body */
{
    int rc = await_write(small.fds[1], "abc", 3, AWAIT_STREAM);

    (void)arg;
    check_result(rc);
    /* A write that failed has written nothing. */
    small.sent = rc > 0 ? (unsigned)rc : 0;
    return rc;
}

/* The cancel and the deadline of the reader come at the same time. Bytes that
 * the reader has not taken must still be in the pipe. */
static int run_first(void *arg) /* task body */
{
    struct task reader = {0}, writer = {0};

    (void)arg;
    check_that(sys_pipe(small.fds) == 0, "set-up", "a pipe:", 0);
    check_that(task_spawn(&reader, "reader", read_once, NULL) == 0, "set-up",
               "a task:", 0);
    check_result(await_timeout_ns(2 * NS_PER_MS));
    check_that(task_spawn(&writer, "writer", write_once, NULL) == 0, "set-up",
               "a task:", 1);
    small.is_cancelled = true;
    task_cancel(&reader);
    (void)task_join(&reader);
    (void)task_join(&writer);
    for (int tries = 0; small.received < small.sent && tries < TRIES; tries++)
        (void)small_await_read();
    check_that(small.received == small.sent,
               "bytes-are-a-prefix", "bytes that were lost:",
               small.sent - small.received);
    (void)await_close(small.fds[0]);
    (void)await_close(small.fds[1]);
    return 0;
}

static void drive(void)
{
    const struct loop_options options = {
        .ring = {.sq_entries = 4, .cq_entries = 4},
        .tasks_max = 3,
        .stack_len = 16384,
    };
    struct loop loop;
    int rc = loop_init(&loop, &options);

    check_that(rc == 0, "set-up", "a loop:", rc);
    memset(&small, 0, sizeof small);
    rc = loop_run(&loop, run_first, NULL);
    check_that(rc == 0, "the-program-ends-well", "its result is", rc);
    loop_finish(&loop);
}

const struct sim_driver drive_small = {
    .name = "small",
    .what = "a read, its deadline and its cancel: small enough for --all",
    .run = drive,
};
