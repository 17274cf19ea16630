/* wal.c: the log of phase6/wal: checksum, commits, and damaged files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commit.h"
#include "crc32c.h"
#include "fuse.h"
#include "group.h"
#include "log.h"
#include "log_scan.h"
#include "with_loop.h"

#define SQES_MAX 4096
#define FILE_MAX_LEN 4096

static struct log log_here;
static struct scan scan;

/* The SQEs of this process, in order. */
static struct {
    struct io_uring_sqe list[SQES_MAX];
    unsigned count, cqes_at[SQES_MAX]; /* CQEs that were taken before each */
    unsigned cqe_count;
} seen;

static void note(const struct ring *ring, const struct io_uring_sqe *sqe,
                 const struct io_uring_cqe *cqe)
{
    (void)ring;
    if (cqe != NULL) {
        seen.cqe_count++;
    } else if (seen.count < SQES_MAX) {
        seen.cqes_at[seen.count] = seen.cqe_count;
        seen.list[seen.count++] = *sqe;
    }
}

/* Returns how many SQEs since `from` have this opcode. */
static unsigned count_of(unsigned from, int opcode)
{
    unsigned count = 0;

    for (unsigned i = from; i < seen.count; i++)
        count += seen.list[i].opcode == opcode;
    return count;
}

static void enter_scratch(void)
{
    char directory[] = "wal.XXXXXX";
    const char *parent = getenv("TMPDIR");

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(directory) != NULL);
    check(chdir(directory) == 0);
    ring_hook = note;
}

static void check_run_here(task_fn *fn)
{
    enter_scratch();
    check_res(run(fn, NULL), 0);
}

static int open_here(uint64_t *torn_len)
{
    *torn_len = 0;
    return log_await_open(&log_here, "log", &scan, torn_len);
}

/* Adds the records "0000...", "1111...", of growing length, as one batch. */
static void add_batch(unsigned count)
{
    uint64_t sequence = 0;

    for (unsigned i = 0; i < count; i++) {
        char payload[64];
        size_t len = (size_t)(log_here.next * 5 % 40);

        memset(payload, '0' + (int)(log_here.next % 10), sizeof payload);
        check_res(log_await_add(&log_here, payload, len, &sequence), 0);
    }
    check_res(log_await_durable(&log_here, sequence), 0);
}

/* Checks a record that add_batch has written. */
static void check_record(const struct record *record)
{
    ck_assert_uint_eq(record->len, record->sequence * 5 % 40);
    for (size_t i = 0; i < record->len; i++)
        ck_assert_int_eq(record->payload[i],
                         '0' + (int)(record->sequence % 10));
}

TEST(a_checksum_has_the_value_of_the_standard)
{
    static const char zeros[32];

    /* RFC 3720, appendix B.4, and the usual check value. */
    ck_assert_uint_eq(crc32c(0, zeros, 32), 0x8a9136aau);
    ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xe3069283u);
    ck_assert_uint_eq(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283u);
}

TASK_TEST_IN(a_commit_is_a_linked_write_and_an_fsync_in_one_submission,
             check_run_here)
{
    uint64_t torn_len;
    unsigned at;

    check_res(open_here(&torn_len), 0);
    at = seen.count;
    add_batch(1);
    /* A fallocate first, since the log is new. */
    ck_assert_uint_eq(seen.count, at + 3);
    ck_assert_uint_eq(seen.list[at + 1].opcode, IORING_OP_WRITE);
    check((seen.list[at + 1].flags & IOSQE_IO_LINK) != 0);
    ck_assert_uint_eq(seen.list[at + 2].opcode, IORING_OP_FSYNC);
    check((seen.list[at + 2].flags & IOSQE_IO_LINK) == 0);
    ck_assert_uint_eq(seen.cqes_at[at + 1], seen.cqes_at[at + 2]);
    check_res(log_await_close(&log_here), 0);
    return 0;
}

static int append_one(void *arg)
{
    uint64_t sequence;

    check_res(log_await_add(&log_here, arg, 1, &sequence), 0);
    check_res(log_await_durable(&log_here, sequence), 0);
    check(log_here.durable >= sequence);
    return 0;
}

