/* timer.c: timers fire when they are due, in order, and only then. */
#include "timer.h"

#include <errno.h>
#include <stddef.h>

#include "forked.h"
#include "queue.h"
#include "random.h"
#include "suite.h"

#define COUNT 256

static struct timers timers;
static struct timer all[COUNT];
static int order[2 * COUNT], fired;

static void note(struct timer *timer)
{
    ck_assert_int_lt(fired, 2 * COUNT);
    order[fired++] = (int)(timer - all);
}

static void setup(uint32_t capacity)
{
    check_res(timers_init(&timers, capacity), 0);
    fired = 0;
    for (int i = 0; i < COUNT; i++)
        all[i] = (struct timer){.fire = note};
}

static void arm(int i, uint64_t when_ns)
{
    check_res(timer_arm(&timers, &all[i], when_ns), 0);
}

TEST(the_nearest_deadline_comes_first)
{
    setup(8);
    arm(0, 30);
    arm(1, 10);
    arm(2, 20);
    ck_assert_uint_eq(timers_next_ns(&timers), 10);
    ck_assert_uint_eq(timers_fire(&timers, 30, 8), 3);
    ck_assert_int_eq(order[0], 1);
    ck_assert_int_eq(order[1], 2);
    ck_assert_int_eq(order[2], 0);
    ck_assert_uint_eq(timers_next_ns(&timers), TIMER_NEVER);
}

TEST(a_timer_fires_at_its_time_and_not_before)
{
    setup(8);
    arm(0, 1000);
    ck_assert_uint_eq(timers_fire(&timers, 999, 8), 0);
    check(timer_is_armed(&all[0]));
    ck_assert_uint_eq(timers_fire(&timers, 1000, 8), 1);
    check(!timer_is_armed(&all[0]));
    ck_assert_uint_eq(timers_fire(&timers, 2000, 8), 0);
}

TEST(equal_deadlines_fire_in_the_order_of_arming)
{
    setup(COUNT);
    for (int i = 0; i < COUNT; i++)
        arm((i * 7) % COUNT, 5);
    ck_assert_uint_eq(timers_fire(&timers, 5, COUNT), COUNT);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(order[i], (i * 7) % COUNT);
}

TEST(time_zero_is_a_valid_deadline)
{
    setup(8);
    arm(0, 0);
    ck_assert_uint_eq(timers_next_ns(&timers), 0);
    ck_assert_uint_eq(timers_fire(&timers, 0, 8), 1);
}

TEST(a_deadline_in_the_past_is_due_now_after_earlier_ones)
{
    setup(8);
    timers_fire(&timers, 1000, 8);
    arm(0, 999);
    arm(1, 3);
    arm(2, 1000);
    ck_assert_uint_eq(timers_next_ns(&timers), 1000);
    ck_assert_uint_eq(timers_fire(&timers, 1000, 8), 3);
    ck_assert_int_eq(order[0], 0);
    ck_assert_int_eq(order[1], 1);
    ck_assert_int_eq(order[2], 2);
}

TEST(a_huge_delay_saturates_and_timer_never_does_not_fire)
{
    ck_assert_uint_eq(timer_after_ns(1000, 0), 1000);
    ck_assert_uint_eq(timer_after_ns(1000, 1), 1001);
    ck_assert_uint_eq(timer_after_ns(1000, UINT64_MAX), TIMER_NEVER - 1);
    ck_assert_uint_eq(timer_after_ns(1000, UINT64_MAX - 1000),
                      TIMER_NEVER - 1);
    ck_assert_uint_eq(timer_after_ns(1000, UINT64_MAX - 1002),
                      TIMER_NEVER - 2);
    setup(8);
    arm(0, TIMER_NEVER);
    arm(1, TIMER_NEVER - 1);
    ck_assert_uint_eq(timers_fire(&timers, TIMER_NEVER, 8), 1);
    ck_assert_int_eq(order[0], 1);
    check(timer_is_armed(&all[0]));
}

