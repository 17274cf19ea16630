/* depth: runs a task whose function calls itself LEVELS times.
 *
 * What it teaches: what a stack is for, how much of it a task used, and what
 * happens if a task needs more. Below the stack is a guard page, which is
 * inaccessible. The first access to that page kills the program. Because main
 * calls overflow_watch, the program first prints the name of the task. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "overflow.h"

#define LEVEL_LEN 1024 /* bytes per frame; a call needs a few more */

/* Waits at the deepest level, and then checks that all frames are intact. The
 * function is noinline, because a compiler that merges several frames into one
 * would change the result. Each frame is read after the deeper call, so it must
 * exist until that call has returned. */
__attribute__((noinline)) static int await_descent(uint64_t levels)
{
    char frame[LEVEL_LEN];
    int rc;

    memset(frame, (int)levels, sizeof frame);
    rc = levels > 1 ? await_descent(levels - 1) : await_nop();
    return rc < 0 ? rc : frame[0] == (char)levels ? 0 : -1;
}

static int depth_descend(void *arg)
{
    return await_descent(*(const uint64_t *)arg);
}

/* DOC: depth-high-water. Measures the stack after the task has ended. The used
 * bytes are still there, because a released stack is not cleared. */
static int depth_run(void *arg)
{
    struct task diver = {0};
    int rc = task_spawn(&diver, "diver", depth_descend, arg);

    if (rc < 0)
        return rc;
    rc = task_join(&diver);
    printf("%" PRIu64 " levels took %zu KiB of %zu\n", *(const uint64_t *)arg,
           (stack_high_water(diver.stack) + 1023) >> 10,
           (diver.stack.len + 1023) >> 10);
    return rc;
}

static const char help[] =
    "[LEVELS]\n"
    "Goes LEVELS calls deep (10) and prints how much stack it took. Its\n"
    "tasks have 64 KiB, so that 100 do not end well.\n\n"
    "  --help     this text\n"
    "  --version  name and version\n";

int main(int argc, char **argv)
{
    static struct loop loop;
    struct command command = {
        .name = "depth",
        .help = help,
        .operands_max = 1,
    };
    uint64_t levels = 10;
    int rc = command_read(&command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    if (command.operand_count == 1 &&
        !command_number(command.operands[0], 1, LONG_MAX, &levels))
        return command_misuse(&command, "LEVELS %s: not a number from 1 on",
                              command.operands[0]);
    rc = loop_init(&loop, NULL);
    if (rc < 0)
        return command_no_ring(command.name, rc);
    /* Without this call, an overflow also kills the program, but the program
     * does not print the name of the task. */
    (void)overflow_watch(&loop.sched);
    rc = loop_run(&loop, depth_run, &levels);
    overflow_unwatch();
    loop_finish(&loop);
    return command_finish(&command, rc < 0);
}
