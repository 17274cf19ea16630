/* message.h: the messages that the programs of this phase print.
 *
 * A message on stderr has four parts: what the program tried, on which file,
 * at which offset, and the reason in words and by name:
 *
 *     cp-uring: cannot read 'disk.img' at offset 4096: Input/output error (EIO)
 *
 * Each message is one write(2), so the lines of two programs do not mix.
 *
 * A file name is any sequence of bytes. It may hold a newline or an escape
 * sequence for the terminal. So names are printed in quotes, and such bytes
 * as \ooo. */
#ifndef PHASE1_MESSAGE_H
#define PHASE1_MESSAGE_H

#include <stdint.h>
#include <stdio.h>

/* Opens /dev/null instead of stdin, stdout or stderr where the caller has
 * closed them, in the direction that fails. Otherwise the next file that the
 * program opens would get that number, and receive the messages. Call it before
 * anything else is opened. */
void message_hold_standard_fds(void);

/* Sets the name that each message begins with. Borrows name for the life of
 * the program. */
void message_set_program(const char *name);

/* Prints "PROGRAM: TRIED 'NAME': words (ENAME)". Leaves the name out if it is
 * NULL. result is -errno. Returns result. */
int message_error(const char *tried, const char *name, int result);

/* Prints the message with " at offset N" after the name. */
void message_error_at(const char *tried, const char *name, uint64_t offset,
                      int result);

/* Prints "PROGRAM: TRIED 'NAME': WHY", for a refusal without an errno. */
void message_refusal(const char *tried, const char *name, const char *why);

/* Prints 'name' to stream, with the quotes. */
void message_print_name(FILE *stream, const char *name);

#endif
