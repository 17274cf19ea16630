/* ctx.c: a switch of contexts leaves everything as it was, but for the stack.
 * Built twice: for the switch in assembler and, with -DCTX_UCONTEXT, for the
 * fallback. */
#include "ctx.h"

#include <stdint.h>
#include <string.h>
#include <unwind.h>

#include "forked.h"
#include "rounding.h"
#include "suite.h"
#include "tools.h"

#if defined(__x86_64__)
#define REGISTERS 6
#else
#define REGISTERS 19
#endif

void registers_switch(struct ctx *from, const struct ctx *to,
                      const uint64_t *in, uint64_t *out);
void called_switch(struct ctx *from, const struct ctx *to);

#define STACK_LEN ((size_t)(16 << 10) * TOOLS_STACK_FACTOR)

static _Alignas(16) unsigned char memory[2][STACK_LEN];
static struct ctx home, others[2];
static struct tools_fiber home_fiber, fibers[2];

/* The sanitizers are told, as the scheduler tells them. */
static void go_to(int index)
{
    tools_switch_begin(&home_fiber, &fibers[index], false);
    ctx_switch(&home, &others[index]);
    tools_switch_end(&home_fiber, &fibers[index]);
}

static void go_home(int index)
{
    tools_switch_begin(&fibers[index], &home_fiber, false);
    ctx_switch(&others[index], &home);
    tools_switch_end(&fibers[index], &home_fiber);
}

static void arrive(int index)
{
    tools_switch_end(&fibers[index], &home_fiber);
}

static void make(int index, ctx_entry *entry, void *arg)
{
    tools_fiber_init(&home_fiber, NULL, 0);
    tools_fiber_init(&fibers[index], memory[index], STACK_LEN);
    ctx_make(&others[index], memory[index], STACK_LEN, entry, arg);
}

struct seen {
    void *arg;
    uintptr_t local;
    int rounding;
    unsigned long turns;
    int frames;
};

static struct seen seen;

static void look_around(void *arg)
{
    _Alignas(16) volatile char local[16] = {0};

    arrive(0);
    seen.arg = arg;
    seen.local = (uintptr_t)local;
    for (;;)
        go_home(0);
}

TEST(a_context_starts_with_its_argument_on_its_stack)
{
    make(0, look_around, &seen);
    go_to(0);
    ck_assert_ptr_eq(seen.arg, &seen);
#ifndef TOOLS_ASAN /* which moves locals elsewhere */
    check(seen.local >= (uintptr_t)memory[0]);
    check(seen.local < (uintptr_t)memory[0] + STACK_LEN);
#endif
    ck_assert_uint_eq(seen.local % 16, 0);
}

TEST(a_stack_need_not_be_aligned)
{
    tools_fiber_init(&fibers[0], memory[0] + 3, STACK_LEN - 8);
    ctx_make(&others[0], memory[0] + 3, STACK_LEN - 8, look_around, &seen);
    go_to(0);
    ck_assert_ptr_eq(seen.arg, &seen);
    ck_assert_uint_eq(seen.local % 16, 0);
}

static void count_turns(void *arg)
{
    unsigned long *turns = arg;

    arrive(0);
    for (;;) {
        ++*turns;
        go_home(0);
    }
}

TEST(a_million_switches_come_back_a_million_times)
{
    seen.turns = 0;
    make(0, count_turns, &seen.turns);
    for (unsigned long i = 1; i <= 1000000; i++) {
        go_to(0);
        ck_assert_uint_eq(seen.turns, i);
    }
}

/* A switch as a function: to its caller all registers are the compiler's doing
 * that the ABI says must survive. */
void called_switch(struct ctx *from, const struct ctx *to)
{
    ctx_switch(from, to);
}

static uint64_t theirs_in[REGISTERS], theirs_out[REGISTERS];

/* The other side: its own values in the registers, each time. */
static void use_all_registers(void *arg)
{
    (void)arg;
    for (;;)
        registers_switch(&others[0], &home, theirs_in, theirs_out);
}

/* Through registers_switch the sanitizers are not told of it, which is
 * harmless: nothing here is instrumented that looks at the stack. */
TEST(the_registers_of_the_caller_survive)
{
    uint64_t in[REGISTERS], out[REGISTERS];

    make(0, use_all_registers, NULL);
    for (uint64_t turn = 0; turn < 100; turn++) {
        for (uint64_t i = 0; i < REGISTERS; i++) {
            in[i] = UINT64_C(0x1111111111111111) * (i + 1) + turn;
            theirs_in[i] = ~in[i];
        }
        memset(out, 0, sizeof out);
        registers_switch(&home, &others[0], in, out);
        check(memcmp(in, out, sizeof in) == 0);
        /* The values that the other side gets back now are those that it stored
         * last time. */
        for (uint64_t i = 0; i < REGISTERS && turn > 0; i++)
            ck_assert_uint_eq(theirs_out[i], ~(in[i] - 1));
    }
}

static volatile uint64_t integers[2][4] = {{1, 2, 3, 4}, {5, 6, 7, 8}};
static volatile double reals[2][3] = {{1.5, 2.5, 3.5}, {4.5, 5.5, 6.5}};

