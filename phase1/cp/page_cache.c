/* page_cache.c: checks how much of a file is in the page cache; see
 * page_cache.h.
 *
 * What it teaches: cachestat(2) counts the cached pages of a file. The count
 * may be out of date when the call returns. That is harmless here, because only
 * the speed of the copy depends on it. */
#include "page_cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"

/* A shorter file is always read through the page cache. The read is fast either
 * way, and a program may soon read the file again. */
#define BYPASS_MIN (16 * 1024 * 1024)
#define PARTS 64 /* at most this many cachestat calls per file */

#ifndef __NR_cachestat
#define __NR_cachestat 451 /* on every architecture except alpha */
#endif

/* Copies of struct cachestat_range and struct cachestat, which linux/mman.h
 * defines since Linux 6.5. */
struct cache_range {
    uint64_t offset, len;
};

struct cache_pages {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* Returns true if at most 1/8 of the file's data, not counting holes, is
 * cached. Stops counting once it has found more, because counting takes
 * time. */
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

/* Returns true if O_DIRECT accepts offsets and buffers aligned to
 * ENGINE_ALIGN. */
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
