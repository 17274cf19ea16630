/* event.c: the checker of phase 3's exercise event. It needs no ring: the
 * scheduler does no I/O. */
#include "event.h"

#include <stdio.h>
#include <string.h>

#include "judge.h"

#define COUNT 5u

static struct sched sched;
static struct event event;
static struct task tasks[COUNT];
static char woken[COUNT + 1]; /* the letters of the tasks, as they end */

static int waiter_run(void *letter)
{
    event_await_set(&event);
    strncat(woken, letter, 1);
    return 0;
}

static void run_tasks(void)
{
    if (sched_run(&sched, 1000) == 1000)
        judge_fail("a task runs again and again: a task that waits must be "
                   "parked", "1000 switches, and no end");
}

/* Starts count waiters. */
static void begin(unsigned count)
{
    static const char *const letters[COUNT] = {"a", "b", "c", "d", "e"};
    int rc = sched_init(&sched, COUNT, 65536, COUNT);

    if (rc < 0)
        judge_cannot("sched_init", rc);
    judge_suspect("event_set does not end: take a task off the queue when you "
                  "wake it");
    judge_crash("a node in the queue belongs to no task that waits: use "
                "container_of(node, struct task, node)");
    judge_assertion("task_make_ready", "a task was made ready twice, or was "
                    "not parked: take it off the queue when you wake it");
    judge_assertion("task_current", "event_set suspends or asks for the "
                    "current task, but it is called outside a task: it only "
                    "makes tasks ready");
    for (unsigned i = 0; i < count; i++)
        if (task_spawn(&tasks[i], "waiter", waiter_run, (void *)letters[i]) < 0)
            judge_cannot("task_spawn", -1);
}

static void check_waits(void)
{
    begin(1);
    judge_run("event_await_set in a task, and no event_set");
    judge_expect("the task is parked");
    run_tasks();
    judge_that(woken[0] == '\0', "the task went on although the event is not "
               "set: park it", "the wait returned");
    judge_that(tasks[0].state == TASK_PARKED, "the task must be parked",
               "a task that is not parked");
    judge_run("event_set, with one task that waits");
    judge_expect("the task ends");
    event_set(&event);
    judge_that(woken[0] == '\0', "event_set must not run the waiter: it only "
               "makes it ready", "the task ran in event_set");
    run_tasks();
    judge_that(strcmp(woken, "a") == 0, "the waiting task was not made ready",
               "a task that is still parked");
}

static void check_already_set(void)
{
    begin(1);
    judge_run("event_set, and then event_await_set");
    judge_expect("the wait returns");
    event_set(&event);
    run_tasks();
    judge_that(strcmp(woken, "a") == 0, event.is_set
                   ? "the wake-up is lost: the event was set before the wait, "
                     "which did not look"
                   : "the wake-up is lost: event_set did not set is_set, so no "
                     "later wait can see it", "a parked task");
}

static void check_all(void)
{
    begin(COUNT);
    run_tasks();
    judge_run("event_set, with tasks a, b, c, d, e that wait, twice");
    judge_expect("all wake, in the order abcde");
    event_set(&event);
    event_set(&event);
    run_tasks();
    if (strlen(woken) < COUNT)
        judge_fail("one event_set wakes all tasks that wait", "%s",
                   woken[0] != '\0' ? woken : "none");
    if (strcmp(woken, "abcde") != 0)
        judge_fail("the task that has waited longest wakes first", "%s", woken);
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"a task waits until the event is set", check_waits},
        {"a wait for an event that is set returns", check_already_set},
        {"all waiting tasks wake, in order and once", check_all},
    };

    return judge_main("event", cases, sizeof cases / sizeof *cases);
}
