/* stack.c: stacks do not overlap, are guarded, and are cheap by the
 * thousand. */
#include "stack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "forked.h"
#include "suite.h"
#include "sys.h"

static struct stack_arena arena;
static struct stack stacks[64];

static void take_some(int count)
{
    for (int i = 0; i < count; i++)
        check_res(stack_take(&arena, &stacks[i]), 0);
}

static void give_back_some(int count)
{
    for (int i = 0; i < count; i++)
        stack_release(&arena, stacks[i]);
}

/* How many mappings this process has: lines of /proc/self/maps. */
static int mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    int lines = 0, c;

    check(maps != NULL);
    while ((c = getc(maps)) != EOF)
        lines += c == '\n';
    fclose(maps);
    return lines;
}

TEST(every_byte_of_a_stack_is_usable_and_not_shared)
{
    check_res(stack_arena_init(&arena, 64, 8192), 0);
    take_some(64);
    for (int i = 0; i < 64; i++)
        memset(stacks[i].memory, i, stacks[i].len);
    for (int i = 0; i < 64; i++) {
        const unsigned char *bytes = stacks[i].memory;

        for (size_t k = 0; k < stacks[i].len; k++)
            ck_assert_uint_eq(bytes[k], (unsigned char)i);
    }
    give_back_some(64);
    stack_arena_finish(&arena);
}

TEST(a_stack_is_nearly_as_long_as_requested)
{
    check_res(stack_arena_init(&arena, 64, 65536), 0);
    take_some(64);
    for (int i = 0; i < 64; i++) {
        ck_assert_uint_le(stacks[i].len, 65536);
        ck_assert_uint_gt(stacks[i].len, 65536 - 2048);
    }
    give_back_some(64);
    stack_arena_finish(&arena);
}

TEST(neighbouring_stacks_start_in_different_cache_lines)
{
    uintptr_t page = sys_page_size(), ends[2];

    check_res(stack_arena_init(&arena, 2, 8192), 0);
    take_some(2);
    for (int i = 0; i < 2; i++)
        ends[i] = (uintptr_t)stacks[i].memory + stacks[i].len;
    ck_assert_uint_ne(ends[0] % page / 64, ends[1] % page / 64);
    give_back_some(2);
    stack_arena_finish(&arena);
}

static void touch_below_the_first(void)
{
    *((volatile char *)stacks[0].memory - 1) = 1;
}

static void touch_below_the_second(void)
{
    *((volatile char *)stacks[1].memory - 1) = 1;
}

/* One page further than the guard would be the neighbour. */
TEST(a_touch_below_a_stack_faults)
{
    check_res(stack_arena_init(&arena, 2, 8192), 0);
    take_some(2);
    check(forked_faults(touch_below_the_first));
    check(forked_faults(touch_below_the_second));
    give_back_some(2);
    stack_arena_finish(&arena);
}

TEST(a_reused_stack_still_has_its_guard)
{
    check_res(stack_arena_init(&arena, 1, 8192), 0);
    for (int i = 0; i < 3; i++) {
        take_some(1);
        memset(stacks[0].memory, 0xff, stacks[0].len);
        check(forked_faults(touch_below_the_first));
        give_back_some(1);
    }
    stack_arena_finish(&arena);
}

TEST(the_last_stack_released_is_the_next_one_taken)
{
    struct stack again;

    check_res(stack_arena_init(&arena, 8, 8192), 0);
    take_some(4);
    stack_release(&arena, stacks[1]);
    stack_release(&arena, stacks[3]);
    check_res(stack_take(&arena, &again), 0);
    ck_assert_ptr_eq(again.memory, stacks[3].memory);
    ck_assert_uint_eq(again.len, stacks[3].len);
    check_res(stack_take(&arena, &again), 0);
    ck_assert_ptr_eq(again.memory, stacks[1].memory);
    give_back_some(4);
    stack_arena_finish(&arena);
}

#define BURST (STACK_WARM_MAX + 100u)

TEST(a_burst_of_tasks_does_not_keep_the_memory_of_its_stacks)
{
    static struct stack burst[BURST];
    char discarded;

    check_res(stack_arena_init(&arena, BURST, 4096), 0);
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < BURST; i++) {
            check_res(stack_take(&arena, &burst[i]), 0);
            memset(burst[i].memory, 'x', burst[i].len);
        }
        for (unsigned i = 0; i < BURST; i++)
            stack_release(&arena, burst[i]);
        /* A kernel without madvise keeps the memory (fallback.bats). */
        discarded = *(char *)burst[0].memory;
        check(discarded == '\0' || madvise(NULL, 0, MADV_DONTNEED) < 0);
        for (unsigned i = 0; i < BURST; i++) {
            const char *memory = burst[i].memory;
            char wanted = i < BURST - STACK_WARM_MAX ? discarded : 'x';

            check(memory[0] == wanted);
            check(memory[burst[i].len - 1] == wanted);
        }
    }
    stack_arena_finish(&arena);
}

TEST(taking_a_stack_fails_when_all_are_taken)
{
    struct stack another;

    check_res(stack_arena_init(&arena, 3, 4096), 0);
    take_some(3);
    check_res(stack_take(&arena, &another), -EAGAIN);
    stack_release(&arena, stacks[0]);
    check_res(stack_take(&arena, &another), 0);
    check_res(stack_take(&arena, &another), -EAGAIN);
    give_back_some(3);
    stack_arena_finish(&arena);
}

