/* crc32c.c: CRC-32C, a byte at a time; see crc32c.h.
 *
 * What it teaches: a CRC is the remainder of a division of polynomials, whose
 * coefficients are bits. So a subtraction is an exclusive or. A table has the
 * remainder of each byte, so that one step replaces eight. */
#include "crc32c.h"

/* The polynomial of Castagnoli, with its lowest power in the highest bit. */
#define POLYNOMIAL 0x82f63b78u

static uint32_t table[256];

static void fill_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t rest = byte;

        for (int bit = 0; bit < 8; bit++)
            rest = (rest >> 1) ^ ((rest & 1) != 0 ? POLYNOMIAL : 0);
        table[byte] = rest;
    }
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t len)
{
    const unsigned char *next = bytes, *end = next + len;

    if (table[1] == 0)
        fill_table();
    crc = ~crc;
    while (next < end)
        crc = (crc >> 8) ^ table[(crc ^ *next++) & 0xff];
    return ~crc;
}
