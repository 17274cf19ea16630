/* wal_crash.c: the log of phase6/wal after a power cut at any point.
 *
 * ring_hook records each operation that the log submits. A model of a disk then
 * replays them up to any point. What an fsync has covered is stored. Of each
 * later write, the disk has stored any of its sectors. The log must open, must
 * have each record that was acknowledged before that point, and may have more
 * records of the batch that was on its way, but no other bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "random.h"
#include "log_scan.h"
#include "uring_compat.h"
#include "with_loop.h"

#define EVENTS_MAX 512
#define DISK_LEN 16384 /* of the file that a test keeps; the rest is zeros */
#define SECTOR 128     /* small, so that a batch has many */
#define RECORDS_MAX 256
#define PAYLOAD_MAX 401

enum what { WRITES, RESERVES, CUTS, SYNC_BEGINS, SYNC_ENDS, ACKNOWLEDGES };

struct event {
    enum what what;
    uint64_t offset, len; /* of a write or a new length */
    uint64_t number;      /* user_data of an fsync, or a sequence number */
    char *bytes;
};

static struct event events[EVENTS_MAX];
static unsigned event_count;

static struct log log_here;
static struct scan scan;
static struct random dice;

static struct event *add_event(enum what what)
{
    check(event_count < EVENTS_MAX);
    events[event_count] = (struct event){.what = what};
    return &events[event_count++];
}

