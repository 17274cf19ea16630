/* scan.h: finds the end of a run of allowed bytes, up to sixteen at a time.
 * Introduced in phase 9. Needs: nothing.
 *
 * A text parser spends most of its time finding the first byte outside a class.
 * This file finds it in two ways. The first looks up each byte in a table of
 * 256 entries. The second compares sixteen bytes at once, because field names
 * and values are long runs. Both give the same result: tests/phase9/scan.c
 * compares them. */
#ifndef ONE_RING_SCAN_H
#define ONE_RING_SCAN_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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
 * instruction if the CPU has it (SSE2, NEON), otherwise to several. */
typedef uint8_t scan_vector __attribute__((vector_size(16)));

/* Returns the sixteen bytes at p, which need not be aligned. */
static inline scan_vector scan_load(const char *p)
{
    scan_vector v;

    memcpy(&v, p, sizeof v);
    return v;
}

/* Returns the index of the first byte of v that is not 0, or 16. */
static inline unsigned scan_first(scan_vector v)
{
    uint64_t half[2];

    memcpy(half, &v, sizeof half);
    if (half[0] != 0)
        return (unsigned)__builtin_ctzll(le64toh(half[0])) / 8;
    if (half[1] != 0)
        return 8 + (unsigned)__builtin_ctzll(le64toh(half[1])) / 8;
    return 16;
}

/* Returns the result of scan_run for SCAN_TEXT, but checks sixteen bytes at a
 * time. The table checks the last few bytes, so that this reads no byte at or
 * beyond end. */
static inline const char *scan_text(const char *p, const char *end)
{
    while (end - p >= 16) {
        scan_vector v = scan_load(p);
        unsigned n = scan_first((scan_vector)((v < 0x20) | (v == 0x7f)));

        p += n;
        if (n == 16)
            continue;
        if (*p != '\t') /* the only control character allowed */
            return p;
        p++;
    }
    return scan_run(p, end, SCAN_TEXT);
}

/* Returns the result of scan_run for SCAN_TOKEN, but checks letters and dashes
 * sixteen at a time, because most names have no other bytes. The table checks
 * the rest. */
static inline const char *scan_token(const char *p, const char *end)
{
    while (end - p >= 16) {
        scan_vector v = scan_load(p);
        scan_vector letter = (v | 0x20) - 'a'; /* 0 to 25 for a letter */
        unsigned n = scan_first((scan_vector)((letter > 25) & (v != '-')));

        p += n;
        if (n < 16)
            break;
    }
    return scan_run(p, end, SCAN_TOKEN);
}

#endif
