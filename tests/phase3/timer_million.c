/* timer_million.c: a million timers, in order, and what each of them costs.
 *
 * Cost is counted, not timed: timer.c is compiled for this unit so that it
 * calls us at each branch of its code (-fsanitize-coverage=trace-pc), whatever
 * it does inside. */
#include "timer.h"

#include <stddef.h>
#include <stdlib.h>

#include "random.h"
#include "suite.h"

#define MILLION 1000000

static uint64_t steps; /* blocks of straight code that were run */

/* The compiler inserts calls of this function, which no header declares. */
void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

static struct timers timers;
static struct timer *all;
static struct random random_state;

/* --- in order ------------------------------------------------------------- */

static long fired, last_index;
static uint64_t last_when_ns;

/* Equal deadlines in the order of arming, which is that of the indices. No
 * check of Check here: a million of them take minutes. */
static void fire_in_order(struct timer *timer)
{
    long index = (long)(timer - all);

    if (timer->when_ns < last_when_ns ||
        (timer->when_ns == last_when_ns && index <= last_index))
        ck_abort_msg("timer %ld of %lu ns after timer %ld of %lu ns", index,
                     (unsigned long)timer->when_ns, last_index,
                     (unsigned long)last_when_ns);
    last_when_ns = timer->when_ns;
    last_index = index;
    fired++;
}

static void setup(long count)
{
    check_res(timers_init(&timers, (uint32_t)count), 0);
    all = calloc((size_t)count, sizeof *all);
    check(all != NULL);
    for (long i = 0; i < count; i++)
        all[i].fire = fire_in_order;
    random_state = (struct random){5};
    fired = 0;
    last_index = -1;
    last_when_ns = 0;
}

static void teardown(void)
{
    timers_finish(&timers);
    free(all);
}

static void arm(long i, uint64_t when_ns)
{
    if (timer_arm(&timers, &all[i], when_ns) != 0)
        ck_abort_msg("timer %ld was refused", i);
}

#define NOW UINT64_C(1000000)
#define SOON UINT64_C(5000) /* so few different times that most are equal */

/* A tenth each: zero, in the past, now, never, the most that is not never, and
 * half of them soon. */
static uint64_t some_time(void)
{
    switch (random_below(&random_state, 10)) {
    case 0: return 0;
    case 1: return random_below(&random_state, NOW);
    case 2: return NOW;
    case 3: return TIMER_NEVER;
    case 4: return timer_after_ns(NOW, UINT64_MAX);
    default: return NOW + 1 + random_below(&random_state, SOON);
    }
}

static long count_armed_at(uint64_t from_ns, uint64_t to_ns)
{
    long count = 0;

    for (long i = 0; i < MILLION; i++)
        count += timer_is_armed(&all[i]) && all[i].when_ns >= from_ns &&
                 all[i].when_ns <= to_ns;
    return count;
}

/* Fires timers, a budget at a time, until none is due. */
static void fire_until(uint64_t now_ns)
{
    unsigned count;

    do {
        count = timers_fire(&timers, now_ns, 256);
        ck_assert_uint_le(count, 256);
    } while (count > 0);
}

static void arm_a_million(void)
{
    setup(MILLION);
    timers_fire(&timers, NOW, 1);
    for (long i = 0; i < MILLION; i++)
        arm(i, some_time());
    ck_assert_uint_eq(timers.count, MILLION);
}

static void fire_a_million(void)
{
    long due = count_armed_at(0, NOW), soon = count_armed_at(0, NOW + SOON);
    long huge = count_armed_at(TIMER_NEVER - 1, TIMER_NEVER - 1);

    ck_assert_int_gt(due, 0);
    ck_assert_int_gt(huge, 0);
    ck_assert_int_eq(count_armed_at(0, NOW - 1), 0); /* what is past is now */
    fire_until(NOW);
    ck_assert_int_eq(fired, due);
    for (uint64_t now_ns = NOW; now_ns < NOW + SOON; now_ns += 100)
        fire_until(now_ns);
    fire_until(NOW + SOON);
    ck_assert_int_eq(fired, soon);
    fire_until(TIMER_NEVER - 1);
    ck_assert_int_eq(fired, soon + huge);
    fire_until(TIMER_NEVER);
    ck_assert_int_eq(fired, soon + huge); /* never is never */
}

