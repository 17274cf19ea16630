/* http_scan_bytes.c: vectors for http_scan_avx2.c; see http_scan_avx2.h.
 * Introduced in phase 9. Needs: http_scan_avx2.h. */
#include "http_scan_avx2.h"

#define TIMES_4(b) b, b, b, b
#define TIMES_32(b)                                                            \
    {TIMES_4(b), TIMES_4(b), TIMES_4(b), TIMES_4(b),                           \
     TIMES_4(b), TIMES_4(b), TIMES_4(b), TIMES_4(b)}
#define TWICE(...) {__VA_ARGS__, __VA_ARGS__}

_Alignas(32) const uint8_t http_scan_vectors[VECTORS][32] = {
    [ALL_1F] = TIMES_32(0x1f),
    [ALL_DEL] = TIMES_32(0x7f),
    [ALL_0F] = TIMES_32(0x0f),
    [ALL_SPACE] = TIMES_32(0x20),
    [ALL_DASH] = TIMES_32('-'),
    [ALL_A] = TIMES_32((uint8_t)(-'a' - 128)),
    [ALL_Z] = TIMES_32((uint8_t)(26 - 128)),
    /* One bit for each of the rows 0x20 to 0x70 of the ASCII chart. */
    [TABLE_ROWS] = TWICE(0, 0, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20,
                         0, 0, 0, 0, 0, 0, 0, 0),
    /* For each column of the chart, the rows whose character is in the class.
     * tests/phase9/scan.c compares these tables with scan.c. */
    [TABLE_TARGET] = TWICE(0x3e, 0x3f, 0x3f, 0x3e, 0x3f, 0x3e, 0x3f, 0x3f,
                           0x3f, 0x3f, 0x3f, 0x3f, 0x35, 0x3f, 0x3d, 0x1d),
};
