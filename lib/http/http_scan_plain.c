/* http_scan_plain.c: the scan in plain C, for any CPU; see http_scan.h.
 * Introduced in phase 9. Needs: http_scan_block.h, http_scan_fields.h,
 * http_scan_line.h, http_scan_sets.h, scan.h.
 *
 * What it teaches: a 64-bit number is a vector of eight bytes. One addition
 * adds to all eight, as long as none of them carries into the next. */
#include <endian.h>
#include <string.h>

#include "http_scan_block.h"
#include "http_scan_fields.h"
#include "http_scan_line.h"
#include "http_scan_sets.h"
#include "scan.h"

#define EACH 0x0101010101010101u /* times b: b in each of the eight bytes */

/* Returns a bitmap of eight bits: the control characters of p[0..8). */
SCAN_INLINE uint32_t controls_of_8(const char *p)
{
    uint64_t v, low, is_low, is_del;

    memcpy(&v, p, sizeof v);
    v = le64toh(v); /* p[0] becomes the lowest byte */
    low = v & EACH * 0x7f;
    /* In each byte, both sums are at most 0xdf, so they do not carry. The
     * highest bit of the first sum is set if low is at least 0x20. The highest
     * bit of the second sum is set if low is 0x7f. */
    is_low = ~(low + EACH * 0x60);
    is_del = low + EACH;
    v = (is_low | is_del) & ~v & EACH * 0x80; /* not 0x80 to 0xff */
    /* The multiplication moves the highest bit of byte i to bit 56 + i. */
    return (uint32_t)((v >> 7) * 0x0102040810204080u >> 56);
}

SCAN_INLINE uint32_t plain_controls(const char *p)
{
    return controls_of_8(p) | controls_of_8(p + 8) << 8 |
           controls_of_8(p + 16) << 16 | controls_of_8(p + 24) << 24;
}

/* Returns a bitmap with one bit: that of the first byte of p[0..len) that is
 * not in the class, or bit len if all bytes are in the class. */
SCAN_INLINE uint32_t first_not(const char *p, size_t len, unsigned class)
{
    const char *end = scan_run(p, p + len, class);

    return (uint32_t)1 << (end - p);
}

SCAN_INLINE uint32_t plain_not_target(const char *p)
{
    return first_not(p, 16, SCAN_TARGET) & 0xffff;
}

SCAN_INLINE uint32_t plain_not_name(const char *p)
{
    return first_not(p, 16, SCAN_TOKEN);
}

const struct scan_ops http_scan_plain_ops = {
    plain_controls, plain_not_target, plain_not_name, 16};

HTTP_SCAN_DEFINE(plain, )
