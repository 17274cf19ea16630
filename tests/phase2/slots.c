/* slots.c: a buffer has one owner at a time, and a program that breaks this
 * rule is stopped.
 *
 * Test of phase 2. Needs: slots.h, suite.h. */
#include "slots.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "suite.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#endif

enum { COUNT = 4, LEN = 100 };

static struct slots slots;

static void begin(void)
{
    check_res(slots_init(&slots, COUNT, LEN), 0);
}

/* Whether fault ends the process that runs it. A child does, silently; what
 * the parent has stays as it is. */
static int kills(void (*fault)(void))
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct rlimit none = {0};

        setrlimit(RLIMIT_CORE, &none);
        close(STDERR_FILENO);
        fault();
        _exit(EXIT_SUCCESS);
    }
    ck_assert_int_eq(children_wait(child, &status, 0), child);
    return !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS;
}

TEST(each_take_returns_another_buffer_until_none_is_free)
{
    unsigned seen = 0;

    begin();
    for (int i = 0; i < COUNT; i++)
        seen |= 1u << slots_take(&slots);
    ck_assert_uint_eq(seen, (1u << COUNT) - 1);
    ck_assert_uint_eq(slots.free_count, 0);
    check_res(slots_take(&slots), -ENOBUFS);
    slots_release(&slots, 2);
    check_res(slots_take(&slots), 2);
    for (unsigned i = 0; i < COUNT; i++)
        slots_release(&slots, i);
    ck_assert_uint_eq(slots.free_count, COUNT);
    slots_finish(&slots);
}

TEST(the_buffer_released_last_is_taken_first)
{
    int a, b;

    begin();
    a = slots_take(&slots);
    b = slots_take(&slots);
    slots_release(&slots, (unsigned)a);
    slots_release(&slots, (unsigned)b);
    check_res(slots_take(&slots), b);
    check_res(slots_take(&slots), a);
}

TEST(buffers_do_not_overlap_and_begin_at_pages_if_their_length_does)
{
    const size_t page = 4096;
    unsigned char *first, *second;

    begin();
    for (unsigned i = 0; i < COUNT; i++)
        memset(slots_data(&slots, (unsigned)slots_take(&slots)), (int)i, LEN);
    for (unsigned i = 0; i < COUNT; i++) {
        first = slots_data(&slots, i);
        ck_assert_uint_eq(first[0], i);
        ck_assert_uint_eq(first[LEN - 1], i);
    }
    for (unsigned i = 0; i < COUNT; i++)
        slots_release(&slots, i);
    slots_finish(&slots);

    check_res(slots_init(&slots, COUNT, page), 0);
    first = slots_address(&slots, 0);
    second = slots_address(&slots, 1);
    ck_assert_uint_eq((uintptr_t)first % page, 0);
    ck_assert_ptr_eq(second, first + page);
    slots_finish(&slots);
}

TEST(a_lent_buffer_comes_back_with_the_data_of_a_read)
{
    unsigned slot;
    unsigned char *bytes;
    int pipe_fds[2];

    begin();
    ck_assert_int_eq(pipe(pipe_fds), 0);
    ck_assert_int_eq(write(pipe_fds[1], "ring", 4), 4);
    slot = (unsigned)slots_take(&slots);
    bytes = slots_data(&slots, slot);
    memset(bytes, '.', LEN);
    check(slots_is_mine(&slots, slot));
    ck_assert_ptr_eq(slots_lend(&slots, slot), bytes);
    check(slots_is_kernel(&slots, slot));
    check(!slots_is_mine(&slots, slot));
    slots_reclaim(&slots, slot);
    ck_assert_int_eq(read(pipe_fds[0], bytes, LEN), 4);
    ck_assert_mem_eq(slots_data(&slots, slot), "ring.", 5);
}

TEST(slots_init_refuses_impossible_sizes_and_leaks_nothing)
{
    check_res(slots_init(&slots, 0, LEN), -EINVAL);
    check_res(slots_init(&slots, 1, 0), -EINVAL);
    check_res(slots_init(&slots, SLOTS_COUNT_MAX + 1, LEN), -EINVAL);
    check_res(slots_init(&slots, 1, (size_t)SLOTS_LEN_MAX + 1), -EINVAL);
    ck_assert_ptr_null(slots.memory);
    slots_finish(&slots);
}

#ifndef HAS_ASAN
TEST(slots_init_without_memory_returns_an_error)
{
    struct rlimit limit = {64 << 20, 64 << 20};

    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    check_res(slots_init(&slots, 1024, 1 << 20), -ENOMEM);
    slots_finish(&slots);
}
#endif

TEST(slots_finish_accepts_zeroed_slots)
{
    slots = (struct slots){0};
    slots_finish(&slots);
    slots_finish(&slots);
}