/* A million stacks of a gigabyte are more than addresses. */
TEST(a_stack_arena_that_does_not_fit_is_refused_and_leaks_nothing)
{
    int before = mappings();

    check_res(stack_arena_init(&arena, 1u << 20, (size_t)1 << 30), -ENOMEM);
    ck_assert_int_eq(mappings(), before);
    stack_arena_finish(&arena);
}

static void take_and_touch(uint32_t count)
{
    struct stack *all = calloc(count, sizeof *all);

    check(all != NULL);
    check_res(stack_arena_init(&arena, count, 4096), 0);
    for (uint32_t i = 0; i < count; i++) {
        check_res(stack_take(&arena, &all[i]), 0);
        *((volatile char *)all[i].memory + all[i].len - 1) = 1;
    }
    stacks[0] = all[0];
    stacks[1] = all[count - 1];
    free(all);
}

TEST(ten_thousand_stacks_are_all_guarded)
{
    take_and_touch(10000);
    check(forked_faults(touch_below_the_first));
    check(forked_faults(touch_below_the_second));
}

/* With mprotect, 32,754 is the end. */
TEST(forty_thousand_stacks_need_no_separate_mappings)
{
    int before = mappings();

    take_and_touch(40000);
    ck_assert_int_le(mappings(), before + 8);
    check(forked_faults(touch_below_the_second));
}

/* Measured by hand: only what is at the top of it, and then a byte further
 * down. */
TEST(the_high_water_mark_of_a_stack_is_its_lowest_touch)
{
    char *memory;

    check_res(stack_arena_init(&arena, 1, 65536), 0);
    take_some(1);
    memory = stacks[0].memory;
    ck_assert_uint_eq(stack_high_water(stacks[0]), 0);
    memory[stacks[0].len - 1] = 1;
    ck_assert_uint_eq(stack_high_water(stacks[0]), 8);
    memory[stacks[0].len - 5000] = 1;
    ck_assert_uint_eq(stack_high_water(stacks[0]), 5000);
    memory[stacks[0].len - 4000] = 1;
    ck_assert_uint_eq(stack_high_water(stacks[0]), 5000);
    memory[0] = 1;
    ck_assert_uint_eq(stack_high_water(stacks[0]), stacks[0].len);
    give_back_some(1);
    stack_arena_finish(&arena);
}

static void finish_with_one_in_use(void)
{
    check_res(stack_arena_init(&arena, 2, 4096), 0);
    take_some(1);
    stack_arena_finish(&arena);
}

static void give_back_what_is_no_stack(void)
{
    check_res(stack_arena_init(&arena, 2, 4096), 0);
    take_some(1);
    stacks[0].memory = (char *)stacks[0].memory + 64;
    stack_release(&arena, stacks[0]);
}

TEST(losing_or_inventing_a_stack_is_asserted)
{
    check(forked_aborts(finish_with_one_in_use));
    check(forked_aborts(give_back_what_is_no_stack));
}

static void touch_a_guard(void)
{
    void *memory;

    if (sys_map(&memory, sys_page_size()) == 0 &&
        sys_guard(memory, sys_page_size()) == 0)
        *(volatile char *)memory = 1;
}

static const char *why_no_guards(void)
{
    return forked_faults(touch_a_guard)
               ? NULL
               : "this kernel takes guards and does not hold them (emulation)";
}

static const char *why_no_markers(void)
{
    size_t page = sys_page_size();
    void *memory;
    int rc;

    if (why_no_guards() != NULL)
        return why_no_guards();
    rc = sys_map(&memory, page);
    if (rc < 0)
        return "no memory";
    rc = madvise(memory, page, 102); /* MADV_GUARD_INSTALL */
    sys_unmap(memory, page);
    return rc < 0 ? "this kernel has no guard markers (Linux 6.13)" : NULL;
}

int main(void)
{
    const char *no_guards = why_no_guards();

    suite_begin("stack");
    suite_add(every_byte_of_a_stack_is_usable_and_not_shared);
    suite_add(a_stack_is_nearly_as_long_as_requested);
    suite_add(neighbouring_stacks_start_in_different_cache_lines);
    suite_add_unless(no_guards, a_touch_below_a_stack_faults);
    suite_add_unless(no_guards, a_reused_stack_still_has_its_guard);
    suite_add(the_last_stack_released_is_the_next_one_taken);
    suite_add(a_burst_of_tasks_does_not_keep_the_memory_of_its_stacks);
    suite_add(taking_a_stack_fails_when_all_are_taken);
    suite_add(a_stack_arena_that_does_not_fit_is_refused_and_leaks_nothing);
    suite_add_unless(no_guards, ten_thousand_stacks_are_all_guarded);
    suite_add_unless(why_no_markers(),
                     forty_thousand_stacks_need_no_separate_mappings);
    suite_add(the_high_water_mark_of_a_stack_is_its_lowest_touch);
    suite_add(losing_or_inventing_a_stack_is_asserted);
    return suite_end();
}
