/* pump.c (test): tests cp's ring engine with short reads and short writes.
 *
 * cp-uring does not use a ring on FUSE (file_suits_ring). This test calls the
 * engine directly, on a file system that reports short results to a ring
 * correctly. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "content.h"
#include "file.h"
#include "fuse.h"
#include "page_cache.h"
#include "pump.h"
#include "suite.h"

#define LEN 300001

static char memory_block[16384];

static struct cp cp;
static struct engine_job job;

/* Mounts the file system, opens both files in it, and makes the ring. */
static void begin(const struct fuse_faults *faults, unsigned depth)
{
    char path[] = "pump.XXXXXX";
    const char *parent = getenv("TMPDIR");

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(path) != NULL);
    check(chdir(path) == 0);
    check(mkdir("mnt", 0755) == 0);
    fuse_serve("mnt", LEN, faults);
    cp.options = (struct cp_options){.depth = depth, .block_len = 16384};
    stats_init(&cp.stats, &cp.options);
    check_res(pump_init(&cp), 0);
    job = (struct engine_job){
        .cp = &cp,
        .in = open("mnt/source", O_RDONLY),
        .out = open("mnt/target", O_RDWR | O_CREAT | O_EXCL, 0600),
    };
    check(job.in >= 0 && job.out >= 0);
}

static void check_target(size_t len)
{
    static unsigned char bytes[LEN + 1];
    size_t got = 0;
    ssize_t more;

    while ((more = pread(job.out, bytes + got, sizeof bytes - got,
                         (off_t)got)) > 0)
        got += (size_t)more;
    ck_assert_uint_eq(got, len);
    for (size_t i = 0; i < len; i++)
        ck_assert_msg(bytes[i] == fuse_byte(i), "wrong at %zu", i);
}

TEST(a_short_read_is_resumed_where_it_stopped)
{
    const struct fuse_faults faults = {.completes_later = 1, .read_max = 1000};
    uint64_t reached;

    begin(&faults, 4);
    check_res(pump_copy(&job, 0, LEN, &reached), 0);
    check(reached == LEN);
    check(cp.stats.short_reads > 200);
    check_target(LEN);
}
END_TEST

/* After a short read the rest of a block is not a multiple of a sector. Rounded
 * up, the next read would go beyond the block's memory, into the next block. */
TEST(a_short_direct_read_stays_within_its_block)
{
    const struct fuse_faults faults = {.completes_later = 1, .read_max = 1000};
    uint64_t reached;

    begin(&faults, 4);
    check(fcntl(job.in, F_SETFL, O_DIRECT) == 0);
    job.in_direct = true;
    check_res(pump_copy(&job, 0, LEN, &reached), 0);
    check(reached == LEN);
    check(!job.in_direct);
    check_target(LEN);
}
END_TEST

/* FUSE reports a short write to a ring as an error. A limit on the length of
 * files makes the write that crosses it short, on every file system. */
