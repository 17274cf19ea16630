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

/* The exit codes of a lab that could not run, and of a lab that could not try a
 * part of its experiment. */
enum { LAB_USAGE = 2, LAB_ABSENT = 77 };

/* Handles --help and --version. --help prints words. Returns -1 if the lab
 * should run, otherwise its exit code. */
int lab_options(int argc, char **argv, const char *name, const char *words);

/* Sets up a ring with these flags and sizes, and enters it once. If cq is 0,
 * the CQ has twice the size of the SQ. Returns 0, or -errno after printing a
 * message. */
int lab_ring(struct io_uring *ring, unsigned sq, unsigned cq, unsigned flags);

/* Sets up a ring with these parameters. Returns 0, or -EINVAL if the kernel is
 * too old for one of the flags. Exits after printing a message if the set-up
 * fails for another reason. */
int lab_setup(struct io_uring *ring, unsigned sq,
              struct io_uring_params *params);

/* Prints a line of the experiment. */
void lab_print(const char *line);

/* Print and count a prediction and the result. lab_result compares numbers and
 * -errno values, lab_truth yes and no, lab_text strings. */
void lab_result(const char *what, int predicted, int seen);
void lab_truth(const char *what, bool predicted, bool seen);
void lab_text(const char *what, const char *predicted, const char *seen);

/* Prints that this machine cannot run a part of the experiment, and the reason.
 * After that, lab_end returns LAB_ABSENT if no result differs. */
void lab_absent(const char *what, const char *why);

/* Submits, and takes count completions in the order of their arrival. Exits
 * after printing a message if the ring fails. */
void lab_take(struct io_uring *ring, struct io_uring_cqe *out, unsigned count);

/* Returns the res of the completion whose user_data is `data`, or -ENOMSG if
 * none of the count completions has it. */
int lab_res(const struct io_uring_cqe *cqes, unsigned count, unsigned data);

/* Submits, and waits for the completion whose user_data is `data`. Drops all
 * others, so call it only if no other operation is in flight. Returns the res
 * of that completion, or -errno if the ring failed. */
int lab_run(struct io_uring *ring, unsigned data);

/* Returns the directory for temporary files: TMPDIR, or /tmp. */
const char *lab_directory(void);

/* Creates an unnamed file with len bytes of text. Returns its descriptor. Exits
 * after printing a message if that fails. */
int lab_file(const char *text, size_t len);

/* Creates a pipe: read from fds[0], write to fds[1]. Exits after printing a
 * message if that fails. */
void lab_pipe(int fds[2]);

/* Creates two connected Unix stream sockets. Exits after printing a message if
 * that fails. */
void lab_sockets(int fds[2]);

/* Creates a FIFO, and stores its path, at most LAB_PATH_LEN bytes. The caller
 * unlinks it. Exits after printing a message if that fails. */
enum { LAB_PATH_LEN = 256 };
void lab_fifo(char *path);

/* Prints how many predictions held. Returns main's exit code. */
int lab_end(void);

#endif
