/* work.h: the work that every strategy has to do, divided into items.
 *
 *   load     an item is
 *   files    a whole file: open it, transfer its bytes, close it
 *   stream   128 KiB of one big file, which is open already; in order
 *   random   4 KiB of that file, in a shuffled order, each block once
 *   direct   as random, but with O_DIRECT: without the page cache
 *
 * The order of the items is the same for all strategies and in all rounds. */
#ifndef PHASE6_WORK_H
#define PHASE6_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* bench_options.c has their names, in this order. */
enum work_load { WORK_FILES, WORK_STREAM, WORK_RANDOM, WORK_DIRECT };

#define WORK_BUF_LEN (64u << 10) /* of the load "files": bytes per transfer */
#define WORK_FILES_MAX 1000000
#define WORK_LEN_MAX (UINT64_C(1) << 36)

struct work {
    /* Set by the caller. */
    enum work_load load;
    bool writes;       /* otherwise it reads */
    bool wants_sum;    /* adds up the bytes that it reads */
    char **names;      /* borrowed */
    int file_count;
    uint64_t file_len; /* bytes per file; 0: each file is read to its end */
    uint64_t seed;     /* of the bytes to write; differs in each run */

    /* Set by work_init. */
    uint32_t *order;   /* owned: the block of each item; NULL: load "files" */
    size_t block_len;  /* bytes per item; 0: load "files" */
    size_t buf_len;    /* bytes per transfer, at most */
    int item_count;
};

/* Divides the work into items. Returns 0, or -ENOMEM. */
int work_init(struct work *work);

/* Accepts a zeroed work. */
void work_finish(struct work *work);

/* Returns the flags of open(2) for the files of this work. */
int work_open_flags(const struct work *work);

#endif
