/* page_cache.c: whether a source is in the page cache; see page_cache.h.
 *
 * What it teaches: the kernel can be asked what it keeps in memory. The answer
 * is old when it arrives; all that hangs on it is how fast the copy will be. */
#include "page_cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"

/* Shorter files are in the cache soon enough, and somebody may want them. */
#define COLD_MIN (16 * 1024 * 1024)
#define PARTS 64 /* a file is looked at in so many; most often, few suffice */

#ifndef __NR_cachestat
#define __NR_cachestat 451 /* on every architecture */
#endif

/* As in linux/mman.h, which older systems have without it. */
struct cache_range {
    uint64_t offset, len;
};

struct cache_pages {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* Whether at least seven of eight of its bytes are missing; holes are none. To
 * count what is there takes time, so no more than an eighth is counted. */
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

/* Whether O_DIRECT takes blocks and buffers that begin at any ENGINE_ALIGN. */
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
    return source->st_size >= COLD_MIN && can_read_direct(fd) &&
           is_out_of_cache(fd, source);
}