/* Only regular files: the directory's fsync is not a part of the model. */
static bool is_of_log(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static void note_sqe(const struct io_uring_sqe *sqe)
{
    struct event *event;

    if (sqe->opcode == IORING_OP_WRITE) {
        event = add_event(WRITES);
        event->offset = sqe->off;
        event->len = sqe->len;
        event->bytes = malloc(sqe->len);
        memcpy(event->bytes, (void *)(uintptr_t)sqe->addr, sqe->len);
    } else if (sqe->opcode == IORING_OP_FALLOCATE) {
        add_event(RESERVES)->len = sqe->off + sqe->addr;
    } else if (sqe->opcode == UR_OP_FTRUNCATE) {
        add_event(CUTS)->len = sqe->off;
    } else if (sqe->opcode == IORING_OP_FSYNC && is_of_log(sqe->fd)) {
        add_event(SYNC_BEGINS)->number = sqe->user_data;
    }
}

/* The end of an fsync that was submitted, if this is one. */
static void note_cqe(const struct io_uring_cqe *cqe)
{
    for (unsigned i = event_count; i > 0; i--) {
        if (events[i - 1].number != cqe->user_data)
            continue;
        if (events[i - 1].what == SYNC_BEGINS && cqe->res == 0)
            add_event(SYNC_ENDS)->number = cqe->user_data;
        return;
    }
}

static void note(const struct ring *ring, const struct io_uring_sqe *sqe,
                 const struct io_uring_cqe *cqe)
{
    (void)ring;
    if (sqe != NULL)
        note_sqe(sqe);
    else
        note_cqe(cqe);
}

/* When each record was appended, by its number; 0: never, or it was cut off. A
 * record that comes back later is an error. */
static unsigned char life_of[RECORDS_MAX];

/* Fills payload with the bytes of a record. Returns their number, which is the
 * same for all records with this number. */
static size_t fill_payload(char *payload, uint64_t sequence)
{
    size_t len = 1 + (size_t)(sequence * 37 % 400);

    check(sequence < RECORDS_MAX);
    memset(payload, life_of[sequence], len);
    return len;
}

/* Appends batches of these sizes. */
static void append(int life, const unsigned *counts, unsigned batches)
{
    char payload[PAYLOAD_MAX];
    uint64_t sequence = 0;

    for (unsigned i = 0; i < batches; i++) {
        for (unsigned j = 0; j < counts[i]; j++) {
            life_of[log_here.next] = (unsigned char)life;
            check_res(log_await_add(&log_here, payload,
                                    fill_payload(payload, log_here.next),
                                    &sequence), 0);
        }
        check_res(log_await_durable(&log_here, sequence), 0);
        add_event(ACKNOWLEDGES)->number = sequence;
    }
}

/* The file on the disk: the bytes that are certain, and a length. */
struct disk {
    char bytes[DISK_LEN];
    uint64_t len;
    uint64_t promised; /* the last record that was acknowledged */
};

static void apply(struct disk *disk, const struct event *event, bool is_torn)
{
    if (event->what == CUTS) {
        if (event->len < disk->len)
            memset(disk->bytes + event->len, 0, DISK_LEN - event->len);
        disk->len = event->len;
    } else if (event->what == RESERVES && event->len > disk->len) {
        disk->len = event->len;
    } else if (event->what == WRITES) {
        check(event->offset + event->len <= DISK_LEN);
        for (uint64_t at = 0; at < event->len; at++) {
            uint64_t offset = event->offset + at;

            /* Whether a sector is stored depends on its number. */
            if (is_torn && (dice.state >> (offset / SECTOR % 64) & 1) != 0)
                continue;
            disk->bytes[offset] = event->bytes[at];
        }
        if (event->offset + event->len > disk->len)
            disk->len = event->offset + event->len;
    }
}

/* Replays the first count events on the disk. An fsync that has ended covers
 * what was submitted before it. Of the rest, the disk stores any part. */
static void replay(struct disk *disk, unsigned count)
{
    unsigned certain = 0;

    for (unsigned i = 0; i < count; i++) {
        if (events[i].what == ACKNOWLEDGES)
            disk->promised = events[i].number;
        for (unsigned j = 0; events[i].what == SYNC_ENDS && j < i; j++)
            if (events[j].what == SYNC_BEGINS &&
                events[j].number == events[i].number)
                certain = j;
    }
    for (unsigned i = 0; i < count; i++) {
        bool is_stored = i < certain || random_below(&dice, 4) > 0;

        if (is_stored)
            apply(disk, &events[i], i >= certain);
    }
}

static void put(const struct disk *disk)
{
    int fd = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    size_t len = disk->len < DISK_LEN ? (size_t)disk->len : DISK_LEN;

    check(fd >= 0);
    check(write(fd, disk->bytes, len) == (ssize_t)len);
    check(ftruncate(fd, (off_t)disk->len) == 0);
    close(fd);
}

/* Reads the log, and checks each record. Returns how many it has. */
static uint64_t check_log(void)
{
    struct record record;
    struct aio file;
    int rc;

    check_res(log_await_open_read(&file, "log"), 0);
    rc = scan_await_start(&scan, &file);
    while (rc > 0 && (rc = scan_await_next(&scan, &record)) > 0) {
        char payload[PAYLOAD_MAX];

        check(life_of[record.sequence] > 0);
        ck_assert_uint_eq(record.len, fill_payload(payload, record.sequence));
        check(memcmp(record.payload, payload, record.len) == 0);
    }
    check_res(rc, 0);
    check_res(aio_await_close(&file), 0);
    return scan.last;
}

/* Cuts the power after a random number of events that began with the file in
 * *disk. Leaves the file in *disk as the disk has it then. */
static void cut_power(struct disk *disk)
{
    uint64_t records;

    replay(disk, (unsigned)random_below(&dice, event_count + 1));
    put(disk);
    records = check_log();
    ck_assert_msg(records >= disk->promised,
                  "%llu records, but %llu was acknowledged",
                  (unsigned long long)records,
                  (unsigned long long)disk->promised);
}

static void forget_events(void)
{
    for (unsigned i = 0; i < event_count; i++)
        free(events[i].bytes);
    event_count = 0;
}

/* A life of a log: it is opened, appended to, and loses its power, four times
 * over. */
static void live(void)
{
    static struct disk disk;

    disk = (struct disk){0};
    unlink("log");
    memset(life_of, 0, sizeof life_of);
    for (int i = 1; i <= 4; i++) {
        unsigned counts[3];
        uint64_t torn_len;

        for (int j = 0; j < 3; j++)
            counts[j] = 1 + (unsigned)random_below(&dice, 4);
        forget_events();
        check_res(log_await_open(&log_here, "log", &scan, &torn_len), 0);
        memset(life_of + log_here.next, 0, RECORDS_MAX - log_here.next);
        append(i, counts, 3);
        check_res(log_await_close(&log_here), 0);
        cut_power(&disk);
    }
}

static void check_run_here(task_fn *fn)
{
    char directory[] = "wal.XXXXXX";
    const char *parent = getenv("TMPDIR");

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(directory) != NULL);
    check(chdir(directory) == 0);
    ring_hook = note;
    check_res(run(fn, NULL), 0);
}

TASK_TEST_IN(no_acknowledged_record_is_lost_in_four_power_cuts, check_run_here)
{
    dice = random_begin();
    for (uint64_t i = 0; i < random_option("FUZZ_ROUNDS", 60); i++)
        live();
    return 0;
}

int main(void)
{
    suite_begin("wal_crash");
    suite_add(no_acknowledged_record_is_lost_in_four_power_cuts);
    return suite_end();
}
