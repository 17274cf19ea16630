/* ladder.h: the command line and the messages of the three ladders.
 *
 * The ladders do one job in three ways. They read several files at once and
 * print them in the order of the arguments. If a file fails, they name it and
 * go on with the others. Each file is read one buffer ahead while others are
 * printed. Each ladder's own file shows how it waits for several files. */
#ifndef PHASE3_LADDER_H
#define PHASE3_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define LADDER_AT_ONCE 16           /* files that are open at a time */
#define LADDER_BUF_LEN (64u << 10) /* read ahead of each */

/* Returns the buffer of file n. File n - LADDER_AT_ONCE used it before: print
 * that one before you open file n. */
char *ladder_buf(int n);

/* Returns the offset of the first read: fd's position, or AWAIT_STREAM if fd
 * has no position, as a pipe. */
uint64_t ladder_offset(int fd);

/* Prints "PROGRAM: cannot TRY 'NAME': words (ENAME)" on stderr. The exit code
 * becomes 1. */
void ladder_fail(const char *try, const char *name, int result);

/* Notes that a write to stdout failed, and prints a message the first time. */
void ladder_break_output(int result);
bool ladder_output_is_broken(void);

/* Prints the files, and a message for each failure, before it returns. */
typedef void ladder_fn(struct loop *loop, char **names, int count);

/* The main function of a ladder. Returns its exit code. */
int ladder_main(int argc, char **argv, const char *program, ladder_fn *show);

#endif
