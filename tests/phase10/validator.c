/* validator.c: entity tags: how they are written, compared, and found in a
 * list.
 *
 * Test of lib/validator. Needs: suite.h, fence.h, validator.h. */
#include "validator.h"

#include <string.h>

#include "fence.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)

static struct fence input, output;

static const struct validator file = {
    .inode = 0x1a2f,
    .changed_ns = UINT64_C(0x18c3f2a9d4e5f607),
    .modified_ns = 0xbeef,
    .is_settled = true,
};

static void check_tag(const struct validator *validator, uint64_t size,
                      enum validator_kind kind, const char *expected)
{
    char *text = fence_buffer(&output, VALIDATOR_MAX);
    size_t len = validator_write(text, validator, size, kind);

    ck_assert_msg(len == strlen(expected) && memcmp(text, expected, len) == 0,
                  "%.*s, not %s", (int)len, text, expected);
}

TEST(a_tag_has_inode_ctime_and_size)
{
    struct validator other = file;

    check_tag(&file, 1024, VALIDATOR_CTIME,
              "\"1a2f-18c3f2a9d4e5f607-400\"");
    other.inode++;
    check_tag(&other, 1024, VALIDATOR_CTIME,
              "\"1a30-18c3f2a9d4e5f607-400\"");
    other = file;
    other.changed_ns++;
    check_tag(&other, 1025, VALIDATOR_CTIME,
              "\"1a2f-18c3f2a9d4e5f608-401\"");
    other.modified_ns++;
    other.changed_ns--;
    check_tag(&other, 0, VALIDATOR_CTIME, "\"1a2f-18c3f2a9d4e5f607-0\"");
}

TEST(a_tag_of_the_mtime_has_nothing_of_one_host)
{
    struct validator other = file;

    check_tag(&file, 1024, VALIDATOR_MTIME, "\"beef-400\"");
    other.inode++;
    other.changed_ns++;
    check_tag(&other, 1024, VALIDATOR_MTIME, "\"beef-400\"");
    other.modified_ns++;
    check_tag(&other, 1024, VALIDATOR_MTIME, "\"bef0-400\"");
}

TEST(the_longest_tag_fits)
{
    struct validator longest = {
        .inode = UINT64_MAX,
        .changed_ns = UINT64_MAX,
        .modified_ns = UINT64_MAX,
    };

    check_tag(&longest, UINT64_MAX, VALIDATOR_CTIME,
              "W/\"ffffffffffffffff-ffffffffffffffff-ffffffffffffffff\"");
    check_tag(&longest, UINT64_MAX, VALIDATOR_MTIME,
              "W/\"ffffffffffffffff-ffffffffffffffff\"");
}

TEST(a_file_that_changed_within_two_ticks_is_not_settled)
{
    const uint64_t changed = 1700000000 * S + 1;

    check(!validator_is_settled(changed, changed));
    check(!validator_is_settled(changed, changed + 20 * MS - 1));
    check(validator_is_settled(changed, changed + 20 * MS));
    check(validator_is_settled(changed, changed + 1000 * S));
    check(!validator_is_settled(changed, changed - 1)); /* in the future */
    check(!validator_is_settled(changed, changed - 1000 * S));
}

TEST(a_file_system_that_stores_whole_seconds_is_settled_later)
{
    const uint64_t changed = 1700000000 * S;

    check(!validator_is_settled(changed, changed + 20 * MS));
    check(!validator_is_settled(changed, changed + 2 * S - 1));
    check(validator_is_settled(changed, changed + 2 * S));
}

TEST(a_weak_tag_is_equal_only_in_a_weak_comparison)
{
    static const struct {
        const char *a, *b;
        bool is_strong, is_weak;
    } cases[] = {
        {"\"1\"", "\"1\"", true, true},
        {"W/\"1\"", "\"1\"", false, true},
        {"\"1\"", "W/\"1\"", false, true},
        {"W/\"1\"", "W/\"1\"", false, true},
        {"W/\"1\"", "W/\"2\"", false, false},
        {"\"1\"", "\"2\"", false, false},
        {"\"1\"", "\"11\"", false, false},
        {"\"\"", "\"\"", true, true},
        {"w/\"1\"", "\"1\"", false, false}, /* not a tag: W is upper case */
    };

    for (size_t i = 0; i < countof(cases); i++) {
        struct view a = view_of(cases[i].a), b = view_of(cases[i].b);

        ck_assert_msg(validator_equal_strong(a, b) == cases[i].is_strong,
                      "%s, %s", cases[i].a, cases[i].b);
        ck_assert_msg(validator_equal_weak(a, b) == cases[i].is_weak,
                      "%s, %s", cases[i].a, cases[i].b);
    }
}

