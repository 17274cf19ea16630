/* claims_setup.c: claims about io_uring_setup and its flags.
 * Introduced in phase 6. Needs: claim.h, uring_setup.h.
 *
 * A flag that the kernel does not know, or that it refuses together with
 * another one, is -EINVAL. So these checks try combinations of flags. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "claim.h"
#include "uring_setup.h"

/* A program that counts free entries must use the size from the kernel. */
static const char *entries_are_rounded_up(void)
{
    struct io_uring ring;

    claim_ring(&ring, 5, 0);
    return claim_number("entries", 8, (int)ring.sq.ring_entries);
}

/* A multishot operation posts many CQEs per SQE, so a server asks for a larger
 * CQ with CQSIZE. */
static const char *cq_is_twice_the_sq(void)
{
    struct io_uring ring;

    claim_ring(&ring, 8, 0);
    return claim_number("entries of the CQ", 16, (int)ring.cq.ring_entries);
}

/* The limit is 32,768 entries. */
static const char *too_many_entries(void)
{
    return claim_number("io_uring_setup of 65536 entries", -EINVAL,
                        claim_try(65536, 0));
}

/* lib sets CLAMP, so a large --sq is no reason to fail. */
static const char *clamp(void)
{
    struct io_uring ring;

    claim_ring(&ring, 65536, IORING_SETUP_CLAMP);
    return claim_number("entries", 32768, (int)ring.sq.ring_entries);
}

/* Task work can wait for one thread only if no other thread submits. */
static const char *defer_needs_single_issuer(void)
{
    if (claim_try(4, IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER))
        claim_absent("the kernel has no DEFER_TASKRUN (6.1)");
    return claim_number("DEFER_TASKRUN alone", -EINVAL,
                        claim_try(4, IORING_SETUP_DEFER_TASKRUN));
}

/* With SQPOLL the polling thread runs the task work. */
static const char *defer_excludes_sqpoll(void)
{
    return claim_number("both flags", -EINVAL,
                        claim_try(4, IORING_SETUP_DEFER_TASKRUN |
                                         IORING_SETUP_SINGLE_ISSUER |
                                         IORING_SETUP_SQPOLL));
}

/* Without one of them no task work waits, so there is nothing to flag. */
static const char *taskrun_flag_needs_a_taskrun(void)
{
    return claim_number("TASKRUN_FLAG alone", -EINVAL,
                        claim_try(4, IORING_SETUP_TASKRUN_FLAG));
}

/* So a program can register restrictions before the first operation runs. */
static const char *disabled_ring_refuses_submits(void)
{
    struct io_uring ring;

    claim_ring(&ring, 4, IORING_SETUP_R_DISABLED);
    claim_sqe(&ring, 1);
    return claim_number("the submit", -EBADFD, io_uring_submit(&ring));
}

/* Submits a nop, and returns the result of the submit. */
static void *submit_nop(void *ring)
{
    claim_sqe(ring, 1);
    return (void *)(intptr_t)io_uring_submit(ring);
}

/* A program that makes a ring in one thread and uses it in another must make it
 * with R_DISABLED, and enable it in the other thread. */
static const char *first_submitter_is_the_issuer(void)
{
    struct io_uring ring;
    pthread_t thread;
    void *result;

    claim_ring(&ring, 4, IORING_SETUP_SINGLE_ISSUER);
    if (pthread_create(&thread, NULL, submit_nop, &ring) != 0)
        claim_absent("no thread can be created");
    pthread_join(thread, &result);
    return claim_number("the first submit, by another thread", 1,
                        (int)(intptr_t)result);
}

/* CQE32 makes every CQE large, which is what CQE_MIXED avoids. */
static const char *mixed_needs_cqe32(void)
{
    int alone = claim_try(4, UR_SETUP_CQE_MIXED);

    if (alone == -EINVAL && claim_try(4, UR_SETUP_CQE_MIXED |
                                             IORING_SETUP_CQE32) == -EINVAL)
        claim_absent("the kernel has no CQE_MIXED (6.18)");
    return claim_number("CQE_MIXED alone", -EINVAL, alone);
}

/* That is how phase 4 puts a ring into another event loop. */
static const char *ring_is_pollable(void)
{
    struct io_uring ring;
    struct pollfd fd = {.events = POLLIN};

    claim_ring(&ring, 4, 0);
    fd.fd = ring.ring_fd;
    if (poll(&fd, 1, 0) != 0)
        return "an empty ring is readable";
    claim_sqe(&ring, 1);
    io_uring_submit(&ring);
    return claim_number("poll of a ring with a completion", 1, poll(&fd, 1, 0));
}

/* Counting polls of 10 ms would be wrong on a busy machine, where each takes
 * longer. */
static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A thread that has had no work yet sleeps anyway, so it gets a nop first. */
static const char *polling_thread_sleeps_never(void)
{
    struct io_uring_params params = {.flags = IORING_SETUP_SQPOLL};
    struct io_uring ring;
    int64_t start_ms;

    if (io_uring_queue_init_params(4, &ring, &params) < 0)
        claim_absent("this kernel makes no ring with SQPOLL");
    claim_sqe(&ring, 1);
    (void)claim_run(&ring);
    start_ms = now_ms();
    for (int64_t waited_ms = 0; waited_ms < 3000; poll(NULL, 0, 10)) {
        waited_ms = now_ms() - start_ms;
        if ((__atomic_load_n(ring.sq.kflags, __ATOMIC_ACQUIRE) &
             IORING_SQ_NEED_WAKEUP) != 0)
            return waited_ms > 500 ? "it sleeps after about a second"
                                   : "it sleeps at once";
    }
    return NULL;
}
const struct claim claims_setup[] = {
    {"io_uring_setup(2)", "the number of entries is rounded up to a power of 2",
     entries_are_rounded_up},
    {"io_uring_setup(2)", "the CQ has twice as many entries as the SQ",
     cq_is_twice_the_sq},
    {"io_uring_setup(2)", "more entries than the limit are refused",
     too_many_entries},
    {"io_uring_setup(2)", "with CLAMP, more entries become the limit", clamp},
    {"io_uring_setup(2)", "DEFER_TASKRUN needs SINGLE_ISSUER",
     defer_needs_single_issuer},
    {"io_uring_setup(2)", "DEFER_TASKRUN excludes SQPOLL",
     defer_excludes_sqpoll},
    {"io_uring_setup(2)", "TASKRUN_FLAG needs COOP_TASKRUN or DEFER_TASKRUN",
     taskrun_flag_needs_a_taskrun},
    {"io_uring_setup(2)", "a ring with R_DISABLED refuses submits",
     disabled_ring_refuses_submits},
    {"io_uring_setup(2)", "poll reports a ring with completions as readable",
     ring_is_pollable},
    {"io_uring_setup_flags(7)", "SINGLE_ISSUER binds a ring to the first "
                                "thread that submits",
     first_submitter_is_the_issuer},
    {"io_uring_setup_flags(7)", "CQE_MIXED needs CQE32", mixed_needs_cqe32},
    {"io_uring_sqpoll(7)", "with sq_thread_idle 0 the polling thread never "
                           "sleeps",
     polling_thread_sleeps_never},
    {NULL, NULL, NULL},
};
