/* batch.h: what the files of batch share: the window, its places, the modes.
 * Introduced in phase 2. Needs: slots.h.
 *
 * A window slides over the list of files. Each file in it has a place: memory,
 * at most one descriptor, and the operations that are under way:
 *
 *      head                          tail
 *       |   oldest, next to be output  |   not begun yet
 *   [ a.txt ][ b.txt ][ c.txt ][ d.txt ]  e.txt  f.txt ...
 *
 * So memory and descriptors are bounded by the window, not by the number of
 * files or their length, and output keeps the order of the command line.
 *
 * Rules
 *  - A place's number is its identity: user_data is (place, step). Completions
 *    come in any order, and nothing else says what they belong to.
 *  - Whose a buffer is, slots knows; every other question is answered by the
 *    place's own fields. */
#ifndef ONE_RING_BATCH_H
#define ONE_RING_BATCH_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "slots.h"

/* Files at once, unless --window says other. More of them keep no disk busier,
 * and their buffers do not stay in the CPU's cache. */
#define BATCH_WINDOW 40u
#define BATCH_WINDOW_MAX 1024u
#define BATCH_PIECES_MAX 4u /* buffers of one place, in mode vectored */

/* 64 KiB and a page: a file of just 64 KiB ends in its first buffer. */
#define BATCH_BUFFER_LEN 69632u

/* What an operation was for; the low byte of its user_data. */
enum batch_step {
    STEP_OPEN,
    STEP_READ,
    STEP_CLOSE,
    STEP_WRITE,       /* a run of places' bytes to stdout */
    STEP_WAIT_OUTPUT, /* until a non-blocking stdout takes more */
    STEP_PUT,         /* --verify: into the scratch file */
    STEP_GET,         /* --verify: out of it again */
};

/* One file of the window. */
struct place {
    const char *path;  /* borrowed: argv */
    const char *failed; /* what failed, with result; or NULL */
    int result;        /* 0, or the -errno that ended this file */
    int fd;            /* a descriptor, or a number in the ring's table */
    unsigned file;     /* which of the files, from 0 */
    unsigned slots[BATCH_PIECES_MAX];  /* its memory; batch.pieces of them */
    unsigned copies[BATCH_PIECES_MAX]; /* --verify: to read back into */
    unsigned in_flight; /* its operations: submitted, no CQE yet */
    unsigned refusals; /* reads that said -EAGAIN, one after the other */
    bool is_open;
    bool is_left_open; /* mode linked: the previous file here, still open */
    bool has_ended;    /* end of file, or an error: nothing more to read */
    uint64_t offset;   /* bytes read of the file: where the next read begins */
    size_t filled;     /* bytes in its memory */
    size_t written;    /* those of them that have been handed on */
    size_t fetched;    /* --verify: bytes read back */
    struct iovec list[BATCH_PIECES_MAX];      /* the kernel's while it owns */
    struct iovec copy_list[BATCH_PIECES_MAX]; /* the memory that it names */
};

struct batch;

struct batch_counts {
    unsigned failed;
    uint64_t bytes;        /* handed on: written, discarded or verified */
    uint64_t operations;   /* SQEs */
    uint64_t submits;      /* io_uring_enter */
    uint64_t system_calls; /* those, set-up and registrations */
};

struct batch {
    struct io_uring ring;
    struct io_uring_sqe nowhere; /* what is written down on a broken ring */
    const struct batch_mode *mode;
    struct slots slots;
    struct place *places; /* owned; window of them */
    char **files;         /* borrowed: argv */
    unsigned file_count;
    unsigned window; /* places */
    unsigned pieces; /* buffers of each */
    unsigned head;   /* the oldest file under way */
    unsigned tail;   /* the next file to begin */
    unsigned in_flight; /* all operations: submitted, no CQE yet */
    bool is_starved;    /* out of descriptors: open no more until a close */
    bool has_buffers;   /* the slots are registered with the ring */
    bool is_output_full; /* a non-blocking stdout said -EAGAIN */
    bool is_writing;    /* the one operation on stdout is in flight */
    unsigned *run;      /* owned: the places whose bytes it carries */
    unsigned run_count;
    struct iovec *run_list; /* owned; the kernel's while it is in flight */
    struct stat out_info; /* what stdout is; zero until known */
    int output_result; /* 0, or the -errno that ended stdout */
    int enter_result;  /* 0, or the -errno that ended the ring */
    int scratch;       /* --verify: an unnamed file; else -1 */
    /* What becomes of bytes that are due: one of the three below. */
    void (*hand_on)(struct batch *b);
    struct batch_counts counts;
};

/* window.c: the heart. */

/* Reads all files. Returns 0 when each has been dealt with (counts.failed tells
 * how many were not read), or the -errno that ended output or the ring; then
 * operations may still be in flight and the process has to end. */
int batch_run(struct batch *b);

/* True if a place's bytes are due: its memory is full or its file has ended. */
bool batch_is_ready(const struct batch *b, const struct place *p);

/* Whatever became of a place's bytes: its memory is empty again. */
void batch_empty(struct place *p);

/* Ends a file with an error, unless it has failed before. */
void batch_fail(struct place *p, const char *what, int result);

/* batch.c: says on stderr why a file was not read. */
void batch_report(const struct place *p);

/* Opens the scratch file of --verify, which has no name, in that directory.
 * Returns an fd or -errno. */
int batch_scratch_open(const char *directory);

/* output.c, verify.c: where the bytes go, and the completions. */
void batch_output(struct batch *b);
void batch_output_done(struct batch *b, enum batch_step step, int result);
void batch_discard(struct batch *b);
void batch_verify(struct batch *b);
void batch_verify_done(struct batch *b, struct place *p, enum batch_step step,
                       int result);

/* True if what is read at path is the very file that stdout goes to: whoever
 * reads it while writing never comes to its end. */
bool batch_is_output(struct batch *b, const char *path);

/* sync.c: the same job with open, read, write and close. Returns 0 or the
 * -errno that ended stdout. */
int batch_sync(struct batch *b);

#endif
