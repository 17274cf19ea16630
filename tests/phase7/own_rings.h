/* own_rings.h: one ring, for tests that are linked twice: with lib/own, and
 * with liburing. A difference between the two is named by ON_OWN in the test.
 *
 * Test support of phase 7. Needs: suite.h. */
#ifndef TESTS_PHASE7_OWN_RINGS_H
#define TESTS_PHASE7_OWN_RINGS_H

#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "suite.h"

#ifndef ON_OWN
#define ON_OWN 0 /* tests/phase7/edges.ninja sets it to 1 for lib/own */
#endif

#define MS 1000000ll

static struct io_uring ring;

static inline void start(unsigned sq_entries, unsigned flags)
{
    check_ring(io_uring_queue_init(sq_entries, &ring, flags));
}

/* Returns a cleared SQE; the SQ must have room. liburing 2.3 clears none. */
static inline struct io_uring_sqe *take_sqe(uint64_t user_data)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

    check(sqe != NULL);
    memset(sqe, 0, sizeof *sqe);
    sqe->user_data = user_data;
    return sqe;
}

static inline void nop(uint64_t user_data)
{
    struct io_uring_sqe *sqe = take_sqe(user_data);

    io_uring_prep_nop(sqe);
    sqe->user_data = user_data;
}

/* A read that waits until fd has data. */
static inline void read_byte(int fd, char *byte, uint64_t user_data)
{
    struct io_uring_sqe *sqe = take_sqe(user_data);

    io_uring_prep_read(sqe, fd, byte, 1, 0);
    sqe->user_data = user_data;
}

/* Takes the next completion, which must come within 20 s and have this
 * user_data. Returns its result. */
static inline int next_of(uint64_t user_data)
{
    struct __kernel_timespec limit = {.tv_sec = 20};
    struct io_uring_cqe *cqe = NULL;
    time_t end = time(NULL) + 20;
    int rc;

    do /* a signal may end the wait */
        rc = io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &limit, NULL);
    while (cqe == NULL && (rc >= 0 || rc == -EINTR) && time(NULL) < end);
    ck_assert_msg(cqe != NULL, "no completion: %s", err_name(rc));
    ck_assert_uint_eq(cqe->user_data, user_data);
    rc = cqe->res;
    io_uring_cqe_seen(&ring, cqe);
    return rc;
}

/* Returns how many mappings of rings this process has: two per ring. */
static inline int ring_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    int count = 0;

    check(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, "[io_uring]") != NULL;
    fclose(maps);
    return count;
}

static inline bool is_empty(void)
{
    return io_uring_cq_ready(&ring) == 0;
}

#endif
