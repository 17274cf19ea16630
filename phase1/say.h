/* say.h: what the programs of this phase tell the user, in one manner.
 *
 * A message says what was tried, on what, and why it failed, in words and by
 * name; it is one write(2), so that two programs cannot mix their lines:
 *
 *     cp-uring: cannot read 'disk.img' at offset 4096: Input/output error (EIO)
 *
 * A file name is bytes: it may hold a newline or an escape sequence. It goes
 * to the terminal quoted, with such bytes as \ooo. */
#ifndef PHASE1_SAY_H
#define PHASE1_SAY_H

#include <stdint.h>
#include <stdio.h>

#define SAY_NO_OFFSET UINT64_MAX

/* Opens what the caller has closed of stdin, stdout and stderr, so that it
 * only fails: otherwise the next file opened would get that number, and take
 * the messages. Call it before anything else is opened. */
void say_hold_standard_fds(void);

/* Who speaks: "cat-raw". Borrowed for the life of the program. */
void say_program(const char *name);

/* "PROGRAM: TRIED 'NAME' at offset N: words (ENAME)". Without an offset
 * (SAY_NO_OFFSET) or a name (NULL) that part is left out; result is -errno. */
void say_error(const char *tried, const char *name, uint64_t offset,
               int result);

/* "PROGRAM: TRIED 'NAME': WHY", for what has no errno. */
void say_refusal(const char *tried, const char *name, const char *why);

/* Writes 'name' to stream, with the quotes. */
void say_name(FILE *stream, const char *name);

/* Prints to stdout, for --help and --version, and finishes it.
 *
 * Returns main's exit code: 0, or 1 where stdout took no more (>&-, a full
 * disk), which has then been said. */
int say_text(const char *text);

/* "one of --help's lines": the end of a usage error. Returns 2. */
int say_see_help(void);

#endif
