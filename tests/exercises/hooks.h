/* hooks.h: calls of an answer that a checker can act on.
 *
 * Test support. Needs: nothing.
 *
 * The linker sends the answer's calls of read, eventfd_read, syscall,
 * group_spawn and await_read through hooks.c (--wrap, in tests/tools/answer).
 */
#ifndef EXERCISES_HOOKS_H
#define EXERCISES_HOOKS_H

/* Called once, before the answer's next read of fd. A checker lets happen here
 * what can happen at the worst moment. */
extern void (*hook_before_read)(int fd);

/* How often await_read was called. */
extern unsigned hook_await_reads;

/* How often the answer has called syscall(SYS_io_uring_enter, ...). */
extern unsigned hook_enters;

/* Called before each of these calls, with its flags and its last but one
 * argument. */
extern void (*hook_on_enter)(unsigned flags, const void *arg);

#endif
