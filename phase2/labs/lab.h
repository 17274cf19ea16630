/* lab.h: what the labs of phase 2 share: a prediction beside what was seen.
 * Introduced in phase 2. Needs: liburing.
 *
 * A lab says what it expects, does it, and prints both. Where they differ, the
 * kernel is right: exit code 1 says that there is something to find out. */
#ifndef ONE_RING_LAB_H
#define ONE_RING_LAB_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>

/* What a lab can exit with, beside 0 and 1. */
enum { LAB_USAGE = 2 };

/* Handles --help and --version; words is what --help says. Returns -1 to go on,
 * or the code to exit with. */
int lab_options(int argc, char **argv, const char *name, const char *words);

/* A ring with these flags and sizes (cq 0: twice the SQ) that can be entered:
 * 0; or a message and -errno. */
int lab_ring(struct io_uring *ring, unsigned sq, unsigned cq, unsigned flags);

/* A line of the story. */
void lab_say(const char *line);

/* What was predicted and what came: a result in the house's convention or a
 * number, a yes or no, a text. */
void lab_result(const char *what, int predicted, int seen);
void lab_truth(const char *what, bool predicted, bool seen);
void lab_text(const char *what, const char *predicted, const char *seen);

/* Submits, and waits for the completion whose user_data is `data`. Others that
 * come meanwhile are dropped: use it where only one is expected. Returns its
 * res, or the -errno of the ring. */
int lab_run(struct io_uring *ring, unsigned data);

/* An unnamed file that holds len bytes of text. Exits where there is no room:
 * a lab without its file has nothing to show. */
int lab_file(const char *text, size_t len);

/* A pipe, out of fds[0]; exits likewise where there are no descriptors. */
void lab_pipe(int fds[2]);

/* The number of predictions that held. Returns main's exit code. */
int lab_end(void);

#endif
