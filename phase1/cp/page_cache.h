/* page_cache.h: whether a source is better read past the page cache.
 *
 * What is in the cache is copied from there: nothing is faster. What is not has
 * to come from the disk, and by way of the cache every byte of it is copied
 * once more, into memory that others have use for. What the cache gives in
 * return, that somebody reads ahead, a ring with many reads in flight does by
 * itself. */
#ifndef PHASE1_CP_PAGE_CACHE_H
#define PHASE1_CP_PAGE_CACHE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Whether fd's file, of which source is what fstat says, is long, hardly in
 * the page cache, and may be read with O_DIRECT in blocks of DATA_ALIGN. Where
 * the kernel does not say (cachestat(2): Linux 6.5, and only for files that
 * the caller owns or may write to; statx(2): STATX_DIOALIGN) the answer is
 * false. */
bool page_cache_should_bypass(int fd, const struct stat *source);

#endif
