/* model.c: lib/own on a kernel that this file scripts: indices that wrap, calls
 * that fail or do half, flags that no test can time. The linker's --wrap sends
 * lib/own's system calls here (tests/phase7/edges.ninja); most go on to the
 * real ones. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "fds.h"
#include "own.h"
#include "own_rings.h"
#include "sys.h"

int __real_sys_ring_setup(unsigned entries, struct io_uring_params *params);
int __real_sys_ring_map(void **memory, size_t len, int fd, uint64_t offset);
int __wrap_sys_ring_setup(unsigned entries, struct io_uring_params *params);
int __wrap_sys_ring_map(void **memory, size_t len, int fd, uint64_t offset);
int __wrap_sys_ring_enter(const struct io_uring *entered, unsigned flags,
                          unsigned count, unsigned wait_count,
                          const struct io_uring_getevents_arg *arg);

/* --- set-up: each step fails ------------------------------------------- */

static unsigned step, failing_step; /* counted from 1; 0: none fails */
static unsigned unknown_flags;      /* that this kernel refuses */
static unsigned missing_features;
static unsigned setups;

int __wrap_sys_ring_setup(unsigned entries, struct io_uring_params *params)
{
    int rc;

    setups++;
    if (params->flags & unknown_flags)
        return -EINVAL;
    if (++step == failing_step)
        return -ENOMEM;
    rc = __real_sys_ring_setup(entries, params);
    params->features &= ~missing_features;
    return rc;
}

int __wrap_sys_ring_map(void **memory, size_t len, int fd, uint64_t offset)
{
    return ++step == failing_step
               ? -ENOMEM
               : __real_sys_ring_map(memory, len, fd, offset);
}

TEST(a_setup_whose_nth_step_fails_leaves_nothing)
{
    int open = fds_open(), rc = -ENOMEM;

    for (failing_step = 1; rc != 0; failing_step++) {
        step = 0;
        rc = io_uring_queue_init(8, &ring, 0);
        if (rc == 0)
            break;
        check_res(rc, -ENOMEM);
        ck_assert_int_eq(fds_open(), open);
        ck_assert_int_eq(ring_mappings(), 0);
    }
    ck_assert_uint_eq(failing_step, 4); /* set-up, both rings, SQEs */
    ck_assert_int_eq(ring_mappings(), 2);
    io_uring_queue_exit(&ring);
    ck_assert_int_eq(ring_mappings(), 0);
}

/* --- set-up: older kernels --------------------------------------------- */

TEST(a_kernel_that_needs_the_sq_array_gets_one)
{
    struct io_uring_params params = {.flags = IORING_SETUP_CLAMP};

    unknown_flags = OWN_SETUP_NO_SQARRAY;
    check_ring(io_uring_queue_init_params(8, &ring, &params));
    ck_assert_uint_eq(params.flags, IORING_SETUP_CLAMP);
    ck_assert_uint_eq(ring.flags, IORING_SETUP_CLAMP);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(ring.sq.array[i], i);
    io_uring_queue_exit(&ring);
}

TEST(a_caller_that_wants_no_sq_array_gets_the_refusal)
{
    unknown_flags = OWN_SETUP_NO_SQARRAY;
    check_res(io_uring_queue_init(8, &ring, OWN_SETUP_NO_SQARRAY), -EINVAL);
    ck_assert_uint_eq(setups, 1);
}

TEST(a_kernel_without_a_needed_feature_is_refused)
{
    static const unsigned features[] = {IORING_FEAT_SINGLE_MMAP,
                                        IORING_FEAT_EXT_ARG};
    int open = fds_open();

    for (int i = 0; i < 2; i++) {
        missing_features = features[i];
        check_res(io_uring_queue_init(8, &ring, 0), -EOPNOTSUPP);
        ck_assert_int_eq(fds_open(), open);
        ck_assert_int_eq(ring_mappings(), 0);
    }
}

/* --- enters ------------------------------------------------------------ */

/* The effect of one enter: it takes this many SQEs, posts this many CQEs, and
 * returns result, or the number of SQEs that it took if result is 0. */
struct enter {
    unsigned takes, posts;
    int result;
};

/* The arguments of the last enter, and how many there were. */
static struct {
    unsigned flags, count, wait_count;
    struct io_uring_getevents_arg arg;
    unsigned calls;
} last;

static const struct enter *script;
static uint64_t posted;

/* The SQE that the kernel would take at this index. */
static const struct io_uring_sqe *sqe_at(unsigned index)
{
    unsigned entry = index & ring.sq.ring_mask;

    if (ring.sq.array != NULL)
        entry = ring.sq.array[entry];
    return &ring.sq.sqes[entry];
}

