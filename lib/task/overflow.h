/* overflow.h: names the task that overflowed its stack.
 * Introduced in phase 3. Needs: sys.h, sys_fault.h, task.h.
 *
 *     rc = loop_init(&loop, &options);
 *     (void)overflow_watch(&loop.sched);
 *
 *     fatal: task 'parser' has overflowed its stack of 64 KiB: ...
 *
 * The guard below each stack turns an overflow into a fault, whoever watches.
 * But what a fault says is "Segmentation fault", and a backtrace of a stack
 * without end is of little help. With this the process says one line first, and
 * then dies as it would have. Every other fault is what it was.
 *
 * Rules
 *  - Opt in, once in each thread that has a scheduler: a signal's handler
 *    belongs to the whole process, and a library does not take it unasked.
 *  - It costs nothing until the fault.
 *  - A generator's stack is no task's: whoever took it says where it is from
 *    (overflow_watch_generators), or its overflow is a fault without a line.
 *  - AddressSanitizer's own handler follows, with its report. */
#ifndef ONE_RING_OVERFLOW_H
#define ONE_RING_OVERFLOW_H

#include "task.h"

/* Watches the tasks of this thread's scheduler until overflow_unwatch, which
 * comes before sched_finish. Does not suspend. Returns 0 or -errno; the program
 * is none the worse without. */
int overflow_watch(const struct sched *sched);

/* The stacks of this arena are generators' that this thread asks: who overflows
 * one of them is named as well, until overflow_unwatch, which comes before
 * stack_arena_finish. One arena a thread, beside overflow_watch. Cannot fail,
 * but says nothing on a processor that sys_fault.c does not know. */
void overflow_watch_generators(const struct stack_arena *arena);

/* Ends it for this thread. Accepts that there is nothing to end. */
void overflow_unwatch(void);

#endif
