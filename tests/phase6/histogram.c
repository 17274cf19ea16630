/* histogram.c: quantiles against a sorted list, extremes, merging, JSON. */
#include "histogram.h"

#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "suite.h"

#define COUNT 5000

static struct histogram histogram, other;
static uint64_t list[COUNT];

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Fills the list with numbers of 0 to bits bits, so that every bucket of that
 * range has a chance. */
static void fill_list(struct random *random, unsigned bits)
{
    for (int i = 0; i < COUNT; i++) {
        unsigned used = (unsigned)random_below(random, bits + 1);

        list[i] = used == 0 ? 0 : random_next(random) >> (64 - used);
    }
}

/* Never below the element of the sorted list, and above it by less than one
 * part in 64. */
static void check_quantile(const struct histogram *h, unsigned permille)
{
    uint64_t is = histogram_quantile_ns(h, permille);
    unsigned rank = (COUNT * permille + 999) / 1000;
    uint64_t exact = list[rank > 0 ? rank - 1 : 0];

    ck_assert_msg(is >= exact && is - exact <= exact / 64,
                  "quantile %u is %llu, not %llu", permille,
                  (unsigned long long)is, (unsigned long long)exact);
}

TEST(an_empty_histogram_has_only_zeros)
{
    ck_assert_uint_eq(histogram_quantile_ns(&histogram, 0), 0);
    ck_assert_uint_eq(histogram_quantile_ns(&histogram, 500), 0);
    ck_assert_uint_eq(histogram_quantile_ns(&histogram, 1000), 0);
    ck_assert_uint_eq(histogram_mean_ns(&histogram), 0);
    histogram_merge(&histogram, &other);
    ck_assert_uint_eq(histogram.count, 0);
    ck_assert_uint_eq(histogram.min_ns, 0);
}

TEST(one_duration_is_every_quantile)
{
    static const uint64_t durations[] = {
        0, 1, 63, 64, 65, 127, 128, 129, 255, 256, 1000, 123456789,
        UINT64_MAX / 2, UINT64_MAX / 2 + 1, UINT64_MAX - 1, UINT64_MAX,
    };

    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        memset(&histogram, 0, sizeof histogram);
        histogram_add(&histogram, durations[i]);
        for (unsigned permille = 0; permille <= 1000; permille++)
            ck_assert_uint_eq(histogram_quantile_ns(&histogram, permille),
                              durations[i]);
        ck_assert_uint_eq(histogram.min_ns, durations[i]);
        ck_assert_uint_eq(histogram.max_ns, durations[i]);
        ck_assert_uint_eq(histogram_mean_ns(&histogram), durations[i]);
    }
}

TEST(quantiles_agree_with_a_sorted_list)
{
    struct random random = random_begin();

    for (unsigned bits = 1; bits <= 64; bits++) {
        uint64_t total = 0;

        fill_list(&random, bits);
        memset(&histogram, 0, sizeof histogram);
        for (int i = 0; i < COUNT; i++) {
            histogram_add(&histogram, list[i]);
            total = total > UINT64_MAX - list[i] ? UINT64_MAX : total + list[i];
        }
        qsort(list, COUNT, sizeof *list, compare);
        for (unsigned permille = 0; permille <= 1000; permille++)
            check_quantile(&histogram, permille);
        ck_assert_uint_eq(histogram.count, COUNT);
        ck_assert_uint_eq(histogram.min_ns, list[0]);
        ck_assert_uint_eq(histogram.max_ns, list[COUNT - 1]);
        ck_assert_uint_eq(histogram_mean_ns(&histogram), total / COUNT);
    }
}

TEST(durations_below_128_ns_are_exact)
{
    for (uint64_t ns = 1; ns <= 127; ns++)
        histogram_add(&histogram, ns);
    for (unsigned ns = 1; ns <= 127; ns++)
        ck_assert_uint_eq(histogram_quantile_ns(&histogram, ns * 1000 / 127),
                          ns);
}

TEST(a_rare_long_duration_shows_only_in_the_last_quantile)
{
    for (int i = 0; i < 999; i++)
        histogram_add(&histogram, 100);
    histogram_add(&histogram, 5000000000);
    ck_assert_uint_eq(histogram_quantile_ns(&histogram, 999), 100);
    ck_assert_uint_eq(histogram_quantile_ns(&histogram, 1000), 5000000000);
    ck_assert_uint_eq(histogram_mean_ns(&histogram), 5000099);
}

TEST(a_merge_is_the_same_as_one_histogram)
{
    static struct histogram all, parts[3];
    struct random random = random_begin();

    for (unsigned bits = 8; bits <= 64; bits += 8) {
        fill_list(&random, bits);
        for (int i = 0; i < COUNT; i++) {
            /* The least duration comes last, and is not 0. */
            uint64_t ns = list[i] / 2 + (uint64_t)(3 - i % 3) * 1000;

            histogram_add(&all, ns);
            histogram_add(&parts[i % 3], ns);
        }
    }
    for (int i = 0; i < 3; i++)
        histogram_merge(&other, &parts[i]);
    histogram_merge(&other, &histogram); /* empty: changes nothing */
    ck_assert_mem_eq(&other, &all, sizeof all);
}

/* Collects a document. */
static char text[1024];

static void append(void *to, const char *part, size_t len)
{
    (void)to;
    strncat(text, part, len);
}

TEST(the_json_has_the_figures)
{
    struct json json = {.write = append};

    for (uint64_t ns = 1; ns <= 100; ns++)
        histogram_add(&histogram, ns);
    histogram_write_json(&histogram, &json, NULL);
    ck_assert_str_eq(text, "{\"count\":100,\"min_ns\":1,\"mean_ns\":50,"
                           "\"p50_ns\":50,\"p90_ns\":90,\"p99_ns\":99,"
                           "\"p999_ns\":100,\"max_ns\":100}");
}

TEST(the_json_clamps_what_a_reader_cannot_hold)
{
    struct json json = {.write = append};

    histogram_add(&histogram, UINT64_MAX);
    histogram_write_json(&histogram, &json, NULL);
    check(strstr(text, "\"max_ns\":9223372036854775807}") != NULL);
}

int main(void)
{
    suite_begin("histogram");
    suite_add(an_empty_histogram_has_only_zeros);
    suite_add(one_duration_is_every_quantile);
    suite_add(quantiles_agree_with_a_sorted_list);
    suite_add(durations_below_128_ns_are_exact);
    suite_add(a_rare_long_duration_shows_only_in_the_last_quantile);
    suite_add(a_merge_is_the_same_as_one_histogram);
    suite_add(the_json_has_the_figures);
    suite_add(the_json_clamps_what_a_reader_cannot_hold);
    return suite_end();
}
