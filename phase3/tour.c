/* tour: shows tasks, futures, timers, cancels, deadlines and groups.
 *
 * What it teaches: the order in which tasks run. The program determines this
 * order, not the kernel, so the output is the same each time. Read a part,
 * predict its output, and run it. */
#include <errno.h>
#include <stdio.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "group.h"
#include "trace_command.h"

#define MS UINT64_C(1000000)

/* The program owns its tasks and futures, and must not move them while they are
 * in use. lib does not allocate them. */
static struct task tasks[3];
static struct future answer; /* used in part 2 */

/* Prints a line that begins with the name of the current task. */
static void say(const char *text)
{
    printf("    %s: %s\n", task_current()->name, text);
}

/* Prints a result: a number >= 0, or the name of an errno. */
static void say_result(const char *what, int result)
{
    if (result < 0)
        printf("    %s: %s is %s\n", task_current()->name, what,
               err_name(result));
    else
        printf("    %s: %s is %d\n", task_current()->name, what, result);
}

/* Joins the first count tasks. Any order works, because a join returns
 * immediately if the task has ended. */
static void tour_await_all(int count)
{
    for (int i = 0; i < count; i++)
        task_join(&tasks[i]);
}

/* Other tasks run only at the yield, because printf does not suspend. */
static int tour_take_turns(void *arg)
{
    (void)arg;
    for (int i = 1; i <= 3; i++) {
        printf("    %s: turn %d\n", task_current()->name, i);
        task_yield();
    }
    return 0;
}

/* A spawn makes a task ready but does not run it. The two tasks run when this
 * task suspends in the first join. */
static int tour_show_tasks(void *arg)
{
    (void)arg;
    task_spawn(&tasks[0], "ada", tour_take_turns, NULL);
    task_spawn(&tasks[1], "bob", tour_take_turns, NULL);
    say("both are ready, neither has run");
    tour_await_all(2);
    return 0;
}

/* The future is not completed yet, so this task parks. A parked task uses no
 * CPU until future_complete makes it ready. */
static int tour_ask(void *arg)
{
    (void)arg;
    say("I need the answer");
    say_result("the answer", future_wait(&answer));
    return 0;
}

/* future_complete makes the waiter ready but does not run it. So bob prints a
 * second line before ada prints the answer. The scheduler runs ada next. */
static int tour_know(void *arg)
{
    (void)arg;
    say("completing the future");
    future_complete(&answer, 42);
    say("completed, and I am still running");
    return 0;
}

/* Here ada waits before bob completes the future. The other order works as
 * well, because a wait for a completed future returns immediately. */
static int tour_show_future(void *arg)
{
    (void)arg;
    answer = (struct future){0};
    task_spawn(&tasks[0], "ada", tour_ask, NULL);
    task_spawn(&tasks[1], "bob", tour_know, NULL);
    tour_await_all(2);
    return 0;
}

/* A sleep suspends only its task. The three tasks sleep at the same time, so
 * this part takes 30 ms, not 60. */
static int tour_sleep_for(void *arg)
{
    const uint64_t *delay_ms = arg;

    await_sleep_ns(*delay_ms * MS);
    printf("    %s: woke\n", task_current()->name);
    return 0;
}

/* The tasks are spawned in one order and wake in another. The names are static,
 * because a task borrows its name. */
static int tour_show_timers(void *arg)
{
    static uint64_t delays_ms[] = {30, 10, 20};
    static const char *const names[] = {"30 ms", "10 ms", "20 ms"};

    (void)arg;
    for (int i = 0; i < 3; i++)
        task_spawn(&tasks[i], names[i], tour_sleep_for, &delays_ms[i]);
    tour_await_all(3);
    return 0;
}

/* The first wait returns -ECANCELED. The second call works as usual, so that a
 * task can suspend while it cleans up. */
static int tour_wait_for_input(void *arg)
{
    struct future never = {0}; /* no task completes it */

    (void)arg;
    say_result("the wait", future_wait(&never));
    say_result("a sleep to clean up", await_sleep_ns(1 * MS));
    return 0;
}

/* The yield lets ada reach the wait. Without it the cancel would come first,
 * and the wait would return immediately. The second cancel has no effect. */
static int tour_show_cancel(void *arg)
{
    (void)arg;
    task_spawn(&tasks[0], "ada", tour_wait_for_input, NULL);
    task_yield();
    say("cancelling ada, twice");
    task_cancel(&tasks[0]);
    task_cancel(&tasks[0]);
    tour_await_all(1);
    return 0;
}

/* A deadline belongs to the task and not to one call. It applies to every call
 * until it expires or is cleared. A new deadline replaces the old one, so the
 * first deadline, of a minute, never expires. */
static int tour_show_deadline(void *arg)
{
    struct future never = {0}; /* no task completes it */

    (void)arg;
    deadline_set_ns(60000 * MS);
    say_result("a nop", await_nop());
    deadline_set_ns(10 * MS);
    say_result("a sleep of a minute", await_sleep_ns(60000 * MS));
    say_result("a nop after that", await_nop());
    deadline_set_ns(10 * MS);
    say_result("a future that nobody completes", future_wait(&never));
    deadline_clear();
    return 0;
}

/* DOC: tour-group. The group cancels ada when this task fails, although no code
 * here mentions ada. */
static int tour_fail(void *arg)
{
    (void)arg;
    say_result("closing what is not open", await_close(-1));
    return -EBADF;
}

/* The group is a local variable. The data of its tasks could be local, too,
 * because group_await_all returns after the last task has ended. */
static int tour_show_group(void *arg)
{
    struct group group = {0};
    struct group_task members[2];

    (void)arg;
    group_spawn(&group, &members[0], "ada", tour_wait_for_input, NULL);
    group_spawn(&group, &members[1], "bob", tour_fail, NULL);
    say_result("the group", group_await_all(&group));
    return 0;
}

/* Each part shows one idea and does not depend on the part before it. */
static const struct part {
    const char *title;
    task_fn *show;
} parts[] = {
    {"Tasks run in the order in which they became ready.", tour_show_tasks},
    {"A future joins one that waits and one that knows.", tour_show_future},
    {"Timers fire in the order of their times.", tour_show_timers},
    {"A cancel is delivered once, by the call that waits.", tour_show_cancel},
    {"A deadline ends what takes too long, and spares what does not.",
     tour_show_deadline},
    {"The first failure in a group ends the others.", tour_show_group},
};

/* Runs as the first task. loop_run returns when this task and all others have
 * ended. */
static int tour(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        printf("%zu. %s\n", i + 1, parts[i].title);
        (void)parts[i].show(NULL);
    }
    return 0;
}

static struct trace_command trace = TRACE_COMMAND_DEFAULT;
static const struct command_option options[] = {
    TRACE_COMMAND_OPTIONS(trace),
    {0},
};

int main(int argc, char **argv)
{
    static struct loop loop;
    struct command command = {
        .name = "tour",
        .help = "[--trace FILE]\n"
                "Shows who runs when, the same each time.\n\n"
                TRACE_COMMAND_HELP
                "  --help, --version\n",
        .options = options,
    };
    int rc = command_read(&command, argc, argv);

    if (rc == COMMAND_GO_ON)
        rc = trace_command_start(&trace, &command);
    if (rc != COMMAND_GO_ON)
        return rc;
    rc = loop_init(&loop, NULL);
    if (rc < 0)
        return command_no_ring(command.name, rc);
    rc = loop_run(&loop, tour, NULL);
    loop_finish(&loop);
    rc = trace_command_finish(&trace, &command, rc < 0);
    return command_finish(&command, rc);
}
