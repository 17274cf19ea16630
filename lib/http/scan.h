/* scan.h: the classes of bytes, and the end of a run of bytes of one class.
 * Introduced in phase 9. Needs: nothing.
 *
 * A parser of text must decide for each byte whether it may be part of the
 * current element. A table of 256 entries has the answers. The state machine
 * looks up one byte at a time. http_scan.h classifies many bytes at a time, by
 * comparisons. tests/phase9/scan.c checks that these comparisons agree with the
 * table. */
#ifndef ONE_RING_SCAN_H
#define ONE_RING_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The classes of a byte, one bit each. */
enum {
    SCAN_TOKEN = 1,  /* in a method or a field's name (RFC 9110 5.6.2) */
    SCAN_TARGET = 2, /* in a target before its query, except "%" and "?" */
    SCAN_HOST = 4,   /* in a registered name (RFC 3986 3.2.2), except "%" */
    SCAN_TEXT = 8,   /* in a field's value: blanks, visible, 0x80 to 0xff */
    SCAN_QUERY = 16  /* in a query: visible ASCII */
};

extern const uint8_t scan_class[256];

/* Returns true if c is in one of the classes. */
static inline bool scan_is(char c, unsigned class)
{
    return (scan_class[(unsigned char)c] & class) != 0;
}

/* Returns a pointer to the first byte from p on that is not in the class, or
 * end. */
static inline const char *scan_run(const char *p, const char *end,
                                   unsigned class)
{
    while (p != end && scan_is(*p, class))
        p++;
    return p;
}

/* Sixteen bytes to compare at once. gcc and clang compile each operation to one
 * instruction if the CPU has it (SSE2, NEON), otherwise to several. A
 * comparison sets a byte of its result to 0xff where it is true. */
typedef uint8_t scan_vector __attribute__((vector_size(16)));
typedef int8_t scan_signed __attribute__((vector_size(16)));

/* Compares each byte with a range. The result is 0xff for each byte with
 * from <= byte < from + len, and 0 for the others. len is at most 128. SSE2 can
 * only compare signed bytes. So this function moves the start of the range to
 * -128, the smallest signed byte. Then one comparison is enough. */
static inline scan_vector scan_in_range(scan_vector v, uint8_t from, int len)
{
    return (scan_vector)((scan_signed)(v - (uint8_t)(from + 128)) <
                         (signed char)(len - 128));
}

/* Returns a bitmap: bit i is the highest bit of byte i. */
static inline unsigned scan_bitmap(scan_vector v)
{
#ifdef __SSE2__
    return (unsigned)_mm_movemask_epi8((__m128i)v);
#else
    unsigned bits = 0;

    for (unsigned i = 0; i < 16; i++)
        bits |= (unsigned)(v[i] >> 7) << i;
    return bits;
#endif
}

/* Returns a bitmap of the bytes of p[0..16) that are not letters, digits, "-"
 * or ".". SCAN_HOST allows a few of these bytes, but most hosts do not have
 * them. */
static inline unsigned scan_not_host(const char *p)
{
    scan_vector v, is_host;

    memcpy(&v, p, sizeof v);
    is_host = scan_in_range(v | 0x20, 'a', 26) |
              scan_in_range(v, '-', '9' + 1 - '-'); /* and "." and "/" */
    return scan_bitmap(~is_host | (scan_vector)(v == '/'));
}

/* Returns a bitmap of the bytes of p[0..16) that are colons. */
static inline unsigned scan_colons(const char *p)
{
    scan_vector v;

    memcpy(&v, p, sizeof v);
    return scan_bitmap((scan_vector)(v == ':'));
}

/* Returns a bitmap of the bytes of p[0..16) that are not digits. */
static inline unsigned scan_not_digit(const char *p)
{
    scan_vector v;

    memcpy(&v, p, sizeof v);
    return scan_bitmap(~scan_in_range(v, '0', 10));
}

#endif
