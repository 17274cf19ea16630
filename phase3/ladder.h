/* ladder.h: what the three ladders share: the command line, and the messages.
 *
 * One job, written three times: read several files at once, print them to
 * stdout in the order of the arguments, name what fails and go on with the
 * rest. Each file is read ahead by one buffer while others are printed. All
 * that a ladder is about, waiting for several things at once, stands in its own
 * file. */
#ifndef PHASE3_LADDER_H
#define PHASE3_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define LADDER_AT_ONCE 16           /* files that are open at a time */
#define LADDER_BUF_LEN (64u << 10) /* read ahead of each */

/* The buffer of the n-th file: the last user of it has been printed before file
 * n is opened. */
char *ladder_buf(int n);

/* Where to read fd from first: its position, or AWAIT_STREAM for a pipe. */
uint64_t ladder_offset(int fd);

/* "PROGRAM: cannot TRY 'NAME': words (ENAME)" on stderr. Exit code 1
 * follows. */
void ladder_fail(const char *try, const char *name, int result);

/* Says that stdout takes no more; once is enough. */
void ladder_break_output(int result);
bool ladder_output_is_broken(void);

/* A ladder's way to print the files. Messages have been given when it
 * returns. */
typedef void ladder_fn(struct loop *loop, char **names, int count);

/* A ladder's main: returns its exit code. */
int ladder_main(int argc, char **argv, const char *program, ladder_fn *show);

#endif