static void release_a_free_buffer(void)
{
    slots_release(&slots, 1);
}

static void lend_a_free_buffer(void)
{
    slots_lend(&slots, 1);
}

static void reclaim_what_is_mine(void)
{
    slots_reclaim(&slots, (unsigned)slots_take(&slots));
}

static void release_what_the_kernel_owns(void)
{
    unsigned slot = (unsigned)slots_take(&slots);

    slots_lend(&slots, slot);
    slots_release(&slots, slot);
}

static void lend_twice(void)
{
    unsigned slot = (unsigned)slots_take(&slots);

    slots_lend(&slots, slot);
    slots_lend(&slots, slot);
}

static void look_at_what_the_kernel_owns(void)
{
    unsigned slot = (unsigned)slots_take(&slots);

    slots_lend(&slots, slot);
    slots_data(&slots, slot);
}

static void use_a_number_that_is_none(void)
{
    slots_release(&slots, COUNT);
}

static void finish_while_the_kernel_owns_one(void)
{
    slots_lend(&slots, (unsigned)slots_take(&slots));
    slots_finish(&slots);
}

static void do_nothing_wrong(void)
{
    unsigned slot = (unsigned)slots_take(&slots);

    slots_lend(&slots, slot);
    slots_reclaim(&slots, slot);
    slots_release(&slots, slot);
}

TEST(every_wrong_change_of_owner_stops_the_program)
{
    begin();
    check(!kills(do_nothing_wrong));
    check(kills(release_a_free_buffer));
    check(kills(lend_a_free_buffer));
    check(kills(reclaim_what_is_mine));
    check(kills(release_what_the_kernel_owns));
    check(kills(lend_twice));
    check(kills(look_at_what_the_kernel_owns));
    check(kills(use_a_number_that_is_none));
    check(kills(finish_while_the_kernel_owns_one));
}

/* The pointers below were right once: only the poison can tell. */
static void read_what_is_lent(void)
{
    unsigned slot = (unsigned)slots_take(&slots);
    volatile unsigned char *bytes = slots_data(&slots, slot);

    slots_lend(&slots, slot);
    (void)bytes[LEN - 1];
}

static void write_what_was_released(void)
{
    unsigned slot = (unsigned)slots_take(&slots);
    volatile unsigned char *bytes = slots_data(&slots, slot);

    slots_release(&slots, slot);
    bytes[0] = 1;
}

static void write_beyond_the_end(void)
{
    volatile unsigned char *bytes =
        slots_data(&slots, (unsigned)slots_take(&slots));

    bytes[LEN] = 1;
}

static void use_what_came_back(void)
{
    unsigned slot = (unsigned)slots_take(&slots);
    volatile unsigned char *bytes = slots_data(&slots, slot);

    slots_lend(&slots, slot);
    slots_reclaim(&slots, slot);
    bytes[0] = bytes[LEN - 1] = 1;
}

TEST(asan_reports_an_access_to_a_buffer_that_is_not_ours)
{
    begin();
    check(!kills(use_what_came_back));
    check(kills(read_what_is_lent));
    check(kills(write_what_was_released));
    check(kills(write_beyond_the_end));
}

TEST(memory_of_finished_slots_is_not_poisoned)
{
    unsigned char *memory, *again;

    begin();
    memory = slots.memory;
    slots_finish(&slots);
    /* The same addresses again, as somebody else might get them. */
    again = mmap(memory, 1, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    ck_assert_ptr_eq(again, memory);
    memset(again, 1, COUNT * LEN);
    ck_assert_uint_eq(again[COUNT * LEN - 1], 1);
}

int main(void)
{
#ifdef HAS_ASAN
    const char *no_asan = NULL;
#else
    const char *no_asan = "not built with AddressSanitizer";
#endif

    suite_begin("slots");
    suite_add(each_take_returns_another_buffer_until_none_is_free);
    suite_add(the_buffer_released_last_is_taken_first);
    suite_add(buffers_do_not_overlap_and_begin_at_pages_if_their_length_does);
    suite_add(a_lent_buffer_comes_back_with_the_data_of_a_read);
    suite_add(slots_init_refuses_impossible_sizes_and_leaks_nothing);
#ifndef HAS_ASAN
    suite_add(slots_init_without_memory_returns_an_error);
#endif
    suite_add(slots_finish_accepts_zeroed_slots);
    suite_add(every_wrong_change_of_owner_stops_the_program);
    suite_add_unless(no_asan,
                     asan_reports_an_access_to_a_buffer_that_is_not_ours);
    suite_add(memory_of_finished_slots_is_not_poisoned);
    return suite_end();
}
