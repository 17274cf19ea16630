/* page_cache.c: asks the kernel which part of a file is in the page cache; see
 * page_cache.h.
 *
 * What it teaches: cachestat(2) counts the cached pages of a file. The answer
 * may be outdated when it arrives. That is harmless here: only the speed of the
 * copy depends on it. */
#include "page_cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"

/* Shorter files are read fast enough, and may be read again. */
#define BYPASS_MIN (16 * 1024 * 1024)
#define PARTS 64 /* cachestat calls per file, at most; often few suffice */

#ifndef __NR_cachestat
#define __NR_cachestat 451 /* on every architecture */
#endif

/* Defined in linux/mman.h since Linux 6.5. */
struct cache_range {
    uint64_t offset, len;
};

struct cache_pages {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* True if at least 7/8 of the file's bytes, without holes, are not cached.
 * Counting cached pages takes time, so it stops once 1/8 is found. */
static bool is_out_of_cache(int fd, const struct stat *source)
{
    uint64_t page_len = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t part_len = (uint64_t)source->st_size / PARTS + 1;
    uint64_t enough = (uint64_t)source->st_blocks * 512 / 8, cached = 0;

    for (uint64_t i = 0; i < PARTS && cached <= enough; i++) {
        struct cache_range range = {i * part_len, part_len};
        struct cache_pages pages;

        if (syscall(__NR_cachestat, fd, &range, &pages, 0) < 0)
            return false;
        cached += pages.cached * page_len;
    }
    return cached <= enough;
}

/* True if O_DIRECT accepts offsets and buffers aligned to ENGINE_ALIGN. */
static bool can_read_direct(int fd)
{
#ifdef STATX_DIOALIGN
    struct statx info;

    return statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) == 0 &&
           (info.stx_mask & STATX_DIOALIGN) && info.stx_dio_mem_align > 0 &&
           info.stx_dio_offset_align > 0 &&
           ENGINE_ALIGN % info.stx_dio_mem_align == 0 &&
           ENGINE_ALIGN % info.stx_dio_offset_align == 0;
#else
    return false;
#endif
}

bool page_cache_should_bypass(int fd, const struct stat *source)
{
    return source->st_size >= BYPASS_MIN && can_read_direct(fd) &&
           is_out_of_cache(fd, source);
}