TEST(arming_an_armed_timer_moves_it)
{
    setup(2);
    arm(0, 10);
    arm(0, 30);
    arm(1, 20);
    ck_assert_uint_eq(timers_fire(&timers, 40, 8), 2);
    ck_assert_int_eq(order[0], 1);
    ck_assert_int_eq(order[1], 0);
    arm(0, 70);
    arm(0, 50);
    ck_assert_uint_eq(timers_next_ns(&timers), 50);
}

TEST(a_timer_moved_later_fires_at_its_new_time_only)
{
    setup(8);
    arm(0, 10);
    arm(1, 20);
    arm(0, 30);
    ck_assert_uint_eq(timers_next_ns(&timers), 20);
    ck_assert_uint_eq(timers_fire(&timers, 10, 8), 0);
    arm(1, 40);
    arm(1, 50); /* more than once: only the last time counts */
    ck_assert_uint_eq(timers_fire(&timers, 29, 8), 0);
    ck_assert_uint_eq(timers_next_ns(&timers), 30);
    ck_assert_uint_eq(timers_fire(&timers, 49, 8), 1);
    ck_assert_uint_eq(timers_fire(&timers, 50, 8), 1);
    ck_assert_int_eq(order[0], 0);
    ck_assert_int_eq(order[1], 1);
}

/* In the heap it still is the first; in the order it is not. */
TEST(a_moved_timer_fires_after_others_of_its_new_time)
{
    setup(8);
    arm(0, 10);
    arm(1, 20);
    arm(2, 20);
    arm(0, 20);
    arm(3, 20);
    arm(1, 20); /* the same time again is a later one, too */
    ck_assert_uint_eq(timers_fire(&timers, 20, 8), 4);
    ck_assert_int_eq(order[0], 2);
    ck_assert_int_eq(order[1], 0);
    ck_assert_int_eq(order[2], 3);
    ck_assert_int_eq(order[3], 1);
}

TEST(a_timer_that_was_moved_later_can_be_moved_earlier_again)
{
    setup(8);
    arm(0, 50);
    arm(1, 60);
    arm(0, 100);
    arm(0, 70); /* behind where it stands */
    ck_assert_uint_eq(timers_next_ns(&timers), 60);
    arm(1, 100);
    arm(1, 5); /* before it */
    ck_assert_uint_eq(timers_next_ns(&timers), 5);
    ck_assert_uint_eq(timers_fire(&timers, 100, 8), 2);
    ck_assert_int_eq(order[0], 1);
    ck_assert_int_eq(order[1], 0);
}

TEST(a_timer_that_was_moved_later_can_be_disarmed)
{
    setup(COUNT);
    for (int i = 0; i < COUNT; i++)
        arm(i, (uint64_t)i + 1);
    for (int i = 0; i < COUNT; i += 2)
        arm(i, COUNT + (uint64_t)i);
    for (int i = 0; i < COUNT; i += 4)
        timer_disarm(&timers, &all[i]);
    ck_assert_uint_eq(timers_next_ns(&timers), 2);
    ck_assert_uint_eq(timers_fire(&timers, COUNT, COUNT), COUNT / 2);
    ck_assert_uint_eq(timers_next_ns(&timers), COUNT + 2);
    ck_assert_uint_eq(timers_fire(&timers, 3 * COUNT, COUNT), COUNT / 4);
    ck_assert_uint_eq(timers.count, 0);
}

/* Moving later is free: the heap is not even looked at. */
TEST(moving_a_timer_later_does_not_move_its_heap_entry)
{
    setup(COUNT);
    for (int i = 0; i < COUNT; i++)
        arm(i, (uint64_t)i);
    for (int i = 0; i < COUNT; i++) {
        uint32_t index = all[i].heap_index;

        arm(i, 1000);
        ck_assert_uint_eq(all[i].heap_index, index);
    }
}

#define MANY (4 * TIMERS_SORT_MAX)

static unsigned fired_of_many;

static void count_one(struct timer *timer)
{
    (void)timer;
    fired_of_many++;
}

/* Else one look among a million that were moved would take a tenth of a
 * second. The answer is never after the nearest deadline. */
