/* http_scan_sse2.c: the scan with SSE2 of x86-64; see http_scan.h.
 * Introduced in phase 9. Needs: http_scan_block.h, http_scan_fields.h,
 * http_scan_line.h, http_scan_sets.h.
 *
 * A comparison of two vectors of 16 bytes sets each byte of its result to 0xff
 * or 0x00. movemask converts the result to a bitmap. */
#ifdef __x86_64__
#include <emmintrin.h>

#include "http_scan_block.h"
#include "http_scan_fields.h"
#include "http_scan_line.h"
#include "http_scan_sets.h"

/* The same byte sixteen times. */
#define ALL(byte) _mm_set1_epi8((char)(byte))

SCAN_INLINE __m128i sse2_load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

SCAN_INLINE uint32_t controls_of_16(const char *p)
{
    __m128i v = sse2_load(p);
    __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(v, ALL(0x1f)), v);
    __m128i is_del = _mm_cmpeq_epi8(v, ALL(0x7f));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(is_low, is_del));
}

SCAN_INLINE uint32_t sse2_controls(const char *p)
{
    return controls_of_16(p) | controls_of_16(p + 16) << 16;
}

SCAN_INLINE uint32_t sse2_not_target(const char *p)
{
    __m128i v = sse2_load(p);
    /* The comparison is signed, so it sees the bytes from 0x80 on as negative.
     * It compares v + 1 instead of v, so that DEL (0x7f) becomes negative,
     * too. */
    __m128i is_visible =
        _mm_cmpgt_epi8(_mm_add_epi8(v, ALL(1)), ALL(0x21));
    /* The mask turns "?" into ">". */
    __m128i is_bad = _mm_cmpeq_epi8(_mm_and_si128(v, ALL(0xfe)), ALL('>'));

    is_bad = _mm_or_si128(is_bad, _mm_cmpeq_epi8(v, ALL('<')));
    is_bad = _mm_or_si128(is_bad, _mm_cmpeq_epi8(v, ALL('#')));
    is_bad = _mm_or_si128(is_bad, _mm_cmpeq_epi8(v, ALL('%')));
    is_bad = _mm_or_si128(is_bad, _mm_cmpeq_epi8(v, ALL('\\')));
    return (uint32_t)_mm_movemask_epi8(_mm_andnot_si128(is_bad, is_visible)) ^
           0xffff;
}

/* Accepts only letters and "-": most names have no other bytes. */
SCAN_INLINE uint32_t sse2_not_name(const char *p)
{
    __m128i v = sse2_load(p);
    /* The sum is -128 to -103 for a letter, and above that for other bytes. */
    __m128i letter = _mm_add_epi8(_mm_or_si128(v, ALL(0x20)), ALL(-'a' - 128));
    __m128i is_name = _mm_cmpgt_epi8(ALL(26 - 128), letter);

    is_name = _mm_or_si128(is_name, _mm_cmpeq_epi8(v, ALL('-')));
    return (uint32_t)_mm_movemask_epi8(is_name) ^ 0x1ffff;
}

const struct scan_ops http_scan_sse2_ops = {
    sse2_controls, sse2_not_target, sse2_not_name, 16};

HTTP_SCAN_DEFINE(sse2, )
#endif
