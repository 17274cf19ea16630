/* work.c: the work, divided into items; see work.h. */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "pattern.h"

#define STREAM_LEN (128u << 10)

/* Fisher and Yates's shuffle, with a small generator and a constant seed: every
 * run of bench visits the blocks in the same order. */
static void shuffle(uint32_t *order, uint32_t count)
{
    uint64_t state = 1;

    for (uint32_t i = count; i > 1; i--) {
        uint32_t other, kept = order[i - 1];

        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        other = (uint32_t)((state >> 33) % i);
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

int work_init(struct work *work)
{
    uint64_t blocks, len = work->file_len;

    work->order = NULL;
    work->block_len = 0;
    if (work->load == WORK_FILES) {
        /* A buffer has room for a whole file if the file is known to be short.
         * A larger buffer would have pages that are filled but never used. */
        work->buf_len = len == 0 || len > WORK_BUF_LEN
                            ? WORK_BUF_LEN
                            : (len + PATTERN_BLOCK - 1) / PATTERN_BLOCK *
                                  PATTERN_BLOCK;
        work->item_count = work->file_count;
        return 0;
    }
    work->block_len = work->load == WORK_STREAM ? STREAM_LEN : PATTERN_BLOCK;
    work->buf_len = work->block_len;
    blocks = (len + work->block_len - 1) / work->block_len;
    work->order = malloc(blocks * sizeof *work->order);
    if (work->order == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < blocks; i++)
        work->order[i] = i;
    if (work->load != WORK_STREAM)
        shuffle(work->order, (uint32_t)blocks);
    work->item_count = (int)blocks;
    return 0;
}

void work_finish(struct work *work)
{
    free(work->order);
    work->order = NULL;
}

int work_open_flags(const struct work *work)
{
    return (work->writes ? O_WRONLY : O_RDONLY) | O_CLOEXEC |
           (work->load == WORK_DIRECT ? O_DIRECT : 0);
}
