/* pattern.c: the bytes of the files; see pattern.h. */
#include "pattern.h"

#include <stdbool.h>
#include <string.h>

/* Multiplies by an odd number and folds the upper bits into the lower ones, as
 * the finaliser of MurmurHash3 does. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    return x ^ (x >> 33);
}

/* The bytes are random, so that no file system can compress them. They are made
 * once, so that making them is not part of the set-up of each run. */
void pattern_fill(unsigned char *buf, size_t len)
{
    static unsigned char block[PATTERN_BLOCK];
    static bool is_made;

    for (size_t i = 0; !is_made && i < PATTERN_BLOCK; i++)
        block[i] = (unsigned char)(mix(i + 1) >> 24);
    is_made = true;
    for (size_t at = 0; at < len; at += PATTERN_BLOCK)
        memcpy(buf + at, block,
               len - at < PATTERN_BLOCK ? len - at : PATTERN_BLOCK);
}

void pattern_stamp(unsigned char *buf, size_t len, uint64_t seed, int file,
                   uint64_t offset)
{
    for (size_t at = 0; at < len; at += PATTERN_BLOCK) {
        uint64_t stamp[] = {seed, (uint64_t)file, offset + at};
        size_t room = len - at;

        memcpy(buf + at, stamp, room < sizeof stamp ? room : sizeof stamp);
    }
}

uint64_t pattern_sum(const unsigned char *buf, size_t len, int file,
                     uint64_t offset)
{
    uint64_t place = mix((uint64_t)file + 1) + offset;
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += (buf[i] + UINT64_C(1)) * (mix(place + i) | 1);
    return sum;
}