/* A switch in line, in the midst of values that the compiler would rather keep
 * in registers. Returns whether all are what they were. */
static inline bool values_survive(struct ctx *from, const struct ctx *to,
                                  int side)
{
    uint64_t a = integers[side][0], b = integers[side][1],
             c = integers[side][2], d = integers[side][3];
    double x = reals[side][0], y = reals[side][1];
    long double z = reals[side][2];

    ctx_switch(from, to);
    return a == integers[side][0] && b == integers[side][1] &&
           c == integers[side][2] && d == integers[side][3] &&
           x == reals[side][0] && y == reals[side][1] &&
           z == reals[side][2];
}

static void keep_values(void *arg)
{
    bool *survived = arg;

    for (;;)
        *survived &= values_survive(&others[0], &home, 1);
}

TEST(values_in_registers_survive_an_inlined_switch)
{
    bool survived = true;

    make(0, keep_values, &survived);
    for (int turn = 0; turn < 100; turn++)
        check(values_survive(&home, &others[0], 0));
    check(survived);
}

static void round_down(void *arg)
{
    (void)arg;
    arrive(0);
    seen.rounding = rounding();
    fesetround(FE_DOWNWARD);
    for (;;) {
        go_home(0);
        seen.rounding = rounding();
    }
}

/* Rounding is state of the context, not of the thread. */
TEST(each_context_has_its_own_rounding_mode)
{
    make(0, round_down, NULL);
    go_to(0);
    ck_assert_int_eq(seen.rounding, FE_TONEAREST);
    ck_assert_int_eq(rounding(), FE_TONEAREST);
    fesetround(FE_UPWARD);
    go_to(0);
    ck_assert_int_eq(seen.rounding, FE_DOWNWARD);
    ck_assert_int_eq(rounding(), FE_UPWARD);
    fesetround(FE_TONEAREST);
}

TEST(a_new_context_has_the_default_rounding_mode)
{
    fesetround(FE_UPWARD);
    make(0, round_down, NULL);
    go_to(0);
    fesetround(FE_TONEAREST);
    ck_assert_int_eq(seen.rounding, FE_TONEAREST);
}

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *context,
                                       void *arg)
{
    int *frames = arg;

    (void)context;
    return ++*frames < 100 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void walk_back(void *arg)
{
    (void)arg;
    arrive(0);
    seen.frames = 0;
    _Unwind_Backtrace(count_frame, &seen.frames);
    for (;;)
        go_home(0);
}

/* Debuggers, profilers and sanitizers walk stacks. The walk must end, although
 * the bytes above the first frame look like a caller. */
TEST(a_walk_up_the_stack_ends_where_the_context_started)
{
    uintptr_t *above = (uintptr_t *)(memory[0] + STACK_LEN) - 8;

    for (int i = 0; i < 8; i++)
        above[i] = (uintptr_t)walk_back + 1;
    tools_fiber_init(&home_fiber, NULL, 0);
    tools_fiber_init(&fibers[0], memory[0], STACK_LEN - 64);
    ctx_make(&others[0], memory[0], STACK_LEN - 64, walk_back, NULL);
    go_to(0);
    ck_assert_int_le(seen.frames, 3); /* walk_back, ctx_start, the end */
}

static void pass_on(void *arg)
{
    int self = *(int *)arg;

    arrive(self);
    for (;;) {
        seen.turns = seen.turns * 2 + (unsigned long)self;
        go_home(self);
    }
}

TEST(two_contexts_use_separate_stacks)
{
    static int numbers[2] = {0, 1};

    seen.turns = 1;
    make(0, pass_on, &numbers[0]);
    make(1, pass_on, &numbers[1]);
    go_to(1);
    go_to(0);
    go_to(1);
    go_to(1);
    ck_assert_uint_eq(seen.turns, 27); /* binary 1 1011 */
}

static void make_on_too_little(void)
{
    ctx_make(&others[0], memory[0], 100, look_around, NULL);
}

TEST(a_stack_that_is_too_small_is_asserted)
{
    check(forked_aborts(make_on_too_little));
}

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(CTX_UCONTEXT)
#define NAME "ctx"
static const char *const why_modes_are_inherited = NULL;
static const char *const why_no_walk = NULL;
#else
#define NAME "ctx_ucontext"
static const char *const why_modes_are_inherited =
    "ucontext takes the modes of whoever makes the context";
static const char *const why_no_walk =
    "the C library decides where ucontext starts";
#endif

int main(void)
{
    suite_begin(NAME);
    suite_add(a_context_starts_with_its_argument_on_its_stack);
    suite_add(a_stack_need_not_be_aligned);
    suite_add(a_million_switches_come_back_a_million_times);
    suite_add(the_registers_of_the_caller_survive);
    suite_add(values_in_registers_survive_an_inlined_switch);
    suite_add(each_context_has_its_own_rounding_mode);
    suite_add_unless(why_modes_are_inherited,
                     a_new_context_has_the_default_rounding_mode);
    suite_add_unless(why_no_walk,
                     a_walk_up_the_stack_ends_where_the_context_started);
    suite_add(two_contexts_use_separate_stacks);
    suite_add(a_stack_that_is_too_small_is_asserted);
    return suite_end();
}
