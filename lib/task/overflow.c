/* overflow.c: reports which task has overflowed its stack; see overflow.h.
 * Introduced in phase 3. Needs: overflow.h, sys.h, sys_fault.h.
 *
 * What it teaches: a signal handler may do very little, because it runs between
 * any two instructions of the program. The handler in this file only reads
 * data, fills a buffer, and writes once. It must not call printf, because the
 * program may already hold printf's locks. */
#include "overflow.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "sys.h"
#include "sys_fault.h"

/* These variables are per thread, because each thread has a scheduler. */
static _Thread_local const struct sched *watched; /* borrowed */
static _Thread_local const struct stack_arena *generators; /* borrowed */
static _Thread_local void *signal_stack; /* owned, or NULL */

/* Longer names are truncated. */
#define NAME_LEN_MAX 64u

struct line {
    char text[256]; /* large enough for every message */
    size_t len;
};

static void put(struct line *line, const char *text, size_t len_max)
{
    for (size_t i = 0; i < len_max && text[i] != '\0'; i++)
        line->text[line->len++] = text[i];
}

static void put_number(struct line *line, size_t number)
{
    char digits[24];
    size_t at = sizeof digits;

    digits[--at] = '\0';
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put(line, digits + at, sizeof digits);
}

/* Only the running task, or the generator whose stack the thread uses, can
 * overflow its stack. A fault in another guard comes from a bad pointer, so the
 * message must not name the owner of the stack above that guard. */
static void overflow_on_fault(const void *address, const void *stack_pointer)
{
    const struct task *task = watched != NULL ? watched->current : NULL;
    struct line line = {.len = 0};

    if (task != NULL && stack_guards(&watched->stacks, task->stack, address)) {
        put(&line, "fatal: task '", SIZE_MAX);
        put(&line, task->name, NAME_LEN_MAX);
        put(&line, "' has overflowed its stack of ", SIZE_MAX);
        put_number(&line, stack_arena_len(&watched->stacks) >> 10);
        put(&line, " KiB: look for deep recursion and large local arrays, or "
                   "give all tasks more (stack_len)\n", SIZE_MAX);
    } else if (generators != NULL &&
               stack_arena_is_overflowed(generators, address, stack_pointer)) {
        put(&line, "fatal: a generator", SIZE_MAX);
        if (task != NULL) { /* generators have no names */
            put(&line, " of task '", SIZE_MAX);
            put(&line, task->name, NAME_LEN_MAX);
            put(&line, "'", SIZE_MAX);
        }
        put(&line, " has overflowed its stack of ", SIZE_MAX);
        put_number(&line, stack_arena_len(generators) >> 10);
        put(&line, " KiB: look for deep recursion and large local arrays, or "
                   "give it a longer one\n", SIZE_MAX);
    }
    if (line.len > 0)
        sys_print_error(line.text, line.len);
}

int overflow_watch(const struct sched *sched)
{
    int rc;

    assert(watched == NULL);
    rc = sys_signal_stack(&signal_stack);
    if (rc < 0)
        return rc;
    rc = sys_on_fault(overflow_on_fault);
    if (rc < 0) {
        sys_signal_stack_finish(signal_stack);
        signal_stack = NULL;
        return rc;
    }
    watched = sched;
    return 0;
}

void overflow_watch_generators(const struct stack_arena *arena)
{
    assert(generators == NULL);
    generators = arena;
}

void overflow_unwatch(void)
{
    generators = NULL;
    watched = NULL;
    sys_signal_stack_finish(signal_stack);
    signal_stack = NULL;
}
