/* message.h: the messages that the programs of this phase print.
 *
 * A message on stderr has four parts: the attempt that failed, the file, the
 * offset, and the reason in words and as an errno name:
 *
 *     cp-uring: cannot read 'disk.img' at offset 4096: Input/output error (EIO)
 *
 * Each message is one write(2), so the lines of two programs do not mix.
 *
 * A file name may contain newlines and terminal escape sequences. So messages
 * print names in quotes, and print control bytes and backslashes as \ooo. */
#ifndef PHASE1_MESSAGE_H
#define PHASE1_MESSAGE_H

#include <stdint.h>
#include <stdio.h>

/* If stdin, stdout or stderr is closed, opens /dev/null in its place: stdin for
 * writing, the others for reading, so that every use of the descriptor still
 * fails. Otherwise the next file that the program opens would become its stdin,
 * stdout or stderr, and messages could be written to that file. Call this
 * before the program opens a file. */
void message_hold_standard_fds(void);

/* Sets the name that each message begins with. Borrows name for the life of
 * the program. */
void message_set_program(const char *name);

/* Prints "PROGRAM: TRIED 'NAME': words (ENAME)", without the name if it is
 * NULL. result is -errno. Returns result. */
int message_error(const char *tried, const char *name, int result);

/* Works like message_error, but prints " at offset N" after the name. */
void message_error_at(const char *tried, const char *name, uint64_t offset,
                      int result);

/* Prints "PROGRAM: TRIED 'NAME': WHY", for a refusal that has no errno. */
void message_refusal(const char *tried, const char *name, const char *why);

/* Prints name to stream, quoted and escaped. */
void message_print_name(FILE *stream, const char *name);

#endif
