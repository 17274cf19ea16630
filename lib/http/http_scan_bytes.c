/* http_scan_bytes.c: vectors for http_scan_avx2.c; see http_scan_avx2.h.
 * Introduced in phase 9. Needs: http_scan_avx2.h. */
#include "http_scan_avx2.h"

#define TIMES_4(b) b, b, b, b
#define TIMES_32(b)                                                            \
    {TIMES_4(b), TIMES_4(b), TIMES_4(b), TIMES_4(b),                           \
     TIMES_4(b), TIMES_4(b), TIMES_4(b), TIMES_4(b)}

_Alignas(32) const uint8_t http_scan_bytes[BYTES][32] = {
    [BYTE_1F] = TIMES_32(0x1f),
    [BYTE_DEL] = TIMES_32(0x7f),
    [BYTE_SPACE] = TIMES_32(0x20),
    [BYTE_FC] = TIMES_32(0xfc),
    [BYTE_3C] = TIMES_32(0x3c),
    [BYTE_HASH] = TIMES_32('#'),
    [BYTE_PERCENT] = TIMES_32('%'),
    [BYTE_BACK] = TIMES_32('\\'),
    [BYTE_DASH] = TIMES_32('-'),
    [BYTE_A] = TIMES_32((uint8_t)(-'a' - 128)),
    [BYTE_Z] = TIMES_32((uint8_t)(26 - 128)),
};