TEST(many_timers_moved_later_are_sorted_in_steps)
{
    static struct timer many[MANY];

    setup(MANY);
    for (unsigned i = 0; i < MANY; i++) {
        many[i].fire = count_one;
        check_res(timer_arm(&timers, &many[i], i), 0);
    }
    for (unsigned i = 0; i < MANY; i++)
        check_res(timer_arm(&timers, &many[i], 5000 + i), 0);
    for (unsigned look = 1; look < MANY / TIMERS_SORT_MAX; look++)
        ck_assert_uint_eq(timers_next_ns(&timers), look * TIMERS_SORT_MAX);
    ck_assert_uint_eq(timers_next_ns(&timers), 5000);
    ck_assert_uint_eq(timers_fire(&timers, 4999, MANY), 0);
    ck_assert_uint_eq(timers_fire(&timers, 5000 + MANY, MANY), MANY);
    ck_assert_uint_eq(fired_of_many, MANY);
}

TEST(a_disarmed_timer_does_not_fire)
{
    setup(8);
    timer_disarm(&timers, &all[0]);
    arm(0, 10);
    arm(1, 10);
    timer_disarm(&timers, &all[0]);
    timer_disarm(&timers, &all[0]);
    ck_assert_uint_eq(timers_fire(&timers, 10, 8), 1);
    ck_assert_int_eq(order[0], 1);
}

TEST(a_full_heap_refuses_a_new_timer_and_moves_an_armed_one)
{
    setup(2);
    arm(0, 10);
    arm(1, 10);
    check_res(timer_arm(&timers, &all[2], 10), -ENOSPC);
    check(!timer_is_armed(&all[2]));
    arm(0, 20);
    timer_disarm(&timers, &all[1]);
    arm(2, 5);
    ck_assert_uint_eq(timers_fire(&timers, 20, 8), 2);
}

TEST(timers_fire_only_a_budget_of_due_timers_at_a_time)
{
    setup(COUNT);
    for (int i = 0; i < COUNT; i++)
        arm(i, 1);
    ck_assert_uint_eq(timers_fire(&timers, 1, 100), 100);
    ck_assert_uint_eq(timers_fire(&timers, 1, 100), 100);
    ck_assert_uint_eq(timers_fire(&timers, 1, 100), COUNT - 200);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(order[i], i);
}

static void again_at_once(struct timer *timer)
{
    note(timer);
    arm((int)(timer - all), 0);
}

TEST(a_timer_that_rearms_for_the_past_starves_no_other)
{
    setup(8);
    all[0].fire = again_at_once;
    arm(0, 1);
    arm(1, 2);
    ck_assert_uint_eq(timers_fire(&timers, 100, 8), 2);
    ck_assert_int_eq(order[0], 0);
    ck_assert_int_eq(order[1], 1);
    /* And with a budget of one, the two take turns. */
    arm(1, 0);
    ck_assert_uint_eq(timers_fire(&timers, 100, 1), 1);
    arm(2, 0);
    ck_assert_uint_eq(timers_fire(&timers, 100, 1), 1);
    ck_assert_uint_eq(timers_fire(&timers, 100, 1), 1);
    ck_assert_int_eq(order[2], 0);
    ck_assert_int_eq(order[3], 1);
    ck_assert_int_eq(order[4], 0);
}

static void disarm_the_next(struct timer *timer)
{
    note(timer);
    timer_disarm(&timers, timer + 1);
}

TEST(a_timer_that_fires_may_disarm_another_that_is_due)
{
    setup(8);
    all[0].fire = disarm_the_next;
    arm(0, 1);
    arm(1, 1);
    arm(2, 1);
    ck_assert_uint_eq(timers_fire(&timers, 1, 8), 2);
    ck_assert_int_eq(order[0], 0);
    ck_assert_int_eq(order[1], 2);
}

TEST(timers_of_a_finished_heap_are_not_armed)
{
    setup(8);
    arm(0, 1);
    arm(1, 2);
    timers_finish(&timers);
    check(!timer_is_armed(&all[0]) && !timer_is_armed(&all[1]));
    timers_finish(&timers);
}

static void arm_without_fire(void)
{
    setup(8);
    all[0].fire = NULL;
    timer_arm(&timers, &all[0], 1);
}

