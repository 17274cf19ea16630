/* range.c: the part of a file that a Range field requests.
 *
 * Test of lib/range. Needs: suite.h, fence.h, range.h. */
#include "range.h"

#include <stdio.h>
#include <string.h>

#include "fence.h"
#include "suite.h"

static struct fence input;

static void check_range(const char *text, uint64_t size, int status,
                        uint64_t at, uint64_t len)
{
    struct range range = {77, 77};
    int got = range_parse(fence_text(&input, text), size, &range);

    ck_assert_msg(got == status && range.at == at && range.len == len,
                  "%s of %ju: %d, %ju bytes at %ju", text, (uintmax_t)size, got,
                  (uintmax_t)range.len, (uintmax_t)range.at);
}

static void check_part(const char *text, uint64_t at, uint64_t len)
{
    check_range(text, 1000, 206, at, len);
}

static void check_ignored(const char *text)
{
    check_range(text, 1000, 200, 0, 1000);
}

static void check_beyond(const char *text)
{
    check_range(text, 1000, 416, 0, 1000);
}

TEST(a_range_has_a_first_and_a_last_byte)
{
    check_part("bytes=0-0", 0, 1);
    check_part("bytes=0-499", 0, 500);
    check_part("bytes=500-999", 500, 500);
    check_part("bytes=999-999", 999, 1);
    check_part("BYTES=0-0", 0, 1);
    check_part("bytes=000-0001", 0, 2);
}

TEST(an_end_that_is_left_out_is_the_end_of_the_file)
{
    check_part("bytes=0-", 0, 1000);
    check_part("bytes=999-", 999, 1);
    check_part("bytes=-1", 999, 1);
    check_part("bytes=-999", 1, 999);
    check_part("bytes=-1000", 0, 1000);
}

TEST(an_end_beyond_the_file_is_the_end_of_the_file)
{
    check_part("bytes=0-1000", 0, 1000);
    check_part("bytes=999-5000", 999, 1);
    check_part("bytes=-1001", 0, 1000);
    check_part("bytes=-99999", 0, 1000);
}

TEST(a_range_without_a_byte_of_the_file_is_416)
{
    check_beyond("bytes=1000-");
    check_beyond("bytes=1000-1000");
    check_beyond("bytes=5000-6000");
    check_beyond("bytes=-0");
    check_beyond("bytes=-000");
}

TEST(a_number_of_any_length_does_not_overflow)
{
    check_part("bytes=0-18446744073709551615", 0, 1000);
    check_part("bytes=0-18446744073709551616", 0, 1000);
    check_part("bytes=1-99999999999999999999999999999999", 1, 999);
    check_part("bytes=-18446744073709551615", 0, 1000);
    check_part("bytes=-18446744073709551616", 0, 1000);
    check_beyond("bytes=18446744073709551615-");
    check_beyond("bytes=18446744073709551616-");
    check_beyond("bytes=18446744073709551616-18446744073709551617");
    check_beyond("bytes=18446744073709552616-"); /* 1000 modulo 2^64 */
    check_ignored("bytes=18446744073709551616-5");
    check_range("bytes=0-", UINT64_MAX, 206, 0, UINT64_MAX);
    check_range("bytes=0-18446744073709551615", UINT64_MAX, 206, 0, UINT64_MAX);
    check_range("bytes=18446744073709551614-", UINT64_MAX, 206, UINT64_MAX - 1,
                1);
    check_range("bytes=-1", UINT64_MAX, 206, UINT64_MAX - 1, 1);
    check_range("bytes=18446744073709551615-", UINT64_MAX, 416, 0, UINT64_MAX);
}

TEST(several_ranges_are_ignored)
{
    check_ignored("bytes=0-0,1-1");
    check_ignored("bytes=0-0, -1");
    check_ignored("bytes=0-,0-,0-,0-");
    check_ignored("bytes=5000-,6000-");
    check_ignored("bytes=0-0,x");
}

TEST(one_range_may_be_a_list_with_empty_elements)
{
    check_part("bytes=0-0,", 0, 1);
    check_part("bytes=,0-0", 0, 1);
    check_part("bytes=, ,\t0-0 , ", 0, 1);
    check_ignored("bytes=");
    check_ignored("bytes=,");
    check_ignored("bytes= , ,");
}