TASK_TEST_IN(fifty_appenders_share_two_fsyncs, check_run_here)
{
    static struct group_task tasks[50];
    struct group group = {0};
    uint64_t torn_len;
    unsigned at;

    check_res(open_here(&torn_len), 0);
    at = seen.count;
    for (int i = 0; i < 50; i++)
        check_res(group_spawn(&group, &tasks[i], "appender", append_one, "x"),
                  0);
    check_res(group_await_all(&group), 0);
    ck_assert_uint_eq(log_here.durable, 50);
    /* The first record goes alone, and the others follow together. */
    ck_assert_uint_eq(count_of(at, IORING_OP_FSYNC), 2);
    ck_assert_uint_eq(log_here.batches, 2);
    check_res(log_await_close(&log_here), 0);
    return 0;
}

TASK_TEST_IN(records_of_any_length_fill_more_than_a_batch, check_run_here)
{
    static char payload[RECORD_PAYLOAD_MAX + 1];
    uint64_t sequence, torn_len;
    struct record record;
    struct aio file;

    check_res(open_here(&torn_len), 0);
    memset(payload, 'p', sizeof payload);
    check_res(log_await_add(&log_here, payload, sizeof payload, &sequence),
              -EMSGSIZE);
    for (unsigned i = 0; i < 12; i++)
        check_res(log_await_add(&log_here, payload, RECORD_PAYLOAD_MAX - i,
                                &sequence), 0);
    check_res(log_await_durable(&log_here, 12), 0);
    check(log_here.batches >= 4);
    check_res(log_await_close(&log_here), 0);
    check_res(log_await_open_read(&file, "log"), 0);
    check_res(scan_await_start(&scan, &file), 1);
    for (unsigned i = 0; i < 12; i++) {
        check_res(scan_await_next(&scan, &record), 1);
        ck_assert_uint_eq(record.len, RECORD_PAYLOAD_MAX - i);
        check(memcmp(record.payload, payload, record.len) == 0);
    }
    check_res(scan_await_next(&scan, &record), 0);
    check_res(aio_await_close(&file), 0);
    return 0;
}

TASK_TEST_IN(an_open_makes_the_directory_durable, check_run_here)
{
    uint64_t torn_len;
    struct stat status;
    bool has_opened = false, has_synced = false;

    check_res(open_here(&torn_len), 0);
    for (unsigned i = 0; i < seen.count; i++) {
        if (seen.list[i].opcode == IORING_OP_OPENAT &&
            (seen.list[i].open_flags & O_DIRECTORY) != 0)
            has_opened = true;
        else if (seen.list[i].opcode == IORING_OP_FSYNC && has_opened)
            has_synced = true;
    }
    check(has_synced);
    check(stat("log", &status) == 0);
    check_res(log_await_close(&log_here), 0);
    return 0;
}

TASK_TEST_IN(an_open_writes_the_last_batch_once_more, check_run_here)
{
    uint64_t torn_len, offset;
    bool has_written = false;
    unsigned at;

    check_res(open_here(&torn_len), 0);
    add_batch(3);
    offset = log_here.collecting.offset;
    add_batch(4);
    check_res(log_await_close(&log_here), 0);
    at = seen.count;
    check_res(open_here(&torn_len), 0);
    for (unsigned i = at; i < seen.count; i++)
        has_written |= seen.list[i].opcode == IORING_OP_WRITE &&
                       seen.list[i].off == offset;
    check(has_written);
    check_res(log_await_close(&log_here), 0);
    return 0;
}

/* The bytes of a log with four batches, and where its records end. */
static struct {
    char bytes[FILE_MAX_LEN];
    size_t len, ends[16];
    unsigned records, last_batch; /* the first record of the last batch */
} whole;

static void make_whole(void)
{
    static const unsigned counts[] = {1, 3, 2, 2};
    uint64_t torn_len;
    FILE *file;

    check_res(open_here(&torn_len), 0);
    whole.ends[0] = sizeof(struct log_head);
    for (int i = 0; i < 4; i++) {
        whole.last_batch = whole.records + 1;
        for (unsigned j = 0; j < counts[i]; j++) {
            whole.records++;
            whole.ends[whole.records] =
                whole.ends[whole.records - 1] +
                record_len(whole.records * 5 % 40);
        }
        add_batch(counts[i]);
    }
    ck_assert_uint_eq(log_here.collecting.offset, whole.ends[whole.records]);
    check_res(log_await_close(&log_here), 0);
    whole.len = whole.ends[whole.records];
    file = fopen("log", "r");
    check(file != NULL && whole.len < FILE_MAX_LEN);
    check(fread(whole.bytes, 1, whole.len, file) == whole.len);
    fclose(file);
}

