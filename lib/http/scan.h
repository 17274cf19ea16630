/* scan.h: how far a run of allowed bytes goes: a table, and sixteen at a time.
 * Introduced in phase 9. Needs: nothing.
 *
 * A parser of text spends its time finding the first byte that does not belong.
 * Two ways: a table of 256 entries says of each byte what it may be part of;
 * and for the long runs, names and values of fields, sixteen bytes are compared
 * at once. Both give the same answer: tests/phase9/scan.c. */
#ifndef ONE_RING_SCAN_H
#define ONE_RING_SCAN_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* What a byte may be part of; one bit each. */
enum {
    SCAN_TOKEN = 1,  /* a method or a field's name (RFC 9110 5.6.2) */
    SCAN_TARGET = 2, /* a URI (RFC 3986 2) but for "%", "?" and "#" */
    SCAN_HOST = 4,   /* a registered name (RFC 3986 3.2.2) but for "%" */
    SCAN_TEXT = 8    /* a field's value: blanks, visible, 0x80 to 0xff */
};

extern const uint8_t scan_class[256];

static inline bool scan_is(char c, unsigned class)
{
    return (scan_class[(unsigned char)c] & class) != 0;
}

/* The first byte from p on that is not of the class; end if all are. */
static inline const char *scan_run(const char *p, const char *end,
                                   unsigned class)
{
    while (p != end && scan_is(*p, class))
        p++;
    return p;
}

/* Sixteen bytes that are compared at once: gcc and clang make one instruction
 * of each operation where the machine has it (SSE2, NEON), more where not. */
typedef uint8_t scan_vector __attribute__((vector_size(16)));

static inline scan_vector scan_load(const char *p)
{
    scan_vector v;

    memcpy(&v, p, sizeof v); /* p has no alignment */
    return v;
}

/* The index of the first byte of v that is not 0; 16 if there is none. */
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

/* scan_run for SCAN_TEXT, sixteen bytes at a time. Reads nothing at or beyond
 * end: the last few bytes go through the table. */
static inline const char *scan_text(const char *p, const char *end)
{
    while (end - p >= 16) {
        scan_vector v = scan_load(p);
        unsigned n = scan_first((scan_vector)((v < 0x20) | (v == 0x7f)));

        p += n;
        if (n == 16)
            continue;
        if (*p != '\t') /* the one control that a value may hold */
            return p;
        p++;
    }
    return scan_run(p, end, SCAN_TEXT);
}

/* scan_run for SCAN_TOKEN: most names are letters and dashes, and the table is
 * asked about the byte behind these. */
static inline const char *scan_token(const char *p, const char *end)
{
    while (end - p >= 16) {
        scan_vector v = scan_load(p);
        scan_vector letter = (v | 0x20) - 'a'; /* 0 to 25, or it is none */
        unsigned n = scan_first((scan_vector)((letter > 25) & (v != '-')));

        p += n;
        if (n < 16)
            break;
    }
    return scan_run(p, end, SCAN_TOKEN);
}

#endif
