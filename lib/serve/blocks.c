/* blocks.c: memory in blocks of one length; see blocks.h.
 * Introduced in phase 10. Needs: blocks.h, sys.h. */
#include "blocks.h"

#include <assert.h>
#include <string.h>

#include "sys.h"

int blocks_init(struct blocks *blocks, unsigned count)
{
    size_t memory_len = (size_t)count * BLOCK_LEN;
    void *memory;
    int rc;

    assert(count > 0 && count < BLOCK_NONE);
    memset(blocks, 0, sizeof *blocks);
    blocks->mapped_len = memory_len + count * sizeof *blocks->next;
    rc = sys_map(&memory, blocks->mapped_len);
    if (rc < 0)
        return rc;
    blocks->memory = memory;
    blocks->next = (uint16_t *)(void *)(blocks->memory + memory_len);
    for (unsigned i = 0; i < count; i++)
        blocks->next[i] = (uint16_t)(i + 1 < count ? i + 1 : BLOCK_NONE);
    blocks->free_count = blocks->count = count;
    return 0;
}

void blocks_finish(struct blocks *blocks)
{
    if (blocks->memory != NULL)
        sys_unmap(blocks->memory, blocks->mapped_len);
    memset(blocks, 0, sizeof *blocks);
}

uint16_t blocks_take(struct blocks *blocks, unsigned count)
{
    uint16_t first = blocks->free, last = first;

    assert(count <= blocks->free_count);
    if (count == 0)
        return BLOCK_NONE;
    for (unsigned i = 1; i < count; i++)
        last = blocks->next[last];
    blocks->free = blocks->next[last];
    blocks->next[last] = BLOCK_NONE;
    blocks->free_count -= count;
    return first;
}

void blocks_release(struct blocks *blocks, uint16_t first)
{
    uint16_t last = first;

    if (first == BLOCK_NONE)
        return;
    blocks->free_count++;
    for (; blocks->next[last] != BLOCK_NONE; last = blocks->next[last])
        blocks->free_count++;
    blocks->next[last] = blocks->free;
    blocks->free = first;
}

uint16_t block_at(const struct blocks *blocks, uint16_t first, uint64_t offset)
{
    for (; offset >= BLOCK_LEN; offset -= BLOCK_LEN)
        first = blocks->next[first];
    return first;
}

size_t block_run(const struct blocks *blocks, uint16_t block, size_t at,
                 uint64_t max)
{
    size_t len = BLOCK_LEN - at;

    for (; len < max && blocks->next[block] == block + 1; block++)
        len += BLOCK_LEN;
    return len < max ? len : (size_t)max;
}