static void put(const char *bytes, size_t len)
{
    FILE *file = fopen("log", "w");

    check(file != NULL);
    check(fwrite(bytes, 1, len, file) == len);
    fclose(file);
}

/* Reads the file "log". Returns the number of its records, which are checked,
 * or -errno. */
static int read_log(void)
{
    struct record record;
    struct aio file;
    int rc;

    check_res(log_await_open_read(&file, "log"), 0);
    rc = scan_await_start(&scan, &file);
    while (rc > 0 && (rc = scan_await_next(&scan, &record)) > 0)
        check_record(&record);
    check_res(aio_await_close(&file), 0);
    return rc < 0 ? rc : (int)scan.last;
}

TASK_TEST_IN(a_log_cut_at_any_byte_has_the_records_before_the_cut,
             check_run_here)
{
    uint64_t torn_len;
    unsigned expected = 0;

    make_whole();
    for (size_t len = 0; len <= whole.len; len++) {
        if (expected < whole.records && len == whole.ends[expected + 1])
            expected++;
        put(whole.bytes, len);
        check_res(read_log(), (int)expected);
        if (len % 5 != 0)
            continue; /* each open waits for the disk several times */
        check_res(open_here(&torn_len), 0);
        ck_assert_uint_eq(log_here.next, expected + 1);
        if (len >= whole.ends[0])
            ck_assert_uint_eq(torn_len, scan.torn_len);
        add_batch(1);
        check_res(log_await_close(&log_here), 0);
        check_res(read_log(), (int)expected + 1);
    }
    return 0;
}

/* Returns the record that has the byte at offset `at`. */
static unsigned record_at(size_t at)
{
    unsigned number = 1;

    while (whole.ends[number] <= at)
        number++;
    return number;
}

TASK_TEST_IN(every_flipped_bit_is_reported_or_ends_the_last_batch,
             check_run_here)
{
    uint64_t torn_len;

    make_whole();
    for (size_t bit = 0; bit < whole.len * 8; bit++) {
        size_t at = bit / 8;

        whole.bytes[at] ^= (char)(1 << bit % 8);
        put(whole.bytes, whole.len);
        if (at < whole.ends[0]) {
            check_res(read_log(), -EMEDIUMTYPE);
            check_res(open_here(&torn_len), -EMEDIUMTYPE);
        } else if (record_at(at) < whole.last_batch) {
            check_res(read_log(), -EBADMSG);
            ck_assert_uint_eq(scan.offset, whole.ends[record_at(at) - 1]);
            ck_assert_uint_ge(scan.proof, record_at(at) + 1);
            check_res(open_here(&torn_len), -EBADMSG);
        } else {
            check_res(read_log(), (int)record_at(at) - 1);
        }
        whole.bytes[at] ^= (char)(1 << bit % 8);
    }
    return 0;
}

TASK_TEST_IN(a_damaged_log_is_left_as_it_is, check_run_here)
{
    static char bytes[FILE_MAX_LEN + 1];
    uint64_t torn_len;
    FILE *file;

    make_whole();
    memset(whole.bytes + whole.ends[1], 0, whole.ends[2] - whole.ends[1]);
    put(whole.bytes, whole.len);
    check_res(open_here(&torn_len), -EBADMSG);
    file = fopen("log", "r");
    check(file != NULL);
    ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, file), whole.len);
    fclose(file);
    check(memcmp(bytes, whole.bytes, whole.len) == 0);
    return 0;
}

/* A batch of three records, of which the first one is not on the disk. Then a
 * batch of one record is written to its place. Its two neighbours must not
 * become the next records of the log. */
TASK_TEST_IN(a_torn_batch_does_not_come_back_behind_a_shorter_one,
             check_run_here)
{
    uint64_t torn_len;
    FILE *file;

    check_res(open_here(&torn_len), 0);
    add_batch(3);
    check_res(log_await_close(&log_here), 0);
    file = fopen("log", "r+");
    check(file != NULL);
    fseek(file, sizeof(struct log_head), SEEK_SET);
    putc('x', file);
    fclose(file);
    check_res(open_here(&torn_len), 0);
    ck_assert_uint_gt(torn_len, 0);
    add_batch(1);
    check_res(log_await_close(&log_here), 0);
    check_res(read_log(), 1);
    return 0;
}

