/* ladder.h: the command line and messages of the three ladders.
 *
 * The ladders are the programs ladder-callback, ladder-polled, and
 * ladder-coroutine. Each is a step on the way from callbacks to tasks. They do
 * the same job. They read several files at once and print them in the order of
 * the arguments. If a file fails, they report it and continue with the others.
 * Each file is read one buffer ahead while others are printed. The three
 * programs differ only in how they wait for several files. */
#ifndef PHASE3_LADDER_H
#define PHASE3_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define LADDER_AT_ONCE 16           /* files that are open at once */
#define LADDER_BUF_LEN (64u << 10) /* bytes read ahead per file */

/* Returns the buffer for file n. File n - LADDER_AT_ONCE uses the same buffer,
 * so print that file before you open file n. */
char *ladder_buf(int n);

/* Returns the offset of the first read: the position of fd, or AWAIT_STREAM if
 * fd has no position, for example a pipe. */
uint64_t ladder_offset(int fd);

/* Prints "PROGRAM: cannot TRY 'NAME': words (ENAME)" on stderr, and sets the
 * exit code to 1. */
void ladder_fail(const char *try, const char *name, int result);

/* Call ladder_before_write before each write to stdout through the ring, and
 * ladder_after_short_write after a short write: see file_settle_position. */
void ladder_before_write(void);
void ladder_after_short_write(int wrote);

/* Records that a write to stdout failed. Prints a message the first time. */
void ladder_break_output(int result);
bool ladder_output_is_broken(void);

/* Prints the files, and a message for each failure. Returns when all files are
 * done. */
typedef void ladder_fn(struct loop *loop, char **names, int count);

/* Runs a ladder. Returns the exit code of the program. */
int ladder_main(int argc, char **argv, const char *program, ladder_fn *show);

#endif
