/* page_cache.h: is a source better read past the page cache?
 *
 * A source that is in the page cache is copied from there: nothing is faster.
 * Any other source comes from the disk. Through the page cache the kernel
 * copies each byte once more, and evicts other data to make room. In return
 * it reads ahead, but a ring with many reads in flight does not need that. */
#ifndef PHASE1_CP_PAGE_CACHE_H
#define PHASE1_CP_PAGE_CACHE_H

#include <stdbool.h>
#include <sys/stat.h>

/* True if fd's file is large, mostly uncached, and can be read with O_DIRECT in
 * blocks of ENGINE_ALIGN. source is fstat(fd).
 *
 * False where the kernel does not answer: cachestat(2) needs Linux 6.5 and a
 * file that the caller owns or may write to; statx(2) needs STATX_DIOALIGN. */
bool page_cache_should_bypass(int fd, const struct stat *source);

#endif