TEST(a_short_write_is_resumed_where_it_stopped)
{
    const struct fuse_faults faults = {.completes_later = 1};
    struct rlimit limit, before;
    uint64_t reached;
    int rc;

    begin(&faults, 1); /* one block after the other */
    job.out = open("target", O_RDWR | O_CREAT | O_EXCL, 0600);
    check(job.out >= 0);
    check(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    check(getrlimit(RLIMIT_FSIZE, &before) == 0);
    limit = before;
    limit.rlim_cur = 100000;
    check(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    rc = pump_copy(&job, 0, LEN, &reached);
    check(setrlimit(RLIMIT_FSIZE, &before) == 0); /* Check writes files too */
    check_res(rc, -EFBIG);
    check(job.blame == ENGINE_TARGET);
    ck_assert_uint_eq(job.offset, 100000);
    check(cp.stats.short_writes == 1);
    check_target(100000);
}
END_TEST

TEST(a_source_that_ends_early_is_copied_up_to_there)
{
    const struct fuse_faults faults = {
        .completes_later = 1,
        .lies = 1,
        .says_len = 2 * LEN,
    };
    uint64_t reached;

    begin(&faults, 4);
    check_res(pump_copy(&job, 0, 2 * LEN, &reached), 0);
    check(reached == LEN);
    check(ftruncate(job.out, LEN) == 0);
    check_target(LEN);
}
END_TEST

TEST(an_error_ends_the_copy_once_nothing_is_in_flight)
{
    const struct fuse_faults faults = {
        .completes_later = 1,
        .read_fail_at = 100000,
        .read_error = EIO,
    };
    uint64_t reached;

    begin(&faults, 4);
    check_res(pump_copy(&job, 0, LEN, &reached), -EIO);
    check(job.blame == ENGINE_SOURCE);
    check(job.offset >= 98304 && job.offset < LEN); /* that block, or later */
    check_res(pump_copy(&job, 0, 16384, &reached), 0); /* and can go on */
    check(reached == 16384);
}
END_TEST

/* Copies a file of 64 blocks that is in memory. Returns the number of enters:
 * 128 if only one block is in use. */
static unsigned long count_enters(void)
{
    uint64_t reached, before = cp.stats.enters;

    job.in = open("cached", O_RDWR | O_CREAT | O_TRUNC, 0600);
    job.out = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(job.in >= 0 && job.out >= 0);
    for (int i = 0; i < 64; i++)
        check(write(job.in, memory_block, sizeof memory_block) ==
              sizeof memory_block);
    check_res(pump_copy(&job, 0, 64 * sizeof memory_block, &reached), 0);
    check(reached == 64 * sizeof memory_block);
    close(job.in);
    close(job.out);
    return cp.stats.enters - before;
}

/* A block that is lost is missed by the next copies: fewer are in flight. */
TEST(errors_lose_no_block)
{
    const struct fuse_faults faults = {
        .completes_later = 1,
        .read_fail_at = 100000,
        .read_error = EIO,
    };
    struct engine_job failing;
    uint64_t reached;

    begin(&faults, 4);
    failing = job;
    ck_assert_uint_lt(count_enters(), 128);
    for (int i = 0; i < 200; i++)
        check_res(pump_copy(&failing, 0, LEN, &reached), -EIO);
    ck_assert_uint_lt(count_enters(), 128);
}
END_TEST

TEST(an_empty_range_takes_no_operation)
{
    const struct fuse_faults faults = {.completes_later = 1};
    uint64_t reached = 1;

    begin(&faults, 4);
    check_res(pump_copy(&job, 5, 5, &reached), 0);
    check(reached == 5);
    check(cp.stats.sqes == 0);
}
END_TEST

/* With O_DIRECT, one read at a time would wait for the disk each time. This
 * source is too big for the file system of the target, so the copy fails. */
TEST(a_copy_without_a_ring_does_not_use_o_direct)
{
    const struct fuse_faults faults = {.completes_later = 1};
    struct stat info;

    begin(&faults, 4);
    job.in = open("cold", O_RDWR | O_CREAT | O_EXCL, 0600);
    check(ftruncate(job.in, 16 * FUSE_FILE_MAX) == 0);
    check(fstat(job.in, &info) == 0);
    if (!page_cache_should_bypass(job.in, &info))
        return; /* this kernel does not report it */
    check(!file_suits_ring(job.out));
    check(content_copy(&job, &info) < 0);
    check(job.blame == ENGINE_TARGET);
    check((fcntl(job.in, F_GETFL) & O_DIRECT) == 0);
}
END_TEST

int main(void)
{
    const char *missing = fuse_missing();

    suite_begin("pump");
    suite_add_unless(missing, a_short_read_is_resumed_where_it_stopped);
    suite_add_unless(missing, a_short_direct_read_stays_within_its_block);
    suite_add_unless(missing, a_short_write_is_resumed_where_it_stopped);
    suite_add_unless(missing, a_source_that_ends_early_is_copied_up_to_there);
    suite_add_unless(missing, an_error_ends_the_copy_once_nothing_is_in_flight);
    suite_add_unless(missing, errors_lose_no_block);
    suite_add_unless(missing, an_empty_range_takes_no_operation);
    suite_add_unless(missing, a_copy_without_a_ring_does_not_use_o_direct);
    return suite_end();
}