TEST(text_that_is_not_a_range_is_ignored)
{
    static const char *const texts[] = {
        "", "bytes", "bytes=-", "bytes=0", "bytes=a-b", "bytes=0-x",
        "bytes=x-0", "bytes=-x", "bytes=--1", "bytes=1--2", "bytes=0-0-0",
        "bytes=+0-1", "bytes=0-+1", "bytes=0 - 1", "bytes=0- 1", "bytes=0 -1",
        "bytes =0-1", "bytes:0-1", "byte=0-1", "bytess=0-1", "items=0-1",
        "0-1", "=0-1", "bytes=0x0-0x1", "bytes=0-1;q=1", "bytes 0-1/1000",
        "bytes=1-0", "bytes=999-998", "bytes=5000-4999",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_ignored(texts[i]);
}

TEST(an_empty_file_has_no_ranges)
{
    check_range("bytes=0-", 0, 200, 0, 0);
    check_range("bytes=0-0", 0, 200, 0, 0);
    check_range("bytes=-1", 0, 200, 0, 0);
    check_range("bytes=-0", 0, 200, 0, 0);
    check_range("bytes=5-", 0, 200, 0, 0);
}

/* A range and a suffix of a small file, with the bytes counted one by one. */
static void check_counted(unsigned size, unsigned first, unsigned last)
{
    unsigned suffix = last + 1, suffix_len = suffix < size ? suffix : size;
    unsigned len = 0;
    char text[32];

    for (unsigned byte = first; byte <= last; byte++)
        len += byte < size;
    snprintf(text, sizeof text, "bytes=%u-%u", first, last);
    if (len > 0)
        check_range(text, size, 206, first, len);
    else
        check_range(text, size, 416, 0, size);
    snprintf(text, sizeof text, "bytes=-%u", suffix);
    check_range(text, size, 206, size - suffix_len, suffix_len);
}

TEST(every_range_of_a_small_file_has_the_bytes_that_it_names)
{
    for (unsigned size = 1; size < 8; size++)
        for (unsigned first = 0; first < 10; first++)
            for (unsigned last = first; last < 10; last++)
                check_counted(size, first, last);
}

/* The range of a list without a comma, for a file of 20 bytes, written down a
 * second time: by the C library, which range.c does not use. */
static int model(char *text, uint64_t *at, uint64_t *len)
{
    unsigned first, last;
    char rest;

    *at = 0;
    *len = 20;
    text += strspn(text, " ,");
    for (size_t n = strlen(text); n > 0 && strchr(" ,", text[n - 1]); n--)
        text[n - 1] = '\0';
    if (strspn(text, "0123456789-") != strlen(text) ||
        strchr(text, '-') != strrchr(text, '-'))
        return 200;
    if (sscanf(text, "-%u%c", &last, &rest) == 1) {
        *len = last < 20 ? last : 20;
        *at = 20 - *len;
    } else if (sscanf(text, "%u-%u%c", &first, &last, &rest) == 2 &&
               first <= last) {
        *at = first;
        *len = first < 20 ? (last < 20 ? last : 19) - first + 1 : 0;
    } else if (sscanf(text, "%u-%c", &first, &rest) == 1 &&
               strchr(text, '-') != NULL && strchr(text, '-')[1] == '\0') {
        *at = first;
        *len = first < 20 ? 20 - first : 0;
    } else {
        return 200;
    }
    if (*len > 0)
        return 206;
    *at = 0;
    *len = 20;
    return 416;
}

TEST(every_short_text_is_read_as_the_model_reads_it)
{
    static const char letters[] = {'0', '1', '9', '-', ',', ' ', 'x'};
    char text[16] = "bytes=", copy[16];

    for (unsigned n = 0; n < 7 * 7 * 7 * 7 * 7 * 7; n++) {
        uint64_t at, len;
        unsigned i = 6, rest = n;
        int status;

        for (; i < 12 && rest > 0; rest /= 7)
            text[i++] = letters[rest % 7];
        text[i] = '\0';
        strcpy(copy, text + 6);
        status = model(copy, &at, &len);
        check_range(text, 20, status, at, len);
    }
}

int main(void)
{
    suite_begin("range");
    suite_add(a_range_has_a_first_and_a_last_byte);
    suite_add(an_end_that_is_left_out_is_the_end_of_the_file);
    suite_add(an_end_beyond_the_file_is_the_end_of_the_file);
    suite_add(a_range_without_a_byte_of_the_file_is_416);
    suite_add(a_number_of_any_length_does_not_overflow);
    suite_add(several_ranges_are_ignored);
    suite_add(one_range_may_be_a_list_with_empty_elements);
    suite_add(text_that_is_not_a_range_is_ignored);
    suite_add(an_empty_file_has_no_ranges);
    suite_add(every_range_of_a_small_file_has_the_bytes_that_it_names);
    suite_add(every_short_text_is_read_as_the_model_reads_it);
    return suite_end();
}
