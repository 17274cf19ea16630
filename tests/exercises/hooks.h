/* hooks.h: calls of an answer that a checker can act on.
 *
 * Test support. Needs: nothing.
 *
 * The linker sends the answer's calls of read, eventfd_read and group_spawn
 * through hooks.c (--wrap, in tests/tools/answer). */
#ifndef EXERCISES_HOOKS_H
#define EXERCISES_HOOKS_H

/* Called once, before the answer's next read of fd. A checker lets happen here
 * what can happen at the worst moment. */
extern void (*hook_before_read)(int fd);

#endif
