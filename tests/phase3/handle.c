/* handle.c: a handle finds the object for which it was made, and no other. */
#include "handle.h"

#include <stddef.h>

#include "forked.h"
#include "random.h"
#include "suite.h"

static int things[64];

static struct handle_table table_of(uint32_t capacity)
{
    struct handle_table table;

    check_res(handle_table_init(&table, capacity), 0);
    return table;
}

TEST(a_handle_finds_its_object)
{
    struct handle_table table = table_of(4);
    uint64_t a = handle_take(&table, &things[0]);
    uint64_t b = handle_take(&table, &things[1]);

    check(a != b);
    ck_assert_ptr_eq(handle_find(&table, a), &things[0]);
    ck_assert_ptr_eq(handle_find(&table, b), &things[1]);
    ck_assert_uint_eq(table.count, 2);
    handle_table_finish(&table);
}

TEST(a_released_handle_finds_nothing)
{
    struct handle_table table = table_of(4);
    uint64_t handle = handle_take(&table, &things[0]);

    handle_release(&table, handle);
    ck_assert_ptr_null(handle_find(&table, handle));
    ck_assert_uint_eq(table.count, 0);
    handle_table_finish(&table);
}

/* The slot is the same, the late answer still finds nothing. */
TEST(an_old_handle_does_not_find_the_next_owner_of_its_slot)
{
    struct handle_table table = table_of(1);
    uint64_t late = handle_take(&table, &things[0]), present;

    handle_release(&table, late);
    present = handle_take(&table, &things[1]);
    ck_assert_uint_eq((uint32_t)present, (uint32_t)late);
    ck_assert_ptr_null(handle_find(&table, late));
    ck_assert_ptr_eq(handle_find(&table, present), &things[1]);
    handle_table_finish(&table);
}

/* 0 is HANDLE_NONE: no generation may be 0, not even after 2^32 uses. */
TEST(no_handle_is_zero_even_when_generations_wrap)
{
    struct handle_table table = table_of(1);
    uint64_t handle = handle_take(&table, &things[0]);

    check(handle != 0);
    handle_release(&table, handle);
    table.slots[0].generation = UINT32_MAX;
    handle = handle_take(&table, &things[0]);
    ck_assert_uint_eq(handle >> 32, UINT32_MAX);
    handle_release(&table, handle);
    handle = handle_take(&table, &things[1]);
    ck_assert_uint_eq(handle, UINT64_C(1) << 32);
    ck_assert_ptr_eq(handle_find(&table, handle), &things[1]);
    handle_table_finish(&table);
}

TEST(a_handle_table_is_full_when_every_slot_is_taken)
{
    struct handle_table table = table_of(3);
    uint64_t handles[3];

    for (int i = 0; i < 3; i++) {
        check(!handle_table_is_full(&table));
        handles[i] = handle_take(&table, &things[i]);
    }
    check(handle_table_is_full(&table));
    handle_release(&table, handles[1]);
    check(!handle_table_is_full(&table));
    handles[1] = handle_take(&table, &things[5]);
    ck_assert_ptr_eq(handle_find(&table, handles[1]), &things[5]);
    handle_table_finish(&table);
}

TEST(a_number_that_was_never_a_handle_finds_nothing)
{
    struct handle_table table = table_of(4);

    handle_take(&table, &things[0]);
    ck_assert_ptr_null(handle_find(&table, 0));
    ck_assert_ptr_null(handle_find(&table, UINT64_MAX));
    ck_assert_ptr_null(handle_find(&table, UINT64_C(1) << 32 | 4));
    ck_assert_ptr_null(handle_find(&table, UINT64_C(1) << 32 | 3));
    ck_assert_ptr_null(handle_find(&table, (uintptr_t)&things[0]));
    handle_table_finish(&table);
}

static void give_back_twice(void)
{
    struct handle_table table = table_of(1);
    uint64_t handle = handle_take(&table, &things[0]);

    handle_release(&table, handle);
    handle_release(&table, handle);
}

static void take_from_a_full_table(void)
{
    struct handle_table table = table_of(1);

    handle_take(&table, &things[0]);
    handle_take(&table, &things[1]);
}

TEST(releasing_a_handle_twice_and_taking_too_many_are_asserted)
{
    check(forked_aborts(give_back_twice));
    check(forked_aborts(take_from_a_full_table));
}

/* Slots are taken and released in any order; old handles stay dead. */
TEST(handles_in_any_order_never_mix_up_their_objects)
{
    struct handle_table table = table_of(64);
    uint64_t handles[64] = {0};
    struct random random = {2};

    for (int i = 0; i < 200000; i++) {
        uint64_t k = random_below(&random, 64);

        if (handles[k] == 0) {
            handles[k] = handle_take(&table, &things[k]);
            continue;
        }
        ck_assert_ptr_eq(handle_find(&table, handles[k]), &things[k]);
        handle_release(&table, handles[k]);
        ck_assert_ptr_null(handle_find(&table, handles[k]));
        handles[k] = 0;
    }
    handle_table_finish(&table);
}

TEST(a_zeroed_handle_table_can_be_finished)
{
    struct handle_table table = {0};

    handle_table_finish(&table);
    ck_assert_ptr_null(table.slots);
}

int main(void)
{
    suite_begin("handle");
    suite_add(a_handle_finds_its_object);
    suite_add(a_released_handle_finds_nothing);
    suite_add(an_old_handle_does_not_find_the_next_owner_of_its_slot);
    suite_add(no_handle_is_zero_even_when_generations_wrap);
    suite_add(a_handle_table_is_full_when_every_slot_is_taken);
    suite_add(a_number_that_was_never_a_handle_finds_nothing);
    suite_add(releasing_a_handle_twice_and_taking_too_many_are_asserted);
    suite_add(handles_in_any_order_never_mix_up_their_objects);
    suite_add(a_zeroed_handle_table_can_be_finished);
    return suite_end();
}
