/* http_scan_neon.c: the scan with NEON of aarch64; see http_scan.h.
 * Introduced in phase 9. Needs: http_scan_block.h, http_scan_fields.h,
 * http_scan_line.h, http_scan_sets.h.
 *
 * The comparisons are those of http_scan_sse2.c. NEON has no instruction that
 * makes a bitmap, such as SSE2's movemask, so three pairwise additions make
 * it. */
#ifdef __aarch64__
#include <arm_neon.h>

#include "http_scan_block.h"
#include "http_scan_fields.h"
#include "http_scan_line.h"
#include "http_scan_sets.h"

#define ALL(byte) vdupq_n_u8(byte)

SCAN_INLINE uint8x16_t neon_load(const char *p)
{
    return vld1q_u8((const uint8_t *)p);
}

/* Returns a bitmap of the 32 bytes of a and b, which are each 0x00 or 0xff.
 * Byte i keeps only bit i % 8, so the sum of eight neighbours is eight bits of
 * the bitmap. */
SCAN_INLINE uint32_t bitmap_of(uint8x16_t a, uint8x16_t b)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                     1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bit = vld1q_u8(bits), sum;

    sum = vpaddq_u8(vandq_u8(a, bit), vandq_u8(b, bit));
    sum = vpaddq_u8(sum, sum);
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u32(vreinterpretq_u32_u8(sum), 0);
}

SCAN_INLINE uint8x16_t is_control(uint8x16_t v)
{
    return vorrq_u8(vcltq_u8(v, ALL(0x20)), vceqq_u8(v, ALL(0x7f)));
}

SCAN_INLINE uint32_t neon_controls(const char *p)
{
    return bitmap_of(is_control(neon_load(p)), is_control(neon_load(p + 16)));
}

SCAN_INLINE uint32_t neon_not_target(const char *p)
{
    uint8x16_t v = neon_load(p);
    /* A bad byte is outside 0x21 to 0x7e, or is one of < > ? # % and \. */
    uint8x16_t is_bad = vcgtq_u8(vsubq_u8(v, ALL(0x21)), ALL(0x7e - 0x21));

    is_bad = vorrq_u8(is_bad, vceqq_u8(v, ALL('<')));
    is_bad = vorrq_u8(is_bad, /* > and ? */
                      vceqq_u8(vandq_u8(v, ALL(0xfe)), ALL('>')));
    is_bad = vorrq_u8(is_bad, vceqq_u8(v, ALL('#')));
    is_bad = vorrq_u8(is_bad, vceqq_u8(v, ALL('%')));
    is_bad = vorrq_u8(is_bad, vceqq_u8(v, ALL('\\')));
    return bitmap_of(is_bad, ALL(0));
}

SCAN_INLINE uint32_t neon_not_name(const char *p)
{
    uint8x16_t v = neon_load(p);
    uint8x16_t letter = vsubq_u8(vorrq_u8(v, ALL(0x20)), ALL('a'));
    uint8x16_t is_name =
        vorrq_u8(vcleq_u8(letter, ALL(25)), vceqq_u8(v, ALL('-')));

    return (bitmap_of(vmvnq_u8(is_name), ALL(0)) & 0xffff) | 0x10000;
}

const struct scan_ops http_scan_neon_ops = {
    neon_controls, neon_not_target, neon_not_name, 16};

HTTP_SCAN_DEFINE(neon, )
#endif
