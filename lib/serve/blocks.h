/* blocks.h: memory for copies of files, in blocks of one length.
 * Introduced in phase 10. Needs: nothing.
 *
 *     file of 300 KiB:  [ block 7 ] -> [ block 2 ] -> [ block 9 ]
 *
 * If each copy were in one piece, the free memory would soon consist of pieces
 * that are too short. Blocks of one size fit any copy. But each send needs a
 * list of segments, and a copy has unused bytes at its end. */
#ifndef ONE_RING_BLOCKS_H
#define ONE_RING_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#define BLOCK_LEN 131072u     /* bytes */
#define BLOCK_NONE UINT16_MAX /* the end of a list */

struct blocks {
    char *memory;   /* owned: count blocks */
    uint16_t *next; /* owned: for each block, the next one of its list */
    uint16_t free;  /* list of free blocks */
    unsigned free_count, count;
    size_t mapped_len;
};

/* Maps count blocks, at most 65534. Blocks that are never taken use no memory.
 * Returns 0 or -ENOMEM. */
int blocks_init(struct blocks *blocks, unsigned count);

/* Unmaps all blocks. Accepts a zeroed struct. */
void blocks_finish(struct blocks *blocks);

/* Takes a list of count blocks. At least that many must be free (asserted).
 * Returns the first, or BLOCK_NONE if count is 0. */
uint16_t blocks_take(struct blocks *blocks, unsigned count);

/* Releases all blocks of a list. They stay in their order, so that later lists
 * have long runs of consecutive blocks. */
void blocks_release(struct blocks *blocks, uint16_t first);

/* Returns the memory of a block, which has BLOCK_LEN bytes. */
static inline char *block_memory(const struct blocks *blocks, uint16_t block)
{
    return blocks->memory + (size_t)block * BLOCK_LEN;
}

/* Returns the block of a list that holds the byte at offset, or BLOCK_NONE if
 * offset is just after the last block. */
uint16_t block_at(const struct blocks *blocks, uint16_t first, uint64_t offset);

/* Returns how many bytes of the list, from byte `at` of block on, are
 * contiguous in memory. The result is at most max. */
size_t block_run(const struct blocks *blocks, uint16_t block, size_t at,
                 uint64_t max);

#endif
