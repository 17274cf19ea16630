/* blocks.c: memory in blocks of one length, taken and released as lists. */
#include "blocks.h"

#include <string.h>

#include "random.h"
#include "suite.h"

#define COUNT 64u
#define LISTS 16u

static unsigned list_len(const struct blocks *blocks, uint16_t first)
{
    unsigned len = 0;

    for (; first != BLOCK_NONE; first = block_at(blocks, first, BLOCK_LEN))
        len++;
    return len;
}

TEST(all_blocks_can_be_taken_and_released)
{
    struct blocks blocks;
    uint16_t all;

    check_res(blocks_init(&blocks, COUNT), 0);
    for (int round = 0; round < 3; round++) {
        all = blocks_take(&blocks, COUNT);
        ck_assert_uint_eq(list_len(&blocks, all), COUNT);
        ck_assert_uint_eq(blocks.free_count, 0);
        ck_assert_uint_eq(blocks_take(&blocks, 0), BLOCK_NONE);
        blocks_release(&blocks, all);
        ck_assert_uint_eq(blocks.free_count, COUNT);
    }
    blocks_release(&blocks, BLOCK_NONE);
    blocks_finish(&blocks);
}

/* Writes the number of a list into each of its blocks, and checks that no other
 * list has written there. */
static void mark(const struct blocks *blocks, uint16_t first, int list)
{
    for (; first != BLOCK_NONE; first = block_at(blocks, first, BLOCK_LEN))
        memset(block_memory(blocks, first), list, BLOCK_LEN);
}

static void check_marks(const struct blocks *blocks, uint16_t first, int list)
{
    for (; first != BLOCK_NONE; first = block_at(blocks, first, BLOCK_LEN)) {
        const char *memory = block_memory(blocks, first);

        ck_assert(memory[0] == list && memory[BLOCK_LEN - 1] == list);
    }
}

TEST(lists_share_no_block)
{
    struct random random = random_begin();
    uint16_t lists[LISTS];
    unsigned lens[LISTS] = {0}, taken = 0;
    struct blocks blocks;

    check_res(blocks_init(&blocks, COUNT), 0);
    for (unsigned i = 0; i < LISTS; i++)
        lists[i] = BLOCK_NONE;
    for (int step = 0; step < 300; step++) {
        unsigned i = (unsigned)random_below(&random, LISTS);
        unsigned len = (unsigned)random_below(&random, 9);

        check_marks(&blocks, lists[i], (int)i);
        blocks_release(&blocks, lists[i]);
        taken -= lens[i];
        ck_assert_uint_eq(blocks.free_count, COUNT - taken);
        lens[i] = len <= blocks.free_count ? len : 0;
        lists[i] = blocks_take(&blocks, lens[i]);
        taken += lens[i];
        ck_assert_uint_eq(list_len(&blocks, lists[i]), lens[i]);
        mark(&blocks, lists[i], (int)i);
    }
    for (unsigned i = 0; i < LISTS; i++)
        check_marks(&blocks, lists[i], (int)i);
    blocks_finish(&blocks);
}

/* Lists of 1, 2 and 3 blocks: a run ends where its list ends, and where the
 * next block is elsewhere in memory. */
TEST(a_run_goes_to_the_end_of_adjacent_blocks)
{
    struct blocks blocks;
    uint16_t one, two, all;

    check_res(blocks_init(&blocks, 5), 0);
    one = blocks_take(&blocks, 1);
    two = blocks_take(&blocks, 2);
    ck_assert_uint_eq(block_run(&blocks, two, 7, 3 * BLOCK_LEN),
                      2 * BLOCK_LEN - 7);
    ck_assert_uint_eq(block_run(&blocks, two, 7, BLOCK_LEN), BLOCK_LEN);
    blocks_release(&blocks, one);
    all = blocks_take(&blocks, 3); /* 0, 3, 4 */
    ck_assert_uint_eq(block_at(&blocks, all, 2 * BLOCK_LEN - 1), 3);
    ck_assert_uint_eq(block_run(&blocks, all, 0, 9 * BLOCK_LEN), BLOCK_LEN);
    ck_assert_uint_eq(block_run(&blocks, 3, 0, 9 * BLOCK_LEN), 2 * BLOCK_LEN);
    blocks_release(&blocks, two);
    blocks_release(&blocks, all);
    blocks_finish(&blocks);
}

TEST(zeroed_blocks_can_be_finished)
{
    struct blocks blocks = {0};

    blocks_finish(&blocks);
    ck_assert_ptr_null(blocks.memory);
}

int main(void)
{
    suite_begin("blocks");
    suite_add(all_blocks_can_be_taken_and_released);
    suite_add(lists_share_no_block);
    suite_add(a_run_goes_to_the_end_of_adjacent_blocks);
    suite_add(zeroed_blocks_can_be_finished);
    return suite_end();
}
