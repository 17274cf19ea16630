/* submit.c: every SQE that is submitted completes, and every call returns what
 * its man page specifies. Runs on lib/own, and as submit_liburing on
 * liburing. */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "own_rings.h"

/* --- submit ------------------------------------------------------------ */

TEST(submit_returns_the_number_of_sqes)
{
    start(8, 0);
    check_res(io_uring_submit(&ring), 0);
    nop(1);
    nop(2);
    check_res(io_uring_submit(&ring), 2);
    check_res(io_uring_submit(&ring), 0);
    check_res(next_of(1), 0);
    check_res(next_of(2), 0);
    check(is_empty());
    io_uring_queue_exit(&ring);
}

TEST(submit_and_wait_returns_after_the_completions)
{
    start(8, 0);
    for (uint64_t i = 0; i < 5; i++)
        nop(i);
    check_res(io_uring_submit_and_wait(&ring, 5), 5);
    ck_assert_uint_eq(io_uring_cq_ready(&ring), 5);
    for (uint64_t i = 0; i < 5; i++)
        check_res(next_of(i), 0);
    io_uring_queue_exit(&ring);
}

/* Many times around: the SQ has four entries, the CQ has eight. */
TEST(every_sqe_comes_back_once_and_in_order)
{
    start(4, 0);
    for (uint64_t first = 0; first < 3000; first += 3) {
        for (uint64_t i = 0; i < 3; i++)
            nop(first + i);
        check_res(io_uring_submit_and_wait(&ring, 3), 3);
        for (uint64_t i = 0; i < 3; i++)
            check_res(next_of(first + i), 0);
        check(is_empty());
    }
    io_uring_queue_exit(&ring);
}

TEST(a_full_sq_gives_no_sqe_until_a_submit)
{
    start(4, 0);
    for (uint64_t i = 0; i < 4; i++)
        nop(i);
    check(io_uring_get_sqe(&ring) == NULL);
    ck_assert_uint_eq(io_uring_sq_space_left(&ring), 0);
    check_res(io_uring_submit(&ring), 4);
    ck_assert_uint_eq(io_uring_sq_space_left(&ring), 4);
    nop(4);
    for (uint64_t i = 0; i < 5; i++)
        check_res(next_of(i), 0);
    io_uring_queue_exit(&ring);
}

/* Without SUBMIT_ALL the kernel stops after an SQE that it refuses. */
TEST(a_short_submit_leaves_the_rest_in_the_sq)
{
    start(8, 0);
    nop(1);
    take_sqe(2)->opcode = 255;
    nop(3);
    check_res(io_uring_submit(&ring), 2);
    ck_assert_uint_eq(io_uring_sq_ready(&ring), 1);
    check_res(io_uring_submit(&ring), 1);
    check_res(next_of(1), 0);
    check_res(next_of(2), -EINVAL);
    check_res(next_of(3), 0);
    io_uring_queue_exit(&ring);
}

/* --- the CQ ------------------------------------------------------------ */

TEST(peek_returns_eagain_without_a_completion)
{
    struct io_uring_cqe *cqe = NULL;

    start(8, 0);
    check_res(io_uring_peek_cqe(&ring, &cqe), -EAGAIN);
    nop(7);
    check_res(io_uring_submit(&ring), 1);
    check_res(io_uring_peek_cqe(&ring, &cqe), 0);
    ck_assert_uint_eq(cqe->user_data, 7);
    check_res(io_uring_wait_cqe(&ring, &cqe), 0);
    ck_assert_uint_eq(cqe->user_data, 7); /* it was not taken */
    io_uring_queue_exit(&ring);
}

/* Completions that do not fit into the CQ wait in the kernel for an enter. */
static void overflow_by(unsigned count)
{
    start(2, 0);
    ck_assert_uint_eq(ring.cq.ring_entries, 4);
    for (uint64_t i = 0; i < 4 + count; i++) {
        nop(i);
        check_res(io_uring_submit(&ring), 1);
    }
    ck_assert_uint_eq(io_uring_cq_ready(&ring), 4);
    check(io_uring_cq_has_overflow(&ring));
}

