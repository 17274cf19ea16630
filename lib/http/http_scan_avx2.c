/* http_scan_avx2.c: the scan with AVX2, 32 bytes per vector; see http_scan.h.
 * Introduced in phase 9. Needs: http_scan_avx2.h, http_scan_block.h,
 * http_scan_fields.h, http_scan_line.h, http_scan_sets.h.
 *
 * http_scan_sse2.c explains the comparisons. AVX2 can also look up 32 bytes at
 * once in a table of 16 entries. The high half of a byte is its row in the
 * ASCII chart, and the low half is its column. So two tables are enough for a
 * class of bytes. TABLE_ROWS has one bit for each row. TABLE_TARGET has, for
 * each column, the bits of the rows whose character is in the class. A byte is
 * in the class if its two entries have a bit in common:
 *
 *     "/" is 0x2f    high half 2, TABLE_ROWS:    00000001   the bit of row 0x20
 *                    low half f, TABLE_TARGET:   00011101   column f: "/", "O",
 *                                                           "_" and "o"
 *                    both:                       00000001   in the class
 *
 * No byte from 0x80 on is in a class, because the instruction returns 0 instead
 * of an entry of TABLE_TARGET if the highest bit of the byte is set. */
#ifdef __x86_64__
#include "http_scan_avx2.h"

#include <immintrin.h>

#include "http_scan_block.h"
#include "http_scan_fields.h"
#include "http_scan_line.h"
#include "http_scan_sets.h"

/* Compiles a function for AVX2, whatever the compiler's options are. The
 * program calls it only if the CPU has AVX2. */
#define AVX2 __attribute__((target("avx2,bmi,bmi2")))

#define VECTOR(name) _mm256_load_si256((const __m256i *)http_scan_vectors[name])
#define HALF(name) _mm_load_si128((const __m128i *)http_scan_vectors[name])

SCAN_INLINE AVX2 uint32_t avx2_controls(const char *p)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)p);
    __m256i is_low = _mm256_cmpeq_epi8(_mm256_min_epu8(v, VECTOR(ALL_1F)), v);
    __m256i is_del = _mm256_cmpeq_epi8(v, VECTOR(ALL_DEL));

    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(is_low, is_del));
}

SCAN_INLINE AVX2 uint32_t avx2_not_target(const char *p)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)p);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), VECTOR(ALL_0F));
    __m256i row = _mm256_shuffle_epi8(VECTOR(TABLE_ROWS), high);
    __m256i rows = _mm256_shuffle_epi8(VECTOR(TABLE_TARGET), v);
    __m256i is_bad =
        _mm256_cmpeq_epi8(_mm256_and_si256(row, rows), _mm256_setzero_si256());

    return (uint32_t)_mm256_movemask_epi8(is_bad);
}

/* Reads sixteen bytes, not 32: most names are shorter, and fewer than 32 bytes
 * may follow the start of the last name. */
SCAN_INLINE AVX2 uint32_t avx2_not_name(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i letter =
        _mm_add_epi8(_mm_or_si128(v, HALF(ALL_SPACE)), HALF(ALL_A));
    __m128i is_name = _mm_cmpgt_epi8(HALF(ALL_Z), letter);

    is_name = _mm_or_si128(is_name, _mm_cmpeq_epi8(v, HALF(ALL_DASH)));
    return (uint32_t)_mm_movemask_epi8(is_name) ^ 0x1ffff;
}

const struct scan_ops http_scan_avx2_ops = {avx2_controls, avx2_not_target,
                                            avx2_not_name, 32};

HTTP_SCAN_DEFINE(avx2, AVX2)
#endif
