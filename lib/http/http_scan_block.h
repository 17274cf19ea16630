/* http_scan_block.h: bitmaps of 64 bytes, and line ends; see http_scan.h.
 * Introduced in phase 9. Needs: http_scan.h.
 *
 * This header, http_scan_line.h and http_scan_fields.h are only for the files
 * that compile them for an instruction set. Their functions are inlined into
 * those files, so that the compiler knows which ops they call, and inlines the
 * ops, too. */
#ifndef ONE_RING_HTTP_SCAN_BLOCK_H
#define ONE_RING_HTTP_SCAN_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "http_scan.h"

/* Inlines a function even into a caller that is compiled for another
 * instruction set. */
#define SCAN_INLINE static inline __attribute__((always_inline))

/* Tells the compiler to keep the code for x out of the usual path. */
#define SCAN_RARE(x) __builtin_expect(!!(x), 0)

/* The length of the shortest input that the scan reads. It reads 32 bytes at a
 * time, and leaves out the last byte of the input (http_scan_fields.h). */
enum { SCAN_MIN = 33 };

/* Returns a bitmap of the control characters in p[0..64). */
SCAN_INLINE uint64_t scan_controls(const struct scan_ops *ops, const char *p)
{
    return ops->controls(p) | (uint64_t)ops->controls(p + 32) << 32;
}

/* Returns the bitmap of base[at..at + 64). Bits for bytes at and beyond end are
 * 0. If fewer than 64 bytes follow `at`, reads the last 64 bytes before end
 * instead, and shifts out those before `at`. */
SCAN_INLINE uint64_t scan_block(const struct scan_ops *ops, const char *base,
                                size_t at, size_t end)
{
    if (!SCAN_RARE(at + 64 > end))
        return scan_controls(ops, base + at);
    if (end >= 64)
        return scan_controls(ops, base + end - 64) >> (at + 64 - end);
    /* Combine two overlapping blocks of 32 bytes. */
    return (ops->controls(base) |
            (uint64_t)ops->controls(base + end - 32) << (end - 32)) >>
           at;
}

/* The ends of lines, found block by block. */
struct scan_ends {
    const char *base;
    size_t end;    /* excludes the last byte of the input */
    size_t block;  /* where the block of bits starts */
    uint64_t bits; /* the control characters that are not consumed yet */
};

/* Starts at the line base[at]. */
SCAN_INLINE struct scan_ends scan_ends_from(const struct scan_ops *ops,
                                            const char *base, size_t at,
                                            size_t end)
{
    return (struct scan_ends){base, end, at, scan_block(ops, base, at, end)};
}

/* Looks for a control character that is not consumed yet, if necessary in the
 * next blocks. Returns false if there is none. `at` is the start of a line,
 * after all consumed control characters. */
SCAN_INLINE bool scan_has_end(const struct scan_ops *ops,
                              struct scan_ends *ends, size_t at)
{
    while (ends->bits == 0) {
        ends->block += 64;
        if (!SCAN_RARE(ends->block + 64 > ends->end))
            ends->bits = scan_controls(ops, ends->base + ends->block);
        else if (ends->block < ends->end)
            ends->bits = scan_block(ops, ends->base, ends->block, ends->end);
        else
            return false;
        if (SCAN_RARE(at > ends->block)) /* block starts with a consumed LF */
            ends->bits &= ends->bits - 1;
    }
    return true;
}

/* Returns the position of the control character that scan_has_end has found.
 * In a usual line this is the CR. Consumes its bit and that of the LF. */
SCAN_INLINE size_t scan_take_end(struct scan_ends *ends)
{
    size_t cr = ends->block + (unsigned)__builtin_ctzll(ends->bits);

    ends->bits &= ends->bits - 1; /* clears the bit of the CR */
    ends->bits &= ends->bits - 1; /* clears the bit of the LF */
    return cr;
}

#endif