TEST(peek_fetches_completions_that_overflowed_the_cq)
{
    struct io_uring_cqe *cqe;

    overflow_by(3);
    for (uint64_t i = 0; i < 7; i++) {
        check_res(io_uring_peek_cqe(&ring, &cqe), 0);
        ck_assert_uint_eq(cqe->user_data, i);
        io_uring_cqe_seen(&ring, cqe);
    }
    check_res(io_uring_peek_cqe(&ring, &cqe), -EAGAIN);
    check(!io_uring_cq_has_overflow(&ring));
    io_uring_queue_exit(&ring);
}

TEST(a_submit_of_nothing_fetches_completions_that_overflowed)
{
    overflow_by(1);
    io_uring_cq_advance(&ring, 4);
    check_res(io_uring_submit(&ring), 0);
    ck_assert_uint_eq(io_uring_cq_ready(&ring), 1);
    io_uring_queue_exit(&ring);
}

TEST(get_events_fetches_completions_that_overflowed)
{
    overflow_by(2);
    io_uring_cq_advance(&ring, 4);
    check_res(io_uring_get_events(&ring), 0);
    ck_assert_uint_eq(io_uring_cq_ready(&ring), 2);
    io_uring_queue_exit(&ring);
}

/* With DEFER_TASKRUN a completion of another task appears only in an enter that
 * asks for events; the data itself comes by a write(2) here. */
TEST(submit_and_get_events_runs_deferred_completions)
{
    int fds[2];
    char byte;

    start(8, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    check(pipe(fds) == 0);
    read_byte(fds[0], &byte, 1);
    check_res(io_uring_submit_and_get_events(&ring), 1);
    check(is_empty());
    check(write(fds[1], "x", 1) == 1);
    check(is_empty());
    check_res(io_uring_submit_and_get_events(&ring), 0);
    ck_assert_uint_eq(io_uring_cq_ready(&ring), 1);
    check_res(next_of(1), 1);
    io_uring_queue_exit(&ring);
}

/* --- time-outs --------------------------------------------------------- */

static long long elapsed_ns(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 * MS + now.tv_nsec -
           since->tv_nsec;
}

TEST(a_wait_ends_with_etime_after_its_timeout)
{
    struct __kernel_timespec timeout = {.tv_nsec = 20 * MS};
    struct io_uring_cqe *cqe = NULL;
    struct timespec began;

    start(8, 0);
    clock_gettime(CLOCK_MONOTONIC, &began);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &timeout, NULL),
              -ETIME);
    check(elapsed_ns(&began) >= 20 * MS);
    check(cqe == NULL);
    io_uring_queue_exit(&ring);
}

TEST(a_wait_that_submits_returns_the_count_although_it_timed_out)
{
    struct __kernel_timespec timeout = {.tv_nsec = 1 * MS};
    struct io_uring_cqe *cqe = NULL;
    int fds[2];
    char byte;

    start(8, 0);
    check(pipe(fds) == 0);
    read_byte(fds[0], &byte, 1);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &timeout, NULL),
              1);
    check(cqe == NULL);
    check(write(fds[1], "x", 1) == 1);
    check_res(next_of(1), 1);
    io_uring_queue_exit(&ring);
}

TEST(a_wait_that_submits_returns_the_count_and_the_oldest_cqe)
{
    struct __kernel_timespec timeout = {.tv_sec = 20};
    struct io_uring_cqe *cqe = NULL;

    start(8, 0);
    nop(1);
    nop(2);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 2, &timeout, NULL),
              2);
    check(cqe != NULL);
    ck_assert_uint_eq(cqe->user_data, 1);
    ck_assert_uint_eq(io_uring_cq_ready(&ring), 2);
    io_uring_queue_exit(&ring);
}

