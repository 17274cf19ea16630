/* scan.c: the table of bytes, and the questions about many bytes at once. */
#include "scan.h"

#include <string.h>

#include "http_scan.h"

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

/* Returns a page's last len bytes. The next page is unreadable. */
static char *map_guarded(size_t len)
{
    size_t size = sys_page_size();
    void *memory;

    check_res(sys_map(&memory, 2 * size), 0);
    check_res(sys_guard((char *)memory + size, size), 0);
    return (char *)memory + size - len;
}

static bool is_control(int c)
{
    return c < 0x20 || c == 0x7f;
}

/* Checks bit i of the answer about p, whose byte i is c. The bit must be set if
 * c is not a member. If c is a member, and one of usual, it must not be set. */
static void check_bit(uint32_t answer, size_t i, bool is_member, bool is_usual,
                      int c)
{
    bool is_set = answer >> i & 1;

    if (!is_member)
        ck_assert_msg(is_set, "byte 0x%02x at %zu", c, i);
    else if (is_usual)
        ck_assert_msg(!is_set, "byte 0x%02x at %zu", c, i);
}

/* Puts each byte at each of len positions, among fillers, and asks. */
static void check_question(uint32_t (*ask)(const char *), size_t len,
                           bool (*is_member)(int), const char *usual)
{
    static const char fillers[] = "a\t~\xff";
    char *p = map_guarded(len);

    for (size_t at = 0; at < len * (sizeof fillers - 1); at++) {
        size_t i = at % len;

        memset(p, fillers[at / len], len);
        for (int c = 0; c < 256; c++) {
            p[i] = (char)c;
            check_bit(ask(p), i, is_member(c), is_one_of(c, usual), c);
        }
    }
}

/* The plain scan reports only the first byte that is not a member, so nothing
 * is known of those behind it. */
static void check_first(uint32_t (*ask)(const char *), size_t len,
                        bool (*is_member)(int), const char *usual)
{
    char *p = map_guarded(len);

    for (size_t i = 0; i < len; i++) {
        memset(p, 'a', len);
        for (int c = 0; c < 256; c++) {
            p[i] = (char)c;
            check((ask(p) & ((UINT32_C(1) << i) - 1)) == 0);
            check_bit(ask(p), i, is_member(c), is_one_of(c, usual), c);
        }
    }
}

static bool is_not_control(int c)
{
    return !is_control(c);
}

static void each_scan(void (*check_ops)(const struct scan_ops *))
{
    for (const struct http_scan *scan = http_scans; scan->name != NULL; scan++)
        if (scan->ops != NULL && scan->is_supported())
            check_ops(scan->ops);
}

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";

static void check_controls(const struct scan_ops *ops)
{
    char usual[256];

    for (int c = 1; c < 256; c++)
        usual[c - 1] = (char)c;
    usual[255] = '\0';
    check_question(ops->controls, 32, is_not_control, usual);
}

TEST(each_scan_finds_exactly_the_control_characters)
{
    each_scan(check_controls);
}

static void check_targets(const struct scan_ops *ops)
{
    char usual[256];
    size_t count = 0;

    for (int c = 1; c < 256; c++)
        if (is_target(c))
            usual[count++] = (char)c;
    usual[count] = '\0';
    check_first(ops->not_target, ops->target_len, is_target, usual);
}

TEST(each_scan_finds_exactly_the_bytes_that_are_not_in_a_target)
{
    each_scan(check_targets);
}

static void check_names(const struct scan_ops *ops)
{
    static const char longest[] = "abcdefghijklmnop:";

    check_first(ops->not_name, 16, is_tchar, letters);
    check(ops->not_name(longest) == 1u << 16);
}

TEST(each_scan_finds_all_bytes_that_are_not_in_a_name)
{
    each_scan(check_names);
}

static bool is_ldh(int c)
{
    return is_alphanumeric(c) || is_one_of(c, "-.");
}

static uint32_t not_host(const char *p)
{
    return scan_not_host(p);
}

TEST(a_usual_host_has_letters_digits_dashes_and_dots)
{
    check_question(not_host, 16, is_ldh, letters);
    check_question(not_host, 16, is_ldh, "0123456789-.");
}

TEST(the_fastest_supported_scan_is_chosen)
{
    const struct http_scan *best = NULL;

    for (const struct http_scan *scan = http_scans; scan->name != NULL; scan++)
        if (scan->is_supported())
            best = scan;
    check(best != NULL && http_scan_current() == best);
    http_scan_use(http_scans);
    check(http_scan_current() == http_scans);
    http_scan_use(NULL);
    check(http_scan_current() == best);
}

int main(void)
{
    suite_begin("scan");
    suite_add(a_token_has_the_characters_of_rfc_9110);
    suite_add(a_target_has_the_characters_of_rfc_3986_and_six_more);
    suite_add(a_query_has_all_visible_ascii_characters);
    suite_add(a_host_has_the_characters_of_rfc_3986);
    suite_add(text_is_all_but_control_characters);
    suite_add(each_scan_finds_exactly_the_control_characters);
    suite_add(each_scan_finds_exactly_the_bytes_that_are_not_in_a_target);
    suite_add(each_scan_finds_all_bytes_that_are_not_in_a_name);
    suite_add(a_usual_host_has_letters_digits_dashes_and_dots);
    suite_add(the_fastest_supported_scan_is_chosen);
    return suite_end();
}