TEST(a_timer_without_a_callback_is_asserted)
{
    check(forked_aborts(arm_without_fire));
}

/* The reference: an array that is searched from end to end. */
struct reference {
    uint64_t when_ns, sequence;
    bool is_armed;
};

static struct reference reference[COUNT];
static uint64_t sequence, now_ns;

static bool comes_before(const struct reference *a, const struct reference *b)
{
    if (a->when_ns != b->when_ns)
        return a->when_ns < b->when_ns;
    return a->sequence < b->sequence;
}

static int reference_next(void)
{
    int best = -1;

    for (int i = 0; i < COUNT; i++)
        if (reference[i].is_armed &&
            (best < 0 || comes_before(&reference[i], &reference[best])))
            best = i;
    return best;
}

static void arm_both(int i, uint64_t when_ns)
{
    arm(i, when_ns);
    reference[i].when_ns = when_ns > now_ns ? when_ns : now_ns;
    reference[i].sequence = sequence++;
    reference[i].is_armed = true;
}

static void fire_both(unsigned budget)
{
    unsigned count, expected = 0;

    fired = 0;
    count = timers_fire(&timers, now_ns, budget);
    while (expected < budget) {
        int next = reference_next();

        if (next < 0 || reference[next].when_ns > now_ns)
            break;
        ck_assert_uint_lt(expected, count);
        ck_assert_int_eq(order[expected], next);
        reference[next].is_armed = false;
        expected++;
    }
    ck_assert_uint_eq(count, expected);
}

/* Short times, so that many are equal and many are past. */
static void one_operation(struct random *random)
{
    int i = (int)random_below(random, COUNT);

    switch (random_below(random, 8)) {
    case 0:
        now_ns += random_below(random, 20);
        fire_both((unsigned)random_below(random, COUNT));
        break;
    case 1:
        timer_disarm(&timers, &all[i]);
        reference[i].is_armed = false;
        break;
    default:
        arm_both(i, now_ns - (now_ns > 5 ? 5 : now_ns) +
                        random_below(random, 60));
    }
}

TEST(the_heap_fires_timers_in_the_order_of_a_sorted_list)
{
    struct random random = {3};

    setup(COUNT);
    for (int i = 0; i < 100000; i++) {
        int next;

        one_operation(&random);
        next = reference_next();
        ck_assert_uint_eq(timers_next_ns(&timers),
                          next < 0 ? TIMER_NEVER : reference[next].when_ns);
    }
    now_ns += 1000;
    fire_both(COUNT);
    ck_assert_uint_eq(timers.count, 0);
}

int main(void)
{
    suite_begin("timer");
    suite_add(the_nearest_deadline_comes_first);
    suite_add(a_timer_fires_at_its_time_and_not_before);
    suite_add(equal_deadlines_fire_in_the_order_of_arming);
    suite_add(time_zero_is_a_valid_deadline);
    suite_add(a_deadline_in_the_past_is_due_now_after_earlier_ones);
    suite_add(a_huge_delay_saturates_and_timer_never_does_not_fire);
    suite_add(arming_an_armed_timer_moves_it);
    suite_add(a_timer_moved_later_fires_at_its_new_time_only);
    suite_add(a_moved_timer_fires_after_others_of_its_new_time);
    suite_add(a_timer_that_was_moved_later_can_be_moved_earlier_again);
    suite_add(a_timer_that_was_moved_later_can_be_disarmed);
    suite_add(moving_a_timer_later_does_not_move_its_heap_entry);
    suite_add(many_timers_moved_later_are_sorted_in_steps);
    suite_add(a_disarmed_timer_does_not_fire);
    suite_add(a_full_heap_refuses_a_new_timer_and_moves_an_armed_one);
    suite_add(timers_fire_only_a_budget_of_due_timers_at_a_time);
    suite_add(a_timer_that_rearms_for_the_past_starves_no_other);
    suite_add(a_timer_that_fires_may_disarm_another_that_is_due);
    suite_add(timers_of_a_finished_heap_are_not_armed);
    suite_add(a_timer_without_a_callback_is_asserted);
    suite_add(the_heap_fires_timers_in_the_order_of_a_sorted_list);
    return suite_end();
}
