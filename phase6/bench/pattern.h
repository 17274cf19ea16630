/* pattern.h: the bytes of the files that bench makes and writes.
 *
 * A file is a series of blocks of PATTERN_BLOCK bytes. All blocks have the same
 * random bytes, except that each begins with a stamp: the seed of the run, the
 * file, and the offset. So if a run writes a block to the wrong offset or to
 * the wrong file, or writes nothing, the files have wrong bytes. */
#ifndef PHASE6_PATTERN_H
#define PHASE6_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#define PATTERN_BLOCK 4096u

/* Fills len bytes of buf with blocks that have no stamp yet. */
void pattern_fill(unsigned char *buf, size_t len);

/* Stamps the blocks in len bytes of buf, which belong at offset in file.
 * pattern_fill has filled buf; offset is a multiple of PATTERN_BLOCK. */
void pattern_stamp(unsigned char *buf, size_t len, uint64_t seed, int file,
                   uint64_t offset);

/* Returns the sum of len bytes of buf, which are at offset in file. The sum of
 * a whole file does not depend on the lengths of the reads, or on their order.
 * Exchanging two bytes, or two files, changes the sum of all files. */
uint64_t pattern_sum(const unsigned char *buf, size_t len, int file,
                     uint64_t offset);

#endif
