/* scan.c: the table of bytes, and the reading of sixteen at a time. */
#include "scan.h"

#include <string.h>

#include "suite.h"
#include "sys.h"

/* The grammars once more, as the RFCs write them. */
static bool is_one_of(int c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

static bool is_alphanumeric(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static void check_class(unsigned class, bool (*is_member)(int))
{
    for (int c = 0; c < 256; c++)
        ck_assert_msg(scan_is((char)c, class) == is_member(c), "byte 0x%02x",
                      c);
}

static bool is_tchar(int c)
{
    return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
}

TEST(a_token_has_the_characters_of_rfc_9110)
{
    check_class(SCAN_TOKEN, is_tchar);
}

/* unreserved, sub-delims, gen-delims; without "%", "?" and "#". Then the bytes
 * that clients send although RFC 3986 does not have them. */
static bool is_target(int c)
{
    return is_alphanumeric(c) ||
           is_one_of(c, "-._~!$&'()*+,;=:/[]@" "|^{}\"`");
}

TEST(a_target_has_the_characters_of_rfc_3986_and_six_more)
{
    check_class(SCAN_TARGET, is_target);
}

static bool is_query(int c)
{
    return c > 0x20 && c < 0x7f;
}

TEST(a_query_has_all_visible_ascii_characters)
{
    check_class(SCAN_QUERY, is_query);
}

static bool is_reg_name(int c)
{
    return is_alphanumeric(c) || is_one_of(c, "-._~!$&'()*+,;=");
}

TEST(a_host_has_the_characters_of_rfc_3986)
{
    check_class(SCAN_HOST, is_reg_name);
}

static bool is_text(int c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7f);
}

TEST(text_is_all_but_control_characters)
{
    check_class(SCAN_TEXT, is_text);
}

/* A page, with an unreadable one behind it. */
static char *map_guarded(size_t *size)
{
    void *memory;

    *size = sys_page_size();
    check_res(sys_map(&memory, 2 * *size), 0);
    check_res(sys_guard((char *)memory + *size, *size), 0);
    return memory;
}

/* Each byte at each position of runs up to 50 bytes that end at the unreadable
 * page: the fast ways find what the table finds. */
static void check_finds(const char *(*scan)(const char *, const char *),
                        unsigned class, char filler)
{
    size_t size;
    char *end = map_guarded(&size);

    end += size;
    for (size_t len = 0; len <= 50; len++) {
        char *start = end - len;

        memset(start, filler, len);
        check(scan(start, end) == end);
        for (size_t i = 0; i < len; i++) {
            for (int c = 0; c < 256; c++) {
                start[i] = (char)c;
                ck_assert_msg(scan(start, end) == scan_run(start, end, class),
                              "byte 0x%02x at %zu of %zu", c, i, len);
            }
            start[i] = filler;
        }
    }
}

TEST(text_is_found_sixteen_bytes_at_a_time)
{
    check_finds(scan_text, SCAN_TEXT, 'a');
    check_finds(scan_text, SCAN_TEXT, '\t');
    check_finds(scan_text, SCAN_TEXT, '~');
    check_finds(scan_text, SCAN_TEXT, '\xff');
}

TEST(tokens_are_found_sixteen_bytes_at_a_time)
{
    check_finds(scan_token, SCAN_TOKEN, 'a');
    check_finds(scan_token, SCAN_TOKEN, '-');
    check_finds(scan_token, SCAN_TOKEN, '!');
}

int main(void)
{
    suite_begin("scan");
    suite_add(a_token_has_the_characters_of_rfc_9110);
    suite_add(a_target_has_the_characters_of_rfc_3986_and_six_more);
    suite_add(a_query_has_all_visible_ascii_characters);
    suite_add(a_host_has_the_characters_of_rfc_3986);
    suite_add(text_is_all_but_control_characters);
    suite_add(text_is_found_sixteen_bytes_at_a_time);
    suite_add(tokens_are_found_sixteen_bytes_at_a_time);
    return suite_end();
}