/* Takes the list apart. The tags must be those of expected, each followed by a
 * space. */
static void check_list(const char *text, const char *expected)
{
    struct view list = fence_text(&input, text);
    char got[256] = "";
    struct view tag;

    while (validator_next(&list, &tag)) {
        strncat(got, tag.at, tag.len);
        strcat(got, " ");
    }
    ck_assert_msg(strcmp(got, expected) == 0, "[%s]: %s, not %s", text, got,
                  expected);
}

TEST(a_list_of_tags_is_taken_apart)
{
    check_list("", "");
    check_list("\"a\"", "\"a\" ");
    check_list("\"a\",W/\"b\",\"c\"", "\"a\" W/\"b\" \"c\" ");
    check_list(" \t\"a\" \t,  W/\"b\"  ", "\"a\" W/\"b\" ");
    check_list(",, \"a\",,\"b\",", "\"a\" \"b\" ");
    check_list("\"\"", "\"\" ");
}

TEST(a_comma_inside_quotes_is_a_part_of_a_tag)
{
    check_list("\"a,b\"", "\"a,b\" ");
    check_list("W/\"a,\", \",b\"", "W/\"a,\" \",b\" ");
    check_list("\",\",\",,\"", "\",\" \",,\" ");
}

TEST(an_element_that_is_not_a_tag_is_skipped)
{
    check_list("a", "");
    check_list("a, \"b\"", "\"b\" ");
    check_list("*, \"b\"", "\"b\" ");
    check_list("w/\"a\", \"b\"", "\"b\" ");
    check_list("W\"a\", \"b\"", "\"b\" ");
    check_list("\"a\"x, \"b\"", "\"b\" ");
    check_list("\"a\" x, \"b\"", "\"b\" ");
    check_list("\"a\"\"b\", \"c\"", "\"c\" ");
    check_list("\"a", "");
    check_list("W/", "");
    check_list("W/\"", "");
    check_list("\"", "");
    check_list("\"a, \"b\"", "");
}

/* The element is a tag: W/ or nothing, a quote, no quote, a quote. */
static bool is_tag(struct view v)
{
    if (v.len > 2 && v.at[0] == 'W' && v.at[1] == '/')
        v = (struct view){v.at + 2, v.len - 2};
    return v.len >= 2 && v.at[0] == '"' &&
           memchr(v.at + 1, '"', v.len - 1) == v.at + v.len - 1;
}

/* Takes a list apart, joins its tags, and takes that apart. */
static void check_joined(struct view text)
{
    char joined[64], again[64];
    size_t len = 0, again_len = 0;
    struct view list = text, tag;

    while (validator_next(&list, &tag)) {
        ck_assert(is_tag(tag) && tag.at >= text.at &&
                  tag.at + tag.len <= text.at + text.len);
        memcpy(joined + len, tag.at, tag.len);
        len += tag.len;
        joined[len++] = ',';
    }
    list = (struct view){joined, len};
    while (validator_next(&list, &tag)) {
        memcpy(again + again_len, tag.at, tag.len);
        again_len += tag.len;
        again[again_len++] = ',';
    }
    ck_assert_msg(len == again_len && memcmp(joined, again, len) == 0, "[%.*s]",
                  (int)text.len, text.at);
}

TEST(every_short_list_has_tags_only)
{
    static const char letters[] = {'"', 'W', '/', ',', ' ', 'a'};
    char text[7];

    for (size_t len = 0; len <= sizeof text; len++) {
        size_t count = 1;

        for (size_t i = 0; i < len; i++)
            count *= countof(letters);
        for (size_t n = 0; n < count; n++) {
            for (size_t i = 0, rest = n; i < len; i++, rest /= 6)
                text[i] = letters[rest % 6];
            check_joined(fence_copy(&input, text, len));
        }
    }
}

int main(void)
{
    suite_begin("validator");
    suite_add(a_tag_has_inode_ctime_and_size);
    suite_add(a_tag_of_the_mtime_has_nothing_of_one_host);
    suite_add(the_longest_tag_fits);
    suite_add(a_file_that_changed_within_two_ticks_is_not_settled);
    suite_add(a_file_system_that_stores_whole_seconds_is_settled_later);
    suite_add(a_weak_tag_is_equal_only_in_a_weak_comparison);
    suite_add(a_list_of_tags_is_taken_apart);
    suite_add(a_comma_inside_quotes_is_a_part_of_a_tag);
    suite_add(an_element_that_is_not_a_tag_is_skipped);
    suite_add(every_short_list_has_tags_only);
    return suite_end();
}