static void post(uint64_t user_data)
{
    unsigned tail = *ring.cq.ktail;

    ring.cq.cqes[tail & ring.cq.ring_mask] = (struct io_uring_cqe){
        .user_data = user_data,
    };
    io_uring_smp_store_release(ring.cq.ktail, tail + 1);
}

int __wrap_sys_ring_enter(const struct io_uring *entered, unsigned flags,
                          unsigned count, unsigned wait_count,
                          const struct io_uring_getevents_arg *arg)
{
    struct enter now = {count, wait_count, 0};

    check(entered == &ring);
    last.flags = flags;
    last.count = count;
    last.wait_count = wait_count;
    if (arg != NULL)
        last.arg = *arg;
    last.calls++;
    if (script != NULL)
        now = *script++;
    check(now.takes <= count);
    for (unsigned i = 0; i < now.posts; i++)
        post(i < now.takes ? sqe_at(*ring.sq.khead + i)->user_data : ++posted);
    *ring.sq.khead += now.takes;
    return now.result != 0 ? now.result : (int)now.takes;
}

/* As if 2^32 - 3 operations had been submitted and completed. The real kernel
 * keeps its own copies of the indices, and is not entered again. */
static void start_near_the_end(unsigned sq_entries)
{
    const unsigned index = UINT32_MAX - 2;

    start(sq_entries, 0);
    *ring.sq.khead = *ring.sq.ktail = index;
    ring.sq.sqe_head = ring.sq.sqe_tail = index;
    *ring.cq.khead = *ring.cq.ktail = index;
}

static void check_wrap(void)
{
    uint64_t sent = 0, seen = 0;

    start_near_the_end(4);
    while (seen < 12) {
        struct io_uring_cqe *cqe;

        nop(++sent);
        nop(++sent);
        check_res(io_uring_submit_and_wait(&ring, 2), 2);
        ck_assert_uint_eq(io_uring_cq_ready(&ring), 2);
        for (int i = 0; i < 2; i++) {
            check_res(io_uring_peek_cqe(&ring, &cqe), 0);
            ck_assert_uint_eq(cqe->user_data, ++seen);
            io_uring_cqe_seen(&ring, cqe);
        }
    }
    ck_assert_uint_eq(*ring.sq.ktail, 9); /* it has wrapped */
}

TEST(indices_wrap_at_2_to_the_32)
{
    check_wrap();
}

TEST(indices_wrap_with_an_sq_array)
{
    unknown_flags = OWN_SETUP_NO_SQARRAY;
    check_wrap();
    check(ring.sq.array != NULL);
}

TEST(a_full_sq_is_full_across_the_wrap)
{
    start_near_the_end(4);
    for (uint64_t i = 1; i <= 4; i++)
        nop(i);
    check(io_uring_get_sqe(&ring) == NULL);
    check_res(io_uring_submit_and_wait(&ring, 4), 4);
    ck_assert_uint_eq(io_uring_cq_ready(&ring), 4);
}

/* A signal or a lack of memory may stop the kernel after some of the SQEs. */
TEST(a_wait_counts_the_sqes_of_every_enter)
{
    static const struct enter halves[] = {{2, 0, 0}, {1, 2, 0}};
    struct io_uring_cqe *cqe = NULL;

    start(8, 0);
    script = halves;
    nop(1);
    nop(2);
    nop(3);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 2, NULL, NULL), 3);
    ck_assert_uint_eq(last.calls, 2);
    ck_assert_uint_eq(last.count, 1);
    check(cqe != NULL);
}

TEST(an_error_after_a_submission_does_not_hide_it)
{
    static const struct enter refused[] = {{1, 0, 0}, {0, 0, -EINTR}};
    struct io_uring_cqe *cqe = NULL;

    start(8, 0);
    script = refused;
    nop(1);
    nop(2);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, NULL, NULL), 1);
    check(cqe == NULL);
    ck_assert_uint_eq(io_uring_sq_ready(&ring), 1);
}

TEST(a_refused_enter_leaves_the_sqes_for_the_next_one)
{
    static const struct enter refused[] = {{0, 0, -EAGAIN}, {2, 2, 0}};

    start(8, 0);
    script = refused;
    nop(1);
    nop(2);
    check_res(io_uring_submit(&ring), -EAGAIN);
    ck_assert_uint_eq(io_uring_sq_ready(&ring), 2);
    check_res(io_uring_submit(&ring), 2);
    ck_assert_uint_eq(last.count, 2);
}

/* After one enter the kernel has waited as long as was asked for. */
TEST(a_wait_with_a_timeout_enters_once)
{
    static const struct enter short_wait[] = {{0, 0, 0}, {0, 1, 0}};
    struct __kernel_timespec timeout = {.tv_sec = 1};
    struct io_uring_cqe *cqe = NULL;
    sigset_t mask;

    start(8, 0);
    script = short_wait;
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &timeout, &mask),
              -ETIME);
    ck_assert_uint_eq(last.calls, 1);
    ck_assert_uint_eq(last.flags, IORING_ENTER_GETEVENTS);
    ck_assert_uint_eq(last.wait_count, 1);
    check(last.arg.ts == (uintptr_t)&timeout);
    check(last.arg.sigmask == (uintptr_t)&mask);
}

