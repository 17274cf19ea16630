/* corpus.c: every case, under every way of cutting the stream. */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "replay.h"
#include "suite.h"

static const struct http_limits limits = HTTP_LIMITS_DEFAULT;

/* Replays a case. If the text is not the expected one, fails with both. */
static void check_case(const struct loaded_case *loaded,
                       struct schedule schedule)
{
    const char *got = replay(loaded->input, loaded->len, &limits, schedule);

    ck_assert_msg(strcmp(got, loaded->expected) == 0,
                  "%s, %s (first %zu, step %zu, seed %llu):\n%s\nnot\n%s",
                  loaded->origin->row, loaded->origin->name, schedule.first,
                  schedule.step, (unsigned long long)schedule.seed, got,
                  loaded->expected);
}

TEST(each_case_in_one_chunk)
{
    for (size_t i = 0; i < cases_count(); i++)
        check_case(cases_load(i), (struct schedule){0});
}

TEST(each_case_byte_by_byte)
{
    for (size_t i = 0; i < cases_count(); i++)
        check_case(cases_load(i), (struct schedule){.step = 1});
}

/* A long case only near its start and its end, where its limit is, and at every
 * 500th position between. */
TEST(each_case_split_at_every_position)
{
    for (size_t i = 0; i < cases_count(); i++) {
        const struct loaded_case *loaded = cases_load(i);
        bool is_long = loaded->len > CASE_SHORT_MAX;

        for (size_t first = 1; first < loaded->len; first++)
            if (!is_long || first < 20 || first + 40 > loaded->len ||
                first % 500 == 0)
                check_case(loaded, (struct schedule){.first = first});
    }
}

TEST(each_case_in_chunks_of_2_to_20_bytes)
{
    for (size_t i = 0; i < cases_count(); i++) {
        const struct loaded_case *loaded = cases_load(i);

        for (size_t step = 2; step <= 20; step++)
            if (loaded->len <= CASE_SHORT_MAX || step % 7 == 0)
                check_case(loaded, (struct schedule){.step = step});
    }
}

TEST(each_case_in_random_chunks)
{
    for (size_t i = 0; i < cases_count(); i++) {
        const struct loaded_case *loaded = cases_load(i);
        uint64_t seeds = loaded->len > CASE_SHORT_MAX ? 2 : 20;

        for (uint64_t seed = 1; seed <= seeds; seed++)
            check_case(loaded, (struct schedule){.seed = seed});
    }
}

/* H-13 is tested in http.c. H-15, H-16 and H-19 are about responses, which
 * phase 10 makes. */
TEST(each_failure_of_the_catalogue_has_its_cases)
{
    static const struct {
        const char *row;
        size_t min;
    } rows[] = {
        {"H-01", 15}, {"H-02", 6},  {"H-03", 20}, {"H-04", 20},
        {"H-05", 20}, {"H-06", 10}, {"H-07", 25}, {"H-08", 3},
        {"H-09", 20},  {"H-10", 30}, {"H-11", 40}, {"H-12", 6},
        {"H-14", 6},  {"H-17", 10}, {"H-18", 1},  {"H-20", 6},
    };
    size_t total = cases_count();

    check(total >= 150);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        size_t count = 0;

        for (size_t i = 0; i < total; i++)
            count += strcmp(cases_load(i)->origin->row, rows[r].row) == 0;
        ck_assert_msg(count >= rows[r].min, "%s has %zu cases", rows[r].row,
                      count);
    }
}

/* A case that is there twice tests nothing the second time. */
TEST(each_case_is_another_stream)
{
    size_t total = cases_count();
    static struct loaded_case one;

    for (size_t i = 0; i < total; i++) {
        one = *cases_load(i);
        for (size_t k = i + 1; k < total; k++) {
            const struct loaded_case *two = cases_load(k);

            ck_assert_msg(one.len != two->len ||
                              memcmp(one.input, two->input, one.len) != 0,
                          "%s and %s", one.origin->name, two->origin->name);
        }
    }
}

int main(void)
{
    suite_begin("corpus");
    suite_add(each_case_in_one_chunk);
    suite_add(each_case_byte_by_byte);
    suite_add(each_case_split_at_every_position);
    suite_add(each_case_in_chunks_of_2_to_20_bytes);
    suite_add(each_case_in_random_chunks);
    suite_add(each_failure_of_the_catalogue_has_its_cases);
    suite_add(each_case_is_another_stream);
    return suite_end();
}
