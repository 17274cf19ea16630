/* many-tasks: shows the task limit, and two ways to handle it.
 *
 * What it teaches: a loop has room for 1024 tasks by default, because it
 * reserves their stacks when it starts. Spawning one more fails with -EAGAIN. A
 * program that needs more tasks can either limit how many run at once or
 * reserve more stacks. */
#include <inttypes.h>
#include <stdio.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "group.h"
#include "semaphores.h"
#include "trace_command.h"

#define COUNT_MAX 10000

/* A task must not move until it has ended. */
static struct group_task tasks[COUNT_MAX];
/* Counts how many more tasks may run now. Without --at-once there is no
 * limit. */
static struct semaphore may_run = {.count = COUNT_MAX};
static uint64_t count, ran; /* tasks to start; tasks that slept */

/* Releases the semaphore last. The spawning task runs after this task has
 * ended, so it finds the stack of this task free. */
static int many_sleep(void *arg)
{
    (void)arg;
    await_sleep_ns(UINT64_C(1000000));
    ran++;
    semaphore_release(&may_run);
    return 0;
}

/* Runs as the first task, which also counts toward the limit. After a failed
 * spawn, must not return before the running tasks have ended, because they use
 * the group in this frame. */
static int many_run_all(void *arg)
{
    struct group group = {0};
    int rc = 0;

    (void)arg;
    for (uint64_t i = 0; i < count && rc == 0; i++) {
        /* With --at-once N, this suspends while N tasks are running. Without
         * --at-once, all tasks are spawned before the first one runs. */
        rc = semaphore_await_take(&may_run);
        if (rc == 0)
            rc = group_spawn(&group, &tasks[i], "sleeper", many_sleep, NULL);
        if (rc < 0)
            fprintf(stderr,
                    "many-tasks: cannot start task %" PRIu64 ": %s (%s)\n",
                    i + 1, err_words(rc), err_name(rc));
    }
    (void)group_await_all(&group); /* the sleepers return 0 */
    return rc;
}

/* The loop reserves address space for tasks_max stacks of 64 KiB each. A page
 * uses memory only after a task has touched it. */
int main(int argc, char **argv)
{
    static struct loop loop;
    static struct trace_command trace = TRACE_COMMAND_DEFAULT;
    struct loop_options loop_options = {.tasks_max = 1024};
    const struct command_option options[] = {
        {.name = "at-once", .number = &may_run.count, .min = 1,
         .max = COUNT_MAX},
        {.name = "tasks-max", .number = &loop_options.tasks_max, .min = 1,
         .max = COUNT_MAX},
        TRACE_COMMAND_OPTIONS(trace),
        {0},
    };
    struct command command = {
        .name = "many-tasks",
        .help = "[--at-once N] [--tasks-max N] COUNT\n"
                "Starts COUNT tasks that sleep for a millisecond each.\n\n"
                "  --at-once N    starts a task only when fewer than N run\n"
                "  --tasks-max N  asks the loop for room for N tasks (1024)\n"
                TRACE_COMMAND_HELP
                "  --help, --version\n",
        .options = options,
        .operands_min = 1,
        .operands_max = 1,
    };
    int rc = command_read(&command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    if (!command_number(command.operands[0], 1, COUNT_MAX, &count))
        return command_misuse(&command, "COUNT %s: not a number from 1 to %d",
                              command.operands[0], COUNT_MAX);
    rc = trace_command_start(&trace, &command);
    if (rc != COMMAND_GO_ON)
        return rc;
    rc = loop_init(&loop, &loop_options);
    if (rc < 0)
        return command_no_ring(command.name, rc);
    rc = loop_run(&loop, many_run_all, NULL);
    loop_finish(&loop);
    printf("%" PRIu64 " of %" PRIu64 " tasks ran\n", ran, count);
    rc = trace_command_finish(&trace, &command, rc < 0);
    return command_finish(&command, rc);
}
