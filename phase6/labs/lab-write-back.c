/* lab-write-back.c: write dirty pages to the disk, range by range.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: a write ends in the page cache, and its pages are dirty
 * until the kernel writes them back. SYNC_FILE_RANGE starts that for a range.
 * Its flags determine whether it also waits:
 *
 *      WRITE                       starts to write the range
 *      WAIT_BEFORE WRITE WAIT_AFTER    writes it, and waits
 *
 * This keeps a long copy from filling the memory with dirty pages. It does not
 * replace an fsync. It writes no metadata, so after a power cut the file system
 * may not know that the bytes belong to the file. And it does not flush the
 * cache of the disk. Only FSYNC makes data durable. The system call cachestat
 * (Linux 6.5) counts the dirty pages. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "lab.h"

/* The parts are far apart, because the page cache keeps neighbouring pages in
 * groups of up to 2 MiB, and writes a group as a whole. */
enum { LEN = 64 * 1024, FAR = 8 << 20, CACHESTAT = 451 };

/* The kernel's cachestat_range and cachestat. */
struct range {
    uint64_t offset, len;
};
struct page_counts {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* Returns how many pages of the part are not yet on the disk, or -errno. */
static int dirty_pages(int fd, int64_t offset)
{
    struct range range = {(uint64_t)offset, LEN};
    struct page_counts counts;

    if (syscall(CACHESTAT, fd, &range, &counts, 0) < 0)
        return -errno;
    return (int)(counts.dirty + counts.writeback);
}

static int write_back(struct io_uring *ring, int fd, int64_t offset)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_sync_file_range(sqe, fd, LEN, (uint64_t)offset,
                                  SYNC_FILE_RANGE_WAIT_BEFORE |
                                      SYNC_FILE_RANGE_WRITE |
                                      SYNC_FILE_RANGE_WAIT_AFTER);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

int main(int argc, char **argv)
{
    static char bytes[LEN];
    struct io_uring ring;
    int fd, dirty;
    int code = lab_options(argc, argv, "lab-write-back",
                           "Which pages does SYNC_FILE_RANGE write?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    memset(bytes, 'x', LEN);
    fd = lab_file(bytes, LEN);
    if (pwrite(fd, bytes, LEN, FAR) != LEN)
        return LAB_USAGE;
    lab_print("two parts of a file, 64 KiB each, 8 MiB apart, just written");
    dirty = dirty_pages(fd, 0);
    if (dirty <= 0) {
        lab_absent("this", dirty < 0 ? "the kernel has no cachestat (6.5)"
                                     : "the file system of TMPDIR has no disk");
        return lab_end();
    }
    lab_result("sync_file_range of the first", 0, write_back(&ring, fd, 0));
    lab_result("dirty pages in the first", 0, dirty_pages(fd, 0));
    lab_truth("the second has dirty pages", true, dirty_pages(fd, FAR) > 0);
    lab_result("sync_file_range of the second", 0, write_back(&ring, fd, FAR));
    lab_result("dirty pages in the second", 0, dirty_pages(fd, FAR));
    io_uring_queue_exit(&ring);
    return lab_end();
}
