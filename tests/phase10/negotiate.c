/* negotiate.c: the content codings that a client accepts.
 *
 * Test of lib/negotiate. Needs: suite.h, fence.h, negotiate.h. */
#include "negotiate.h"

#include <stdio.h>

#include "fence.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

static struct fence input;

/* The order for fields, of which each ends at unreadable memory; as names with
 * blanks between. */
static const char *order_of(const char *const *fields, size_t count)
{
    static char text[64];
    enum coding order[CODING_COUNT];
    struct negotiation n;
    size_t len = 0;
    unsigned got;

    negotiate_init(&n);
    for (size_t i = 0; i < count; i++)
        negotiate_add(&n, fence_text(&input, fields[i]));
    got = negotiate_order(&n, order);
    text[0] = '\0';
    for (unsigned i = 0; i < got; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s",
                                i > 0 ? " " : "",
                                (int)coding_name(order[i]).len,
                                coding_name(order[i]).at);
    return text;
}

static void check_order(const char *field, const char *expected)
{
    const char *order = order_of(&field, 1);

    ck_assert_msg(strcmp(order, expected) == 0, "\"%s\" is \"%s\", not \"%s\"",
                  field, order, expected);
}

TEST(without_a_field_only_identity_is_sent)
{
    ck_assert_str_eq(order_of(NULL, 0), "identity");
}

static const char *const cases[][2] = {
    /* Nothing, and nothing that we have. */
    {"", "identity"},
    {" ", "identity"},
    {",", "identity"},
    {", ,", "identity"},
    {"deflate", "identity"},
    {"deflate, compress;q=0.5", "identity"},
    {"identity", "identity"},
    /* Names. */
    {"gzip", "gzip identity"},
    {"GZip", "gzip identity"},
    {"x-gzip", "gzip identity"},
    {"X-GZIP;q=0.5", "gzip identity"},
    {"br", "br identity"},
    {"zstd", "zstd identity"},
    {"gzip, deflate, br, zstd", "br zstd gzip identity"},
    {"gzip,deflate,br,zstd", "br zstd gzip identity"},
    {" gzip\t, br ", "br gzip identity"},
    {"gzi", "identity"},
    {"gzipp", "identity"},
    {"g zip", "identity"},
    {"\"gzip\"", "identity"},
    /* Weights. */
    {"gzip;q=1.0, br;q=0.9", "gzip br identity"},
    {"gzip;q=0.001", "gzip identity"},
    {"gzip;q=0.001, br;q=0.002", "br gzip identity"},
    {"gzip;q=1.000, br;q=0.999", "gzip br identity"},
    {"gzip;q=1., br;q=0.9", "gzip br identity"},
    {"gzip ; q=0.5 , br ; Q=0.25", "gzip br identity"},
    {"gzip;q=0", "identity"},
    {"gzip;q=0.", "identity"},
    {"gzip;q=0.000", "identity"},
    {"gzip;q=0, br", "br identity"},
    {"identity;q=1, gzip;q=0.5", "identity gzip"},
    {"identity;q=0.5, gzip;q=0.5", "gzip identity"},
    {"identity;q=0.5, gzip;q=1.0, br;q=0.2", "gzip identity br"},
    /* Identity refused. */
    {"identity;q=0", ""},
    {"gzip, identity;q=0", "gzip"},
    {"*;q=0", ""},
    {"gzip, *;q=0", "gzip"},
    {"identity, *;q=0", "identity"},
    {"identity;q=0.1, *;q=0", "identity"},
    /* All others. */
    {"*", "br zstd gzip identity"},
    {"*;q=0.5", "br zstd gzip identity"},
    {"*;q=0.5, gzip", "gzip br zstd identity"},
    {"*, br;q=0", "zstd gzip identity"},
    {"*, identity;q=0", "br zstd gzip"},
    /* Not the grammar: ignored, as if the element was not there. */
    {"gzip;q=2, br", "br identity"},
    {"gzip;q=1.001", "identity"},
    {"gzip;q=0.0001", "identity"},
    {"gzip;q=", "identity"},
    {"gzip;q", "identity"},
    {"gzip;", "identity"},
    {"gzip;q=-1", "identity"},
    {"gzip;q=.5", "identity"},
    {"gzip;q=0,5", "identity"},
    {"gzip;q=0x", "identity"},
    {"gzip;q=0.5;q=1", "identity"},
    {"gzip;level=1;q=1", "identity"},
    {"gzip;q =1", "identity"},
    {"gzip;q= 1", "identity"},
    {"gzip=1", "identity"},
    {";q=1", "identity"},
    {"*;q=x", "identity"},
    {"identity;q=x, gzip", "gzip identity"},
    /* Named twice. */
    {"gzip, gzip;q=0", "identity"},
    {"gzip;q=0, gzip", "identity"},
    {"gzip, x-gzip;q=0", "identity"},
    {"gzip;q=0.9, br;q=0.5, gzip;q=0.1", "br gzip identity"},
};

