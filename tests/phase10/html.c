/* html.c: names as a part of a page: escapes, and bytes that are no characters.
 *
 * Test of lib/html and path_link. Needs: suite.h, fence.h, html.h, path.h. */
#include "html.h"

#include <stdio.h>

#include "fence.h"
#include "path.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)
#define BAD "\xEF\xBF\xBD"

static struct fence input, output;

static void check_escape(struct view text, const char *expected)
{
    size_t len = strlen(expected);
    char *out = fence_buffer(&output, len);
    struct view copy = fence_copy(&input, text.at, text.len);

    check_res(html_escape(out, len, copy), (int)len);
    ck_assert_mem_eq(out, expected, len);
    for (size_t size = 0; size < len; size++)
        check_res(html_escape(fence_buffer(&output, size), size, copy),
                  -EMSGSIZE);
}

TEST(characters_of_the_page_are_escaped)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"a b.txt", "a b.txt"},
        {"<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"},
        {"\"><script>", "&quot;&gt;&lt;script&gt;"},
        {"&amp;", "&amp;amp;"},
        {"a\nb\tc\x01\x7F", "a" BAD "b" BAD "c" BAD BAD},
        {"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80", /* u umlaut, euro, smiley */
         "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\xC2\x85\xC2\xA0", BAD "\xC2\xA0"}, /* C1, and a no-break space */
    };

    for (size_t i = 0; i < countof(cases); i++)
        check_escape(view_of(cases[i][0]), cases[i][1]);
}

TEST(bytes_that_are_not_utf8_are_replaced)
{
    static const char *const cases[][2] = {
        {"a\xFF<", "a" BAD "&lt;"},
        {"\xFC", BAD},                             /* Latin-1 */
        {"\xC3", BAD},                             /* cut */
        {"\xC3<", BAD "&lt;"},                     /* cut by a character */
        {"\xE2\x82", BAD BAD},                     /* cut */
        {"\xF0\x9F\x98", BAD BAD BAD},             /* cut */
        {"\xC0\xBC", BAD BAD},                     /* "<" in two bytes */
        {"\xC1\xBF", BAD BAD},                     /* too long */
        {"\xE0\x80\xBC", BAD BAD BAD},             /* "<" in three bytes */
        {"\xF0\x80\x80\xBC", BAD BAD BAD BAD},     /* "<" in four bytes */
        {"\xED\xA0\x80", BAD BAD BAD},             /* a surrogate */
        {"\xF4\x90\x80\x80", BAD BAD BAD BAD},     /* above U+10FFFF */
        {"\xF8\x88\x80\x80\x80", BAD BAD BAD BAD BAD},
    };

    for (size_t i = 0; i < countof(cases); i++)
        check_escape(view_of(cases[i][0]), cases[i][1]);
    check_escape((struct view){"a\0b", 3}, "a" BAD "b");
}

/* A second implementation, which decodes and encodes again. */
static unsigned model_length(const unsigned char *at)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned len = at[0] < 0x80           ? 1
                   : (at[0] >> 5) == 0x06 ? 2
                   : (at[0] >> 4) == 0x0E ? 3
                   : (at[0] >> 3) == 0x1E ? 4
                                          : 0;
    unsigned value = len > 1 ? at[0] & (0x7Fu >> len) : at[0];

    for (unsigned i = 1; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3F);
    }
    if (len == 0 || value < least[len] || value > 0x10FFFF ||
        (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    return len;
}

/* All starts of three bytes, with a fourth that is well formed. */
TEST(every_start_of_three_bytes_has_the_length_of_the_model)
{
    unsigned char at[4] = {0, 0, 0, 0x80};

    for (unsigned all = 0; all < 1u << 24; all++) {
        at[0] = (unsigned char)(all >> 16);
        at[1] = (unsigned char)(all >> 8);
        at[2] = (unsigned char)all;
        if (html_utf8_length((struct view){(char *)at, 4}) != model_length(at))
            ck_abort_msg("%02x %02x %02x", at[0], at[1], at[2]);
    }
}

static void check_link(const char *name, bool is_directory,
                       const char *expected)
{
    size_t len = strlen(expected);
    char *out = fence_buffer(&output, len + 1);

    check_res(path_link(out, len + 1, view_of(name), is_directory), (int)len);
    ck_assert_str_eq(out, expected);
    check_res(path_link(out, len, view_of(name), is_directory), -ENAMETOOLONG);
}

TEST(a_link_is_percent_encoded_and_relative)
{
    check_link("a.txt", false, "a.txt");
    check_link("d", true, "d/");
    check_link("a b", false, "a%20b");
    check_link("100%", false, "100%25");
    check_link("%41", false, "%2541");
    check_link("a?b#c", false, "a%3Fb%23c");
    check_link("\"><script>", false, "%22%3E%3Cscript%3E");
    check_link("\xFF\n", false, "%FF%0A");
    check_link("a&b'c", false, "a&b'c"); /* for html_escape */
    check_link("javascript:x", false, "./javascript:x");
    check_link("c:", true, "./c:/");
    check_link("\\", false, "%5C");
}

int main(void)
{
    suite_begin("html");
    suite_add(characters_of_the_page_are_escaped);
    suite_add(bytes_that_are_not_utf8_are_replaced);
    suite_add(every_start_of_three_bytes_has_the_length_of_the_model);
    suite_add(a_link_is_percent_encoded_and_relative);
    return suite_end();
}