TASK_TEST_IN(a_record_at_another_place_is_not_valid, check_run_here)
{
    struct record_head head;

    make_whole();
    check_res(read_log(), (int)whole.records);
    check(record_read_head(whole.bytes + whole.ends[0], scan.log_id,
                           whole.ends[0], &head));
    check(!record_read_head(whole.bytes + whole.ends[0], scan.log_id,
                            whole.ends[0] + 8, &head));
    check(!record_read_head(whole.bytes + whole.ends[0], scan.log_id + 1,
                            whole.ends[0], &head));
    return 0;
}

/* The log in a FUSE file system with these faults, which get worse after the
 * log was opened. */
static void serve(const struct fuse_faults *faults)
{
    enter_scratch();
    check(mkdir("mnt", 0755) == 0);
    fuse_serve("mnt", 0, faults);
}

static int stops_for_good(void *arg)
{
    uint64_t sequence;
    unsigned at;

    (void)arg;
    log_here = (struct log){.next = 1};
    check_res(aio_await_open(&log_here.file, "mnt/log", "x+"), 0);
    log_here.collecting = (struct log_batch){.bytes = log_here.memory[0]};
    check_res(log_await_add(&log_here, "x", 1, &sequence), 0);
    check_res(log_await_durable(&log_here, sequence), -EIO);
    ck_assert_uint_eq(log_here.durable, 0);
    at = seen.count;
    for (int i = 0; i < 3; i++) {
        check_res(log_await_durable(&log_here, sequence), -EIO);
        check_res(log_await_add(&log_here, "x", 1, &sequence), -EIO);
    }
    ck_assert_uint_eq(count_of(at, IORING_OP_FSYNC), 0);
    ck_assert_uint_eq(count_of(at, IORING_OP_WRITE), 0);
    check_res(log_await_close(&log_here), 0);
    return 0;
}

TEST(after_a_failed_fsync_nothing_is_written_or_synced_again)
{
    const struct fuse_faults faults = {.fsync_error = EIO};

    serve(&faults);
    check_res(run(stops_for_good, NULL), 0);
}

static int writes_in_parts(void *arg)
{
    static char bytes[100000];
    char back[64];
    int fd = await_openat(AT_FDCWD, "mnt/file", O_RDWR | O_CREAT, 0600);

    (void)arg;
    check(fd >= 0);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)fuse_byte(i);
    check_res(commit_await_bytes(fd, bytes, sizeof bytes, 0), 0);
    for (size_t at = 0; at < sizeof bytes - sizeof back; at += 999) {
        check_res(await_read(fd, back, sizeof back, at), sizeof back);
        check(memcmp(back, bytes + at, sizeof back) == 0);
    }
    /* The last operation before the reads was an fsync of the last part. */
    check(count_of(0, IORING_OP_FSYNC) >= 1);
    check_res(await_close(fd), 0);
    return 0;
}

TEST(a_short_write_is_continued_and_synced)
{
    const struct fuse_faults faults = {.write_max = 30000};

    serve(&faults);
    check_res(run(writes_in_parts, NULL), 0);
}

/* The write of a commit fails: the fsync is cancelled, and its result is not
 * mistaken for the result of the commit. */
TASK_TEST_IN(a_failed_write_is_reported_and_not_its_cancelled_fsync,
             check_run_here)
{
    int fd = await_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);

    check_res(commit_await_bytes(fd, "x", 1, 0), -EBADF);
    check_res(await_close(fd), 0);
    return 0;
}

int main(void)
{
    suite_begin("wal");
    suite_add(a_checksum_has_the_value_of_the_standard);
    suite_add(a_commit_is_a_linked_write_and_an_fsync_in_one_submission);
    suite_add(fifty_appenders_share_two_fsyncs);
    suite_add(records_of_any_length_fill_more_than_a_batch);
    suite_add(an_open_makes_the_directory_durable);
    suite_add(an_open_writes_the_last_batch_once_more);
    suite_add(a_log_cut_at_any_byte_has_the_records_before_the_cut);
    suite_add(every_flipped_bit_is_reported_or_ends_the_last_batch);
    suite_add(a_damaged_log_is_left_as_it_is);
    suite_add(a_torn_batch_does_not_come_back_behind_a_shorter_one);
    suite_add(a_record_at_another_place_is_not_valid);
    suite_add(a_failed_write_is_reported_and_not_its_cancelled_fsync);
    suite_add_unless(fuse_missing(),
                     after_a_failed_fsync_nothing_is_written_or_synced_again);
    suite_add_unless(fuse_missing(), a_short_write_is_continued_and_synced);
    return suite_end();
}
