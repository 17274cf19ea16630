/* lab.h: prints a lab's predictions beside the results.
 * Introduced in phase 2. Needs: nothing.
 *
 * A lab prints each prediction and the actual result. If they differ, the exit
 * code is 1. In that case the kernel is right, and you can find out why. */
#ifndef PHASE2_LAB_H
#define PHASE2_LAB_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>

/* The exit code of a lab that could not run. */
enum { LAB_USAGE = 2 };

/* Handles --help and --version. --help prints words. Returns -1 if the lab
 * should run, otherwise its exit code. */
int lab_options(int argc, char **argv, const char *name, const char *words);

/* Sets up a ring with these flags and sizes, and enters it once. If cq is 0,
 * the CQ has twice the size of the SQ. Returns 0, or -errno after printing a
 * message. */
int lab_ring(struct io_uring *ring, unsigned sq, unsigned cq, unsigned flags);

/* Prints a line of the experiment. */
void lab_print(const char *line);

/* Print and count a prediction and the result. lab_result compares numbers and
 * -errno values, lab_truth yes and no, lab_text strings. */
void lab_result(const char *what, int predicted, int seen);
void lab_truth(const char *what, bool predicted, bool seen);
void lab_text(const char *what, const char *predicted, const char *seen);

/* Submits, and waits for the completion whose user_data is `data`. Drops all
 * others, so call it only if no other operation is in flight. Returns the res
 * of that completion, or -errno if the ring failed. */
int lab_run(struct io_uring *ring, unsigned data);

/* Creates an unnamed file with len bytes of text. Returns its descriptor. Exits
 * after printing a message if that fails. */
int lab_file(const char *text, size_t len);

/* Creates a pipe: read from fds[0], write to fds[1]. Exits after printing a
 * message if that fails. */
void lab_pipe(int fds[2]);

/* Prints how many predictions held. Returns main's exit code. */
int lab_end(void);

#endif
