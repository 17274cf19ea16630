/* overflow.h: names the task that overflowed its stack.
 * Introduced in phase 3. Needs: sys.h, sys_fault.h, task.h.
 *
 *     rc = loop_init(&loop, &options);
 *     (void)overflow_watch(&loop.sched);
 *
 *     fatal: task 'parser' has overflowed its stack of 64 KiB: ...
 *
 * The guard below each stack turns an overflow into a fault. But the message of
 * a fault is "Segmentation fault", and a backtrace of an endless recursion
 * helps little. With this module the process prints one line first, and then
 * dies as without it. It does not change any other fault.
 *
 * Rules
 *  - Call overflow_watch once in each thread that has a scheduler. The library
 *    does not do so by itself, because a signal handler belongs to the process.
 *  - It costs nothing until the fault.
 *  - The stack of a generator is not the stack of a task: register its arena
 *    with overflow_watch_generators. Without that its overflow prints no line.
 *  - AddressSanitizer's handler runs next, with its report. */
#ifndef ONE_RING_OVERFLOW_H
#define ONE_RING_OVERFLOW_H

#include "task.h"

/* Watches the tasks of this thread's scheduler until overflow_unwatch; call
 * that before sched_finish. Does not suspend. After a failure the program
 * works, and an overflow prints no line.
 *
 * Returns 0       an overflow prints a line
 *         -errno  as sigaltstack(2), mmap(2), or sigaction(2) */
int overflow_watch(const struct sched *sched);

/* Watches the generators with stacks of this arena until overflow_unwatch; call
 * that before stack_arena_finish. One arena per thread, in addition to
 * overflow_watch. Cannot fail. Has no effect on a processor whose stack pointer
 * sys_fault.c cannot read. */
void overflow_watch_generators(const struct stack_arena *arena);

/* Ends both watches of this thread. Does nothing if there are none. */
void overflow_unwatch(void);

#endif