TEST(a_million_timers_of_every_kind_fire_in_their_order)
{
    arm_a_million();
    fire_a_million();
    teardown();
}

/* A permutation: 7919 is prime, and no divisor of a million. */
TEST(a_million_timers_with_every_third_cancelled_fire_in_their_order)
{
    long cancelled = 0;

    arm_a_million();
    for (long i = 0; i < MILLION; i++) {
        long victim = i * 7919 % MILLION;

        if (victim % 3 == 0) {
            timer_disarm(&timers, &all[victim]);
            cancelled++;
        }
    }
    ck_assert_uint_eq(timers.count, (unsigned)(MILLION - cancelled));
    for (long i = 0; i < MILLION; i += 3)
        if (timer_is_armed(&all[i]))
            ck_abort_msg("timer %ld was cancelled and is armed", i);
    fire_a_million();
    teardown();
}

TEST(a_million_timers_of_one_deadline_fire_in_the_order_of_arming)
{
    setup(MILLION);
    for (long i = 0; i < MILLION; i++)
        arm(i, 1);
    fire_until(1);
    ck_assert_int_eq(fired, MILLION);
    teardown();
}

/* --- what it costs -------------------------------------------------------- */

/* The most steps that one call took. */
struct cost {
    uint64_t arm, move, cancel, fire;
};

static void keep_most(uint64_t *most, uint64_t before)
{
    if (steps - before > *most)
        *most = steps - before;
}

static void do_nothing(struct timer *timer)
{
    (void)timer;
}

/* With count timers armed all the while, whose times are far apart. */
static struct cost most_steps(long count)
{
    struct cost cost = {0};

    setup(count);
    for (long i = 0; i < count; i++) {
        uint64_t before = steps;

        all[i].fire = do_nothing;
        arm(i, random_below(&random_state, UINT64_C(1) << 40));
        keep_most(&cost.arm, before);
    }
    for (int k = 0; k < 3000; k++) {
        long i = (long)random_below(&random_state, (uint64_t)count);
        uint64_t before = steps, when_ns;

        timer_disarm(&timers, &all[i]);
        keep_most(&cost.cancel, before);
        arm(i, random_below(&random_state, UINT64_C(1) << 40));
        when_ns = random_below(&random_state, UINT64_C(1) << 40);
        before = steps;
        arm(i, when_ns);
        keep_most(&cost.move, before);
    }
    for (int k = 0; k < 900; k++) {
        uint64_t before = steps;

        ck_assert_uint_eq(timers_fire(&timers, TIMER_NEVER - 1, 1), 1);
        keep_most(&cost.fire, before);
    }
    teardown();
    return cost;
}

/* A thousand times as many are twice as deep a tree: log(10^6) is twice
 * log(10^3). Linear would be a thousandfold. */
static void check_growth(const char *what, uint64_t thousand, uint64_t million)
{
    ck_assert_uint_gt(thousand, 0);
    ck_assert_msg(million <= 3 * thousand,
                  "%s: %lu steps among a thousand, %lu among a million", what,
                  (unsigned long)thousand, (unsigned long)million);
}

TEST(a_thousandfold_of_timers_costs_at_most_threefold_steps)
{
    struct cost thousand = most_steps(1000), million = most_steps(MILLION);

    check_growth("arm", thousand.arm, million.arm);
    check_growth("move", thousand.move, million.move);
    check_growth("cancel", thousand.cancel, million.cancel);
    check_growth("fire", thousand.fire, million.fire);
}

int main(void)
{
    suite_begin("timer_million");
    suite_add(a_million_timers_of_every_kind_fire_in_their_order);
    suite_add(a_million_timers_with_every_third_cancelled_fire_in_their_order);
    suite_add(a_million_timers_of_one_deadline_fire_in_the_order_of_arming);
    suite_add(a_thousandfold_of_timers_costs_at_most_threefold_steps);
    return suite_end();
}
