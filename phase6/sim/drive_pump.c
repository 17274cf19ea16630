/* drive_pump.c: the pump of cp-uring copies one file; see sim_run.h.
 *
 * What it teaches: the contract of a copy. The bytes that it reports as copied
 * are equal to those of the source. It fails only if the disk fails, and names
 * the place. It does not return while the kernel may write to a buffer. */
#include <errno.h>
#include <string.h>

#include "pump.h"
#include "sim_check.h"
#include "sim_disk.h"
#include "sim_knobs.h"
#include "sim_op.h"
#include "sim_pick.h"
#include "sim_ring.h"
#include "sim_run.h"
#include "sim_world.h"

#define LEN_MAX 4000u

static struct {
    struct disk_file *source, *target;
    uint64_t len;      /* of the source at the start */
    uint64_t shortest; /* the least length that the source has had */
    bool may_change;
} copy;

/* Returns byte n of the source, which does not depend on its length. */
static unsigned char pattern(uint64_t n)
{
    return (unsigned char)(n * 7 + (n >> 8));
}

/* Another process cuts the source, or lets it grow again. */
static void change_source(void *unused)
{
    (void)unused;
    copy.source->len = pick((unsigned)copy.len + 1);
    check_trace("the source has %u bytes", (unsigned)copy.source->len);
    if (copy.source->len < copy.shortest)
        copy.shortest = copy.source->len;
    copy.may_change = pick(2) == 0;
}

static void offer_events(void)
{
    if (copy.may_change)
        world_offer(change_source, NULL);
}

/* Checks the result of a copy. It may have failed because of a disk error, a
 * full disk, or a missing worker. */
static void check_copy(int rc, uint64_t reached)
{
    bool has_cause = (rc == -EIO && (copy.source->error == rc ||
                                     copy.target->error == rc)) ||
                     (rc == -ENOSPC && copy.target->space == 0) ||
                     (rc == -ECANCELED && knob_is_on(KNOB_NO_WORKER));

    check_that(rc >= 0 || has_cause, "a-failure-has-a-cause",
               "the copy ends with", rc);
    if (rc < 0)
        return;
    check_that(reached >= copy.shortest && reached <= copy.len,
               "the-copy-is-complete", "bytes copied:", (int64_t)reached);
    check_that(copy.target->len >= reached, "the-copy-is-complete",
               "bytes in the target:", (int64_t)copy.target->len);
    for (uint64_t i = 0; i < reached; i++)
        check_that(copy.target->bytes[i] == pattern(i), "the-copy-is-equal",
                   "there is a wrong byte at", (int64_t)i);
}

static void drive(void)
{
    struct cp cp = {.options = {.depth = 1 + pick(8),
                                .block_len = 1 + pick(700)}};
    int rc = pump_init(&cp);

    check_that(rc == 0, "set-up", "a pump:", rc);
    world_add_source(offer_events);
    /* After a failure, the next copy must have all blocks of the pump. */
    for (unsigned i = 1 + pick(6); i > 0; i--) {
        struct engine_job job = {.cp = &cp};
        uint64_t reached;

        /* The length and the faults of each copy are different. */
        disk_begin(); /* the files of the copy before are closed */
        copy.source = disk_create();
        copy.target = disk_create();
        copy.len = copy.shortest = copy.source->len = pick(LEN_MAX);
        copy.may_change = pick(4) == 0;
        for (uint64_t n = 0; n < copy.len; n++)
            copy.source->bytes[n] = pattern(n);
        if (knob_is_on(KNOB_SPACE))
            copy.target->space = pick(LEN_MAX);
        job.in = disk_open(copy.source);
        job.out = disk_open(copy.target);
        rc = pump_copy(&job, 0, copy.len, &reached);
        check_copy(rc, reached);
        file_close(job.in); /* fails if an operation is in flight */
        file_close(job.out);
    }
    pump_finish();
}

const struct sim_driver drive_pump = {
    .name = "pump",
    .what = "the pump of phase1/cp, which copies a file",
    .run = drive,
};
