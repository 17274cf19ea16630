/* item.c: bench's items: how work is divided, short transfers, failures. */
#include "item.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "suite.h"

static char *names[] = {"one", "two", "three"};
static struct outcome outcome;
static struct work work;
static struct run run;
static struct items items;

/* Begins a run of work, with one item at a time. */
static struct item *begin(struct work what)
{
    work = what;
    work.names = names;
    work.file_count = work.load == WORK_FILES ? 3 : 1;
    check_res(work_init(&work), 0);
    outcome = (struct outcome){.failed_file = RUN_NO_FILE};
    run = (struct run){.work = &work, .outcome = &outcome, .at_once = 1,
                       .fd = 7};
    check_res(items_init(&items, &run), 0);
    return items.list;
}

/* Returns true if len bytes at data are those of offset in the file. */
static bool is_pattern(const unsigned char *data, size_t len, int file,
                       uint64_t offset)
{
    static unsigned char blocks[256 << 10];
    uint64_t start = offset / PATTERN_BLOCK * PATTERN_BLOCK;

    pattern_fill(blocks, sizeof blocks);
    pattern_stamp(blocks, sizeof blocks, work.seed, file, start);
    return memcmp(data, blocks + (offset - start), len) == 0;
}

TEST(a_file_is_read_until_a_read_returns_0)
{
    struct item *item = begin((struct work){.file_len = 5000});

    check(item_take(item));
    ck_assert_str_eq(item_name(item), "one");
    ck_assert_uint_eq(item->at, 0);
    check(item->len >= 5000);
    check_res(item_add(item, 4096), 1);
    ck_assert_uint_eq(item->at, 4096);
    check(item->data == item->buf);
    check_res(item_add(item, 904), 1);
    check_res(item_add(item, 0), 0);
    items_finish(&items);
    ck_assert_uint_eq(outcome.bytes, 5000);
}

TEST(each_file_is_taken_once)
{
    struct item *item = begin((struct work){.file_len = 1});

    for (int i = 0; i < 3; i++) {
        check(item_take(item));
        ck_assert_str_eq(item_name(item), names[i]);
    }
    check(!item_take(item));
    check(!item_take(item));
}

TEST(a_short_write_is_continued_with_the_rest_of_its_bytes)
{
    struct item *item =
        begin((struct work){.writes = true, .file_len = 200000, .seed = 3});
    static const int parts[] = {1, 4095, 10000, 51440, 65536, 1, 63000};
    uint64_t at = 0;

    check(item_take(item) && item_take(item));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ck_assert_uint_eq(item->at, at);
        check((size_t)parts[i] <= item->len);
        check(is_pattern(item->data, item->len, 1, at));
        check_res(item_add(item, parts[i]), 1);
        at += (uint64_t)parts[i];
    }
    ck_assert_uint_eq(item->at + item->len, 65536 * 3);
    check_res(item_add(item, (int)item->len), 1);
    ck_assert_uint_eq(item->len, 200000 - 65536 * 3);
    check_res(item_add(item, (int)item->len), 0);
}

TEST(a_block_ends_where_the_file_does)
{
    struct item *item =
        begin((struct work){.load = WORK_STREAM, .file_len = 140000});

    check(item_take(item));
    ck_assert_uint_eq(item->len, 128 << 10);
    ck_assert_int_eq(item->fd, 7);
    check_res(item_add(item, 128 << 10), 0);
    check(item_take(item));
    ck_assert_uint_eq(item->at, 128 << 10);
    ck_assert_uint_eq(item->len, 140000 - (128 << 10));
    check_res(item_add(item, 0), -EIO); /* another process cut the file */
}

TEST(shuffled_blocks_cover_the_file_once_and_are_not_in_order)
{
    enum { COUNT = 100 };
    struct item *item = begin((struct work){
        .load = WORK_RANDOM, .file_len = COUNT * PATTERN_BLOCK});
    bool is_taken[COUNT] = {false};
    int in_order = 0;

    ck_assert_int_eq(work.item_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        uint64_t block;

        check(item_take(item));
        block = item->at / PATTERN_BLOCK;
        check(block < COUNT && !is_taken[block]);
        is_taken[block] = true;
        in_order += block == (uint64_t)i;
        check_res(item_add(item, PATTERN_BLOCK), 0);
    }
    check(!item_take(item));
    check(in_order < COUNT / 4);
}

TEST(the_first_failure_stops_the_run_and_is_kept)
{
    struct item *item = begin((struct work){.file_len = 10});

    check(item_take(item));
    check_res(item_add(item, -ENOSPC), -ENOSPC);
    item_fail(item, -ENOSPC);
    item->file = 2;
    item_fail(item, -EIO);
    check(!item_take(item));
    check_res(atomic_load(&run.failure), -ENOSPC);
    ck_assert_int_eq(outcome.failed_file, 0);
}

TEST(the_sum_does_not_depend_on_the_lengths_of_the_reads)
{
    unsigned char bytes[1000];
    uint64_t whole, parts = 0;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    whole = pattern_sum(bytes, sizeof bytes, 1, 50);
    for (size_t at = 0; at < sizeof bytes; at += 8)
        parts += pattern_sum(bytes + at, 8, 1, 50 + at);
    ck_assert_uint_eq(parts, whole);
    check(pattern_sum(bytes, sizeof bytes, 2, 50) != whole);
    check(pattern_sum(bytes, sizeof bytes, 1, 51) != whole);
    bytes[3] ^= 1;
    check(pattern_sum(bytes, sizeof bytes, 1, 50) != whole);
}

TEST(blocks_of_another_run_file_or_offset_differ)
{
    static unsigned char bytes[PATTERN_BLOCK];

    work.seed = 5;
    pattern_fill(bytes, sizeof bytes);
    pattern_stamp(bytes, sizeof bytes, 5, 1, PATTERN_BLOCK);
    check(is_pattern(bytes, sizeof bytes, 1, PATTERN_BLOCK));
    check(!is_pattern(bytes, sizeof bytes, 0, PATTERN_BLOCK));
    check(!is_pattern(bytes, sizeof bytes, 1, 0));
    work.seed = 4;
    check(!is_pattern(bytes, sizeof bytes, 1, PATTERN_BLOCK));
}

int main(void)
{
    suite_begin("item");
    suite_add(a_file_is_read_until_a_read_returns_0);
    suite_add(each_file_is_taken_once);
    suite_add(a_short_write_is_continued_with_the_rest_of_its_bytes);
    suite_add(a_block_ends_where_the_file_does);
    suite_add(shuffled_blocks_cover_the_file_once_and_are_not_in_order);
    suite_add(the_first_failure_stops_the_run_and_is_kept);
    suite_add(the_sum_does_not_depend_on_the_lengths_of_the_reads);
    suite_add(blocks_of_another_run_file_or_offset_differ);
    return suite_end();
}
