/* cat.h: what the three cats share: options, inputs, refusals and messages.
 *
 * Each cat brings one function, which carries one input to stdout; everything
 * that makes a cat behave as cat does stands in cat.c, once. So the three
 * programs differ in the one thing that this phase is about, and one suite
 * judges them all.
 *
 * Rules for a way of copying
 *  - Read at job->in_offset where the input can seek, at -1 where it cannot.
 *  - Write at -1, one operation at a time. The position of stdout is shared
 *    with whoever else has it open: the other commands of { a & b; } > log.
 *    An explicit offset would write over what they have written.
 *  - Pass input on as it comes; do not wait for a full buffer.
 *  - Keep job->in_offset true: messages name it, and a seekable stdin is left
 *    there for whoever reads it next. */
#ifndef PHASE1_CAT_H
#define PHASE1_CAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define CAT_BLOCK_LEN (128 * 1024)
#define CAT_BLOCK_ALIGN 4096 /* for files opened with O_DIRECT */

/* One input on its way to stdout. The fds are borrowed. */
struct cat_job {
    int in, out;
    struct stat in_info, out_info;
    bool in_seeks;      /* then in_offset is where the next read is */
    bool out_seeks;     /* stdout is a plain file, with a position */
    uint64_t in_offset; /* how far the input has been passed on */
    uint64_t out_position; /* where stdout stood after the last write */
    bool write_failed;  /* whom a failure is blamed on; else the input */
};

struct cat_way {
    const char *program;
    const char *summary; /* a sentence for --help */

    /* Makes what the way needs for the life of the program, before the first
     * input. Returns 0 or -errno. May be NULL. */
    int (*init)(void);

    /* Copies job->in to job->out, to its end. Returns 0 or -errno. */
    int (*copy)(struct cat_job *job);
};

/* Copies by read(2) and write(2): the way of cat-sync, and that of all three
 * where a ring cannot be trusted (file_suits_ring). */
int cat_copy_plain(struct cat_job *job);

/* Copies by splice(2), where one end is a pipe and the other has its pages at
 * hand: cat-uring's way for those. Returns 0; -EINVAL where that is not so, or
 * not any further: then go on from job->in_offset; or -errno. */
int cat_copy_spliced(struct cat_job *job);

/* The offset for a read: the job's own, or -1 for what cannot seek. */
uint64_t cat_read_offset(const struct cat_job *job);

/* Tells what a read or a write gave. Call them once per completion.
 *
 * Both return what to do: result itself where it is >= 0 (a read of 0 is the
 * end); 0 < CAT_RETRY where the same operation has to be tried again, after
 * an interruption or because a non-blocking file was not ready; or -errno. */
#define CAT_RETRY 0x7fffffff
int cat_read_result(struct cat_job *job, int result);
int cat_write_result(struct cat_job *job, int result);

/* Moves stdout's position past a write through the ring that left it alone.
 *
 * "At the file's position, and move it" is kept by operations that finish
 * where they are issued. One that completes later (O_DIRECT, FUSE) has nobody
 * to move it: the next write would land on the same bytes. */
void cat_settle_position(struct cat_job *job, int written);

/* What to do about an io_uring_enter that gave result: returns if it is to be
 * entered again. EINTR is no error: a signal came, the operation goes on.
 * EAGAIN, EBUSY and ENOMEM mean that the kernel has no memory now: what was
 * queued stays queued, and a second's worth of them in a row is put up with.
 *
 * Any other ends the program with exit code 1: no completion can be waited for
 * any more, and what is in flight the kernel cancels when the process ends. */
void cat_enter_result(int result);

/* A cat's main: returns its exit code. */
int cat_main(int argc, char **argv, const struct cat_way *way);

#endif
