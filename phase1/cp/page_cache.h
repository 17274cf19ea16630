/* page_cache.h: decides whether to bypass the page cache for a source.
 *
 * If a source is in the page cache, copying it from there is fastest. Any other
 * source must be read from the disk. A read through the page cache copies each
 * byte once more, and makes the kernel evict other data. In return the kernel
 * reads ahead, but a ring with many reads in flight does not need that. */
#ifndef PHASE1_CP_PAGE_CACHE_H
#define PHASE1_CP_PAGE_CACHE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Returns true if fd's file is large, mostly uncached, and can be read with
 * O_DIRECT in blocks of ENGINE_ALIGN. source is the stat of fd.
 *
 * Returns false if the kernel cannot report this: cachestat(2) needs Linux 6.5
 * and a file that the caller owns or may write to; statx(2) needs
 * STATX_DIOALIGN. */
bool page_cache_should_bypass(int fd, const struct stat *source);

#endif
