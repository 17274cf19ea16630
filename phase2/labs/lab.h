/* lab.h: prints a lab's predictions beside the results.
 * Introduced in phase 2. Needs: nothing.
 *
 * A lab prints what it predicts and what it sees. If they differ, the kernel is
 * right, and the exit code is 1: there is something to find out. */
#ifndef PHASE2_LAB_H
#define PHASE2_LAB_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>

/* An exit code of a lab, besides 0 and 1. */
enum { LAB_USAGE = 2 };

/* Handles --help and --version; help prints words. Returns as command_read: -1
 * to go on, or the exit code. */
int lab_options(int argc, char **argv, const char *name, const char *words);

/* Sets up a ring with these flags and sizes (cq 0: twice the SQ), and enters it
 * once. Returns 0, or -errno after printing a message. */
int lab_ring(struct io_uring *ring, unsigned sq, unsigned cq, unsigned flags);

/* Prints a line of the experiment. */
void lab_print(const char *line);

/* Print and count a prediction and the result: 0, a number, or -errno; yes or
 * no; a text. */
void lab_result(const char *what, int predicted, int seen);
void lab_truth(const char *what, bool predicted, bool seen);
void lab_text(const char *what, const char *predicted, const char *seen);

/* Submits, and waits for the completion whose user_data is `data`. Drops all
 * others, so use it where only one is expected. Returns its res, or the -errno
 * of the ring. */
int lab_run(struct io_uring *ring, unsigned data);

/* Returns an unnamed file that holds len bytes of text. Exits with a message if
 * there is no room for it: a lab without its file shows nothing. */
int lab_file(const char *text, size_t len);

/* Makes a pipe to read from fds[0]. Exits with a message if there is no
 * descriptor. */
void lab_pipe(int fds[2]);

/* Prints how many predictions held. Returns main's exit code. */
int lab_end(void);

#endif
