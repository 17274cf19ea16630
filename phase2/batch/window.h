/* window.h: the files that are being read, with the memory of each.
 * Introduced in phase 2. Needs: batch_ring.h, buffers.h.
 *
 * A window slides over the list of files. Each file in the window has an entry,
 * with memory, at most one descriptor, and its operations in flight:
 *
 *      head                          tail
 *       |   oldest, next to be output  |   not begun yet
 *   [ a.txt ][ b.txt ][ c.txt ][ d.txt ]  e.txt  f.txt ...
 *
 * So memory and descriptors are limited, however many and however long the
 * files are. The window also keeps the output in the order of the command
 * line.
 *
 * Rules
 *  - An entry's index is its identity: user_data is (index, step). Completions
 *    come in any order, and only user_data identifies the entry.
 *  - The pool of buffers (slots.h) records the owner of each buffer. The entry
 *    records all other state. */
#ifndef PHASE2_WINDOW_H
#define PHASE2_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "batch_ring.h"
#include "buffers.h"

/* The default of --window. A larger window does not read a disk faster, and its
 * buffers do not fit into the CPU cache. */
#define WINDOW_SIZE 40u
#define WINDOW_SIZE_MAX 1024u

/* The purpose of an operation: the low byte of its user_data. */
enum step {
    STEP_OPEN,
    STEP_READ,
    STEP_CLOSE,
    STEP_WRITE,       /* bytes of several entries, to stdout */
    STEP_WAIT_OUTPUT, /* poll of a non-blocking stdout */
    STEP_PUT,         /* --verify: write to the scratch file */
    STEP_GET,         /* --verify: read from the scratch file */
};

/* One file of the window. */
struct entry {
    const char *path;   /* borrowed: argv */
    const char *failed; /* the operation that failed, or NULL */
    int result;         /* 0, or the -errno of that operation */
    int fd;             /* a descriptor, or an index in the ring's file table */
    unsigned file;      /* index in the list of files */
    unsigned index;     /* index in window.entries */
    unsigned set[BUFFERS_PER_SET_MAX]; /* its memory */
    unsigned in_flight; /* number of its operations in flight */
    unsigned retries;   /* operations in a row that had no effect */
    bool is_plain;      /* read by system calls: batch_plain.h */
    bool is_open;
    bool is_left_open;  /* mode linked: the previous file is still open */
    bool has_ended;     /* end of file or an error: read no more */
    uint64_t offset;    /* bytes read so far; the next read's offset */
    size_t filled;      /* bytes in its memory */
    size_t written;     /* bytes already written */
    struct iovec list[BUFFERS_PER_SET_MAX]; /* iovecs of its operation */
};

struct window {
    struct batch_ring *ring; /* borrowed */
    struct buffers buffers;
    struct entry *entries; /* owned; array of size entries */
    char **files;          /* borrowed: argv */
    unsigned file_count;
    unsigned size;
    unsigned head;         /* oldest file in the window */
    unsigned tail;         /* next file to admit */
    bool is_direct;        /* files are opened into the ring's table */
    bool has_registered_buffers;
};

/* Allocates size entries with per_set buffers each, and spare_sets sets for
 * other uses. Set ring, files, file_count, and size before the call. Returns 0
 * or -ENOMEM. */
int window_init(struct window *w, unsigned per_set, unsigned spare_sets);

/* Frees the memory. Asserts that the kernel owns no buffer. */
void window_finish(struct window *w);

/* Returns the entry of a file in [head, tail). */
struct entry *window_entry(const struct window *w, unsigned file);

/* Admits the next file. Returns its entry, or NULL if the window is full or has
 * admitted all files. */
struct entry *window_admit(struct window *w);

/* Removes the oldest files, up to the first that is not done. Reports the files
 * that failed. */
void window_retire(struct window *w);

/* Returns true if an entry has bytes that are due for output: its memory is
 * full, or its file has ended. */
bool window_is_ready(const struct window *w, const struct entry *e);

/* Returns true if an operation on an entry's file or copy had no effect and
 * must run again. Returns false for any other result. Returns false, too, if
 * the entry's retry budget is used up: the error then counts as permanent. */
bool window_retries(struct entry *e, int opcode, int result);

/* Marks an entry's memory as empty. */
void window_empty(struct entry *e);

/* Marks a file as failed: no more of it is read. Keeps the first error of a
 * file. */
void window_fail(struct entry *e, const char *what, int result);

/* Prints on stderr why a file was not read. */
void window_report(const struct entry *e);

/* Returns an SQE for a step of an entry. e is NULL for an operation on stdout,
 * which serves several entries. See batch_ring_sqe. */
struct io_uring_sqe *window_sqe(struct window *w, struct entry *e,
                                enum step step);

#endif