/* --- flags of the SQ ring ---------------------------------------------- */

TEST(waiting_completions_make_every_submit_enter)
{
    static const unsigned waiting[] = {IORING_SQ_CQ_OVERFLOW,
                                       IORING_SQ_TASKRUN};

    start(8, 0);
    check_res(io_uring_submit(&ring), 0);
    ck_assert_uint_eq(last.calls, 0);
    for (unsigned i = 0; i < 2; i++) {
        *ring.sq.kflags = waiting[i];
        check_res(io_uring_submit(&ring), 0);
        ck_assert_uint_eq(last.calls, i + 1);
        ck_assert_uint_eq(last.flags, IORING_ENTER_GETEVENTS);
    }
}

TEST(a_polled_device_makes_every_submit_enter)
{
    start(8, 0);
    ring.flags |= IORING_SETUP_IOPOLL;
    check_res(io_uring_submit(&ring), 0);
    ck_assert_uint_eq(last.calls, 1);
    ck_assert_uint_eq(last.flags, IORING_ENTER_GETEVENTS);
    ring.flags |= IORING_SETUP_SQPOLL;
    check_res(io_uring_submit(&ring), 0);
    ck_assert_uint_eq(last.calls, 1);
}

TEST(a_polling_thread_is_woken_if_it_sleeps_and_not_otherwise)
{
    start(8, 0);
    ring.flags |= IORING_SETUP_SQPOLL;
    nop(1);
    check_res(io_uring_submit(&ring), 1);
    ck_assert_uint_eq(last.calls, 0);
    ck_assert_uint_eq(*ring.sq.ktail, 1); /* it was published */
    *ring.sq.kflags = IORING_SQ_NEED_WAKEUP;
    nop(2);
    check_res(io_uring_submit(&ring), 2);
    ck_assert_uint_eq(last.calls, 1);
    ck_assert_uint_eq(last.flags, IORING_ENTER_SQ_WAKEUP);
    check_res(io_uring_submit(&ring), 0); /* nothing to wake it for */
    ck_assert_uint_eq(last.calls, 1);
}

static void *indices; /* the page of the four indices */

/* The page may only be read, so the store of the SQ tail faults and comes here.
 * Takes all SQEs, as a polling thread on another CPU may; then the store is
 * repeated. */
static void take_all(int number)
{
    (void)number;
    mprotect(indices, sys_page_size(), PROT_READ | PROT_WRITE);
    *ring.sq.khead = ring.sq.sqe_tail;
}

TEST(sqes_that_a_polling_thread_takes_during_the_submit_are_counted)
{
    struct sigaction action = {.sa_handler = take_all};

    start(8, 0);
    ring.flags |= IORING_SETUP_SQPOLL;
    indices = (void *)((uintptr_t)ring.sq.ktail / sys_page_size() *
                       sys_page_size());
    nop(1);
    nop(2);
    check(sigaction(SIGSEGV, &action, NULL) == 0);
    check(mprotect(indices, sys_page_size(), PROT_READ) == 0);
    check_res(io_uring_submit(&ring), 2);
    ck_assert_uint_eq(*ring.sq.ktail, 2);
    ck_assert_uint_eq(*ring.sq.khead, 2);
    ck_assert_uint_eq(last.calls, 0);
}

int main(void)
{
    suite_begin("model");
    suite_add(a_setup_whose_nth_step_fails_leaves_nothing);
    suite_add(a_kernel_that_needs_the_sq_array_gets_one);
    suite_add(a_caller_that_wants_no_sq_array_gets_the_refusal);
    suite_add(a_kernel_without_a_needed_feature_is_refused);
    suite_add(indices_wrap_at_2_to_the_32);
    suite_add(indices_wrap_with_an_sq_array);
    suite_add(a_full_sq_is_full_across_the_wrap);
    suite_add(a_wait_counts_the_sqes_of_every_enter);
    suite_add(an_error_after_a_submission_does_not_hide_it);
    suite_add(a_refused_enter_leaves_the_sqes_for_the_next_one);
    suite_add(a_wait_with_a_timeout_enters_once);
    suite_add(waiting_completions_make_every_submit_enter);
    suite_add(a_polled_device_makes_every_submit_enter);
    suite_add(a_polling_thread_is_woken_if_it_sleeps_and_not_otherwise);
    suite_add(sqes_that_a_polling_thread_takes_during_the_submit_are_counted);
    return suite_end();
}