/* The man page promises the number of SQEs. liburing returns 0 here. */
TEST(a_wait_that_finds_a_cqe_still_submits)
{
    struct __kernel_timespec timeout = {.tv_sec = 20};
    struct io_uring_cqe *cqe = NULL;

    start(8, 0);
    nop(1);
    check_res(io_uring_submit(&ring), 1);
    nop(2);
    nop(3);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &timeout, NULL),
              ON_OWN ? 2 : 0);
    check(cqe != NULL);
    ck_assert_uint_eq(cqe->user_data, 1);
    ck_assert_uint_eq(io_uring_sq_ready(&ring), 0);
    io_uring_queue_exit(&ring);
}

TEST(a_wait_for_no_completion_returns_at_once)
{
    struct __kernel_timespec timeout = {.tv_sec = 20};
    struct io_uring_cqe *cqe = NULL;

    start(8, 0);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 0, &timeout, NULL),
              -EAGAIN);
    nop(1);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 0, &timeout, NULL),
              1);
    check_res(next_of(1), 0);
    io_uring_queue_exit(&ring);
}

/* --- signals ----------------------------------------------------------- */

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

/* A signal every 2 ms, so that one comes during the wait. */
static void send_signals(void)
{
    struct sigaction action = {.sa_handler = count_signal,
                               .sa_flags = SA_RESTART};
    struct itimerval timer = {{0, 2000}, {0, 2000}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

TEST(a_signal_ends_a_wait_with_eintr)
{
    struct __kernel_timespec timeout = {.tv_sec = 20};
    struct io_uring_cqe *cqe = NULL;

    start(8, 0);
    send_signals();
    check_res(io_uring_submit_and_wait(&ring, 1), -EINTR);
    check_res(io_uring_wait_cqe(&ring, &cqe), -EINTR);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &timeout, NULL),
              -EINTR);
    check(signals >= 3);
    io_uring_queue_exit(&ring);
}

TEST(a_signal_in_the_mask_does_not_end_a_wait)
{
    struct __kernel_timespec timeout = {.tv_nsec = 20 * MS};
    struct io_uring_cqe *cqe = NULL;
    sigset_t mask;

    start(8, 0);
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    send_signals();
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &timeout, &mask),
              -ETIME);
    io_uring_queue_exit(&ring);
}

/* Without a timeout, the kernel still gets the mask, as another argument. */
TEST(a_wait_without_a_timeout_uses_the_mask)
{
    struct io_uring_cqe *cqe = NULL;
    sigset_t alarm_only, none;

    start(8, 0);
    sigemptyset(&none);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm_only, NULL);
    send_signals();
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, NULL, &none),
              -EINTR);
    io_uring_queue_exit(&ring);
}

int main(void)
{
    suite_begin(ON_OWN ? "submit" : "submit_liburing");
    suite_add(submit_returns_the_number_of_sqes);
    suite_add(submit_and_wait_returns_after_the_completions);
    suite_add(every_sqe_comes_back_once_and_in_order);
    suite_add(a_full_sq_gives_no_sqe_until_a_submit);
    suite_add(a_short_submit_leaves_the_rest_in_the_sq);
    suite_add(peek_returns_eagain_without_a_completion);
    suite_add(peek_fetches_completions_that_overflowed_the_cq);
    suite_add(a_submit_of_nothing_fetches_completions_that_overflowed);
    suite_add(get_events_fetches_completions_that_overflowed);
    suite_add(submit_and_get_events_runs_deferred_completions);
    suite_add(a_wait_ends_with_etime_after_its_timeout);
    suite_add(a_wait_that_submits_returns_the_count_although_it_timed_out);
    suite_add(a_wait_that_submits_returns_the_count_and_the_oldest_cqe);
    suite_add(a_wait_that_finds_a_cqe_still_submits);
    suite_add(a_wait_for_no_completion_returns_at_once);
    suite_add(a_signal_ends_a_wait_with_eintr);
    suite_add(a_signal_in_the_mask_does_not_end_a_wait);
    suite_add(a_wait_without_a_timeout_uses_the_mask);
    return suite_end();
}
