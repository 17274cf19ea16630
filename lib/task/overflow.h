/* overflow.h: reports which task has overflowed its stack.
 * Introduced in phase 3. Needs: sys.h, sys_fault.h, task.h.
 *
 *     rc = loop_init(&loop, &options);
 *     (void)overflow_watch(&loop.sched);
 *
 *     fatal: task 'parser' has overflowed its stack of 64 KiB: ...
 *
 * The guard below each stack turns an overflow into a fault. But the shell
 * reports a fault only as "Segmentation fault", and a backtrace of an endless
 * recursion is of little help. With this module, the process prints one line
 * before it dies. Other faults are not affected.
 *
 * Rules
 *  - Call overflow_watch once in each thread that has a scheduler. The library
 *    does not call it, because signal handlers are process-wide and belong to
 *    the program.
 *  - This module costs nothing until a fault.
 *  - A generator (generator.h) does not run on a task's stack. Register the
 *    arena of its stack with overflow_watch_generators. Otherwise the process
 *    does not print a line if that stack overflows.
 *  - In a build with AddressSanitizer, the sanitizer's handler runs next and
 *    prints a report. */
#ifndef ONE_RING_OVERFLOW_H
#define ONE_RING_OVERFLOW_H

#include "task.h"

/* Watches the tasks of this thread's scheduler until overflow_unwatch, which
 * you must call before sched_finish. Does not suspend. If this fails, the
 * program still works, but does not print a line after an overflow.
 *
 * Returns 0       an overflow prints a line
 *         -errno  from sigaltstack(2), mmap(2), or sigaction(2) */
int overflow_watch(const struct sched *sched);

/* Watches the generators whose stacks are in this arena until overflow_unwatch,
 * which you must call before stack_arena_finish. A thread can watch only one
 * arena, and must call overflow_watch too. Cannot fail. Has no effect on
 * processors other than x86-64 and aarch64, because sys_fault.c cannot read the
 * stack pointer there. */
void overflow_watch_generators(const struct stack_arena *arena);

/* Ends the watches of this thread. Does nothing if there is no watch. */
void overflow_unwatch(void);

#endif
