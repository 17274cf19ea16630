/* http_scan_avx2.h: vectors for http_scan_avx2.c.
 * Introduced in phase 9. Needs: nothing.
 *
 * Most vectors are one byte, repeated 32 times. A separate file defines them,
 * so that the compiler does not see their values. Otherwise gcc 12 builds each
 * vector with three instructions at each use in a loop, instead of loading
 * it. */
#ifndef ONE_RING_HTTP_SCAN_AVX2_H
#define ONE_RING_HTTP_SCAN_AVX2_H

#include <stdint.h>

enum http_scan_vector {
    ALL_1F,    /* 0x1f: the highest control character except DEL */
    ALL_DEL,   /* 0x7f */
    ALL_0F,    /* a mask for the low half of a byte */
    ALL_SPACE, /* 0x20, the bit that makes a letter lower-case */
    ALL_DASH,  /* "-" */
    ALL_A,     /* moves "a" to -128 */
    ALL_Z,     /* one above "z", moved in the same way */
    /* Two tables of 16 bytes; http_scan_avx2.c explains them. Each vector has
     * its table twice, because the instruction looks up the two halves of a
     * vector separately. */
    TABLE_ROWS,
    TABLE_TARGET,
    VECTORS
};

extern const uint8_t http_scan_vectors[VECTORS][32];

#endif
