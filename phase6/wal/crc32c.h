/* crc32c.h: a checksum that finds damaged bytes.
 *
 * CRC-32C finds every error of one bit, and every run of up to 32 damaged bits.
 * It does not protect against an attacker, who can compute it, too.
 * Source: RFC 3720, section 12.1 and appendix B.4. */
#ifndef PHASE6_CRC32C_H
#define PHASE6_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Returns the CRC-32C of len bytes that come after bytes whose CRC-32C is crc.
 * Start with 0. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t len);

#endif
