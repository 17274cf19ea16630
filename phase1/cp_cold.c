/* cp_cold.c: whether a source is in the page cache; see cp_cold.h.
 *
 * What it teaches: the kernel can be asked what it keeps in memory. The answer
 * is old when it arrives; all that hangs on it is how fast the copy will be. */
#include "cp_cold.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cp_data.h"

/* Shorter files are in the cache soon enough, and somebody may want them. */
#define COLD_MIN (16 * 1024 * 1024)
#define PLACES 64              /* where the file is looked at, */
#define PLACE_LEN (256 * 1024) /* and how far; all of it would take a while */

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

/* Whether at least seven of eight pages are missing, as far as a look at some
 * places tells. */
static bool is_out_of_cache(int fd, uint64_t len)
{
    uint64_t page_len = (uint64_t)sysconf(_SC_PAGESIZE), cached = 0;

    for (uint64_t i = 0; i < PLACES; i++) {
        struct cache_range range = {len / PLACES * i, PLACE_LEN};
        struct cache_pages pages;

        if (syscall(__NR_cachestat, fd, &range, &pages, 0) < 0)
            return false;
        cached += pages.cached;
    }
    return cached * page_len <= (uint64_t)PLACES * PLACE_LEN / 8;
}

/* Whether O_DIRECT takes blocks and buffers that begin at any DATA_ALIGN. */
static bool can_read_direct(int fd)
{
#ifdef STATX_DIOALIGN
    struct statx info;

    return statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) == 0 &&
           (info.stx_mask & STATX_DIOALIGN) && info.stx_dio_mem_align > 0 &&
           info.stx_dio_offset_align > 0 &&
           DATA_ALIGN % info.stx_dio_mem_align == 0 &&
           DATA_ALIGN % info.stx_dio_offset_align == 0;
#else
    return false;
#endif
}

bool cold_is(int fd, const struct stat *source)
{
    return source->st_size >= COLD_MIN && can_read_direct(fd) &&
           is_out_of_cache(fd, (uint64_t)source->st_size);
}