TEST(each_field_has_the_order_of_the_table)
{
    for (size_t i = 0; i < countof(cases); i++)
        check_order(cases[i][0], cases[i][1]);
}

TEST(several_fields_are_one_list)
{
    static const char *const fields[] = {"gzip;q=0.5", "", "br;q=0.7"};

    ck_assert_str_eq(order_of(fields, 1), "gzip identity");
    ck_assert_str_eq(order_of(fields, 3), "br gzip identity");
}

/* The rules of RFC 9110 as a formula, for all combinations: each coding and "*"
 * is not named, or has a weight. */
static const char *const weights[] = {NULL, "0", "0.5", "1"};
static const char *const names[] = {"identity", "gzip", "zstd", "br", "*"};

static int model_weight(const unsigned choice[5], unsigned coding)
{
    static const int worth[] = {-1, 0, 500, 1000};

    if (choice[coding] > 0)
        return worth[choice[coding]];
    if (choice[4] > 0)
        return worth[choice[4]];
    return coding == CODING_IDENTITY ? 1 : 0;
}

static void check_choice(const unsigned choice[5])
{
    char field[128] = "";
    enum coding order[CODING_COUNT];
    struct negotiation n;
    unsigned count, acceptable = 0;

    for (unsigned i = 0; i < 5; i++)
        if (choice[i] > 0)
            snprintf(field + strlen(field), sizeof field - strlen(field),
                     "%s%s;q=%s", field[0] != '\0' ? ", " : "", names[i],
                     weights[choice[i]]);
    negotiate_init(&n);
    negotiate_add(&n, fence_text(&input, field));
    count = negotiate_order(&n, order);
    for (unsigned i = 0; i < CODING_COUNT; i++)
        acceptable += model_weight(choice, i) > 0;
    ck_assert_msg(count == acceptable, "%s: %u", field, count);
    for (unsigned i = 0; i < count; i++) {
        int weight = model_weight(choice, order[i]);

        ck_assert_msg(weight > 0, "%s: %s", field, names[order[i]]);
        if (i > 0)
            ck_assert_msg(model_weight(choice, order[i - 1]) > weight ||
                              (model_weight(choice, order[i - 1]) == weight &&
                               order[i - 1] > order[i]),
                          "%s: at %u", field, i);
    }
}

TEST(every_choice_of_weights_has_the_order_of_the_model)
{
    unsigned choice[5];

    for (unsigned all = 0; all < 1024; all++) {
        for (unsigned i = 0, rest = all; i < 5; i++, rest /= 4)
            choice[i] = rest % 4;
        check_choice(choice);
    }
}

TEST(a_type_is_named_only_by_its_own_name_and_a_weight)
{
    static const struct {
        const char *field;
        bool is_named;
    } types[] = {
        {"", false},
        {"*/*", false},
        {"text/*", false},
        {"text/html", true},
        {"Text/HTML", true},
        {"application/json, text/html;q=0.1", true},
        {"text/html;level=1;q=0.5", true},
        {"text/html;q=0", false},
        {"text/html;level=1;q=0.000", false},
        {"text/html;q=x", false},
        {"text/html;q=0, text/html", true},
        {"text/htmlx", false},
        {"text/htm", false},
        {",;, text/html", true},
        {"text/html;", true},
    };

    for (size_t i = 0; i < countof(types); i++)
        ck_assert_msg(negotiate_names(fence_text(&input, types[i].field),
                                      view_of("text/html")) ==
                          types[i].is_named,
                      "\"%s\"", types[i].field);
}

TEST(any_bytes_are_read_within_their_length)
{
    static const char alphabet[] = "gzip;q=0.5,* br\t1";
    uint32_t seed = 1;

    for (unsigned i = 0; i < 100000; i++) {
        char text[13];
        const char *field = text;
        size_t len = 0;

        for (; len < i % sizeof text; len++) {
            seed = seed * 1664525u + 1013904223u;
            text[len] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        text[len] = '\0';
        order_of(&field, 1);
        (void)negotiate_names(fence_text(&input, text), view_of("br"));
    }
}

int main(void)
{
    suite_begin("negotiate");
    suite_add(without_a_field_only_identity_is_sent);
    suite_add(each_field_has_the_order_of_the_table);
    suite_add(several_fields_are_one_list);
    suite_add(every_choice_of_weights_has_the_order_of_the_model);
    suite_add(a_type_is_named_only_by_its_own_name_and_a_weight);
    suite_add(any_bytes_are_read_within_their_length);
    return suite_end();
}
