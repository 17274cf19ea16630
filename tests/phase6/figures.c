/* figures.c: bench's statistics: medians, quartiles, and the break-even. */
#include "figures.h"

#include "suite.h"

/* rows[0] is the first strategy, and row is the one that is judged. */
static struct row rows[2];
static struct row *const first = &rows[0], *const row = &rows[1];

/* Adds a round in which the strategies need these times. */
static void add(uint64_t first_ns, uint64_t row_ns)
{
    figures_add(first,
                &(struct outcome){.wall_ns = first_ns, .setup_ns = 100});
    figures_add(row, &(struct outcome){.wall_ns = row_ns, .setup_ns = 1100});
}

static void check_spread(enum figure figure, uint64_t low, uint64_t median,
                         uint64_t high)
{
    struct spread spread = figures_spread(row, figure);

    ck_assert_uint_eq(spread.low, low);
    ck_assert_uint_eq(spread.median, median);
    ck_assert_uint_eq(spread.high, high);
}

TEST(the_ratio_is_taken_in_each_round)
{
    /* The machine is ten times as slow in the second round. */
    add(1000, 500);
    add(10000, 5100);
    add(1000, 490);
    figures_finish(rows, 2, first);
    check_spread(FIGURE_RATIO, 490, 500, 510);
    check_spread(FIGURE_WALL, 490, 500, 5100);
    ck_assert_uint_eq(figures_spread(first, FIGURE_RATIO).median, 1000);
}

TEST(half_of_the_values_are_between_the_quartiles)
{
    for (uint64_t i = 11; i > 0; i--)
        add(1000, i);
    figures_finish(rows, 2, first);
    check_spread(FIGURE_WALL, 3, 6, 9);
}

TEST(one_round_has_no_spread)
{
    add(1000, 2000);
    figures_finish(rows, 2, first);
    check_spread(FIGURE_RATIO, 2000, 2000, 2000);
}

TEST(a_strategy_pays_when_its_savings_reach_its_set_up)
{
    /* 10 items cost 1000 or 500: each saves 50, and the set-up costs 1000. */
    add(1000, 500);
    figures_finish(rows, 2, first);
    ck_assert_int_eq(figures_pays_from(row, first, 10), 20);
}

TEST(a_set_up_that_costs_nothing_pays_at_once)
{
    add(1000, 500);
    row->values[FIGURE_SETUP][0] = 90;
    figures_finish(rows, 2, first);
    ck_assert_int_eq(figures_pays_from(row, first, 10), 0);
}

TEST(a_slower_strategy_never_pays)
{
    add(1000, 1300);
    add(1000, 1200);
    figures_finish(rows, 2, first);
    ck_assert_int_eq(figures_pays_from(row, first, 10), FIGURES_NEVER);
}

TEST(a_spread_around_1_leaves_it_unknown)
{
    add(1000, 900);
    add(1000, 950);
    add(1000, 1010);
    figures_finish(rows, 2, first);
    ck_assert_int_eq(figures_pays_from(row, first, 10), FIGURES_UNKNOWN);
}

int main(void)
{
    suite_begin("figures");
    suite_add(the_ratio_is_taken_in_each_round);
    suite_add(half_of_the_values_are_between_the_quartiles);
    suite_add(one_round_has_no_spread);
    suite_add(a_strategy_pays_when_its_savings_reach_its_set_up);
    suite_add(a_set_up_that_costs_nothing_pays_at_once);
    suite_add(a_slower_strategy_never_pays);
    suite_add(a_spread_around_1_leaves_it_unknown);
    return suite_end();
}
