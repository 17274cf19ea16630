/* http_scan_avx2.h: vectors for http_scan_avx2.c.
 * Introduced in phase 9. Needs: nothing.
 *
 * Each vector is one byte, repeated 32 times. A separate file defines them, so
 * that the compiler does not see their values. Otherwise gcc 12 builds each
 * vector with three instructions at each use in a loop, instead of loading
 * it. */
#ifndef ONE_RING_HTTP_SCAN_AVX2_H
#define ONE_RING_HTTP_SCAN_AVX2_H

#include <stdint.h>

enum http_scan_byte {
    BYTE_1F,      /* 0x1f: the highest control character except DEL */
    BYTE_DEL,     /* 0x7f */
    BYTE_SPACE,   /* 0x20, and the bit that makes a letter lower-case */
    BYTE_FC,      /* a mask that clears the lowest two bits */
    BYTE_3C,      /* "<", "=", ">" and "?" with that mask */
    BYTE_HASH,    /* "#" */
    BYTE_PERCENT, /* "%" */
    BYTE_BACK,    /* "\" */
    BYTE_DASH,    /* "-" */
    BYTE_A,       /* moves "a" to -128 */
    BYTE_Z,       /* one above "z", moved in the same way */
    BYTES
};

extern const uint8_t http_scan_bytes[BYTES][32];

#endif
