/* sqpoll.c: a kernel thread that takes SQEs from another CPU, sleeps, and is
 * woken. Runs on lib/own, and as sqpoll_liburing on liburing. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "own_rings.h"

#define DEADLINE_S 60
#define NOPS 2000u

static void start_polling(unsigned sq_entries, unsigned idle_ms)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SQPOLL,
        .sq_thread_idle = idle_ms,
    };

    check_ring(io_uring_queue_init_params(sq_entries, &ring, &params));
}

static bool must_wake(void)
{
    return (IO_URING_READ_ONCE(*ring.sq.kflags) & IORING_SQ_NEED_WAKEUP) != 0;
}

static void pause_us(long us)
{
    nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

/* Waits until the thread sleeps (or, with is_asleep false, is awake). */
static void await_sleep(void)
{
    time_t limit = time(NULL) + DEADLINE_S;

    while (!must_wake() && time(NULL) < limit)
        pause_us(100);
    check(must_wake());
}

/* Submits one SQE. The result may be larger: SQEs count that the thread
 * has not yet taken. liburing returns 0 if the thread takes them during the
 * call, although the man page promises no smaller number. */
static void submit_one(void)
{
    check(io_uring_submit(&ring) >= ON_OWN);
}

/* The thread is awake, so no system call is needed. */
TEST(the_thread_takes_sqes_without_an_enter)
{
    time_t limit = time(NULL) + DEADLINE_S;

    start_polling(8, 20000);
    for (uint64_t i = 0; i < 5; i++)
        nop(i);
    check(io_uring_submit(&ring) >= 5 * ON_OWN);
    while (io_uring_cq_ready(&ring) < 5 && time(NULL) < limit)
        pause_us(100);
    for (uint64_t i = 0; i < 5; i++)
        check_res(next_of(i), 0);
    io_uring_queue_exit(&ring);
}

TEST(a_submit_wakes_a_thread_that_sleeps)
{
    start_polling(8, 1);
    for (uint64_t i = 0; i < 10; i++) {
        await_sleep();
        nop(i);
        submit_one();
        check_res(next_of(i), 0);
    }
    io_uring_queue_exit(&ring);
}

TEST(each_way_to_submit_wakes_a_thread_that_sleeps)
{
    struct __kernel_timespec limit = {.tv_sec = DEADLINE_S};
    struct io_uring_cqe *cqe;

    start_polling(8, 1);
    await_sleep();
    nop(1);
    check(io_uring_submit_and_wait(&ring, 1) >= ON_OWN);
    check_res(next_of(1), 0);
    await_sleep();
    nop(2);
    check(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &limit, NULL) >=
          ON_OWN);
    check_res(next_of(2), 0);
    await_sleep();
    nop(3);
    check(io_uring_submit_and_get_events(&ring) >= ON_OWN);
    check_res(next_of(3), 0);
    io_uring_queue_exit(&ring);
}

/* The thread goes to sleep just when an SQE comes, at many different moments.
 * If the store of the tail could pass the load of NEED_WAKEUP, both sides would
 * read old values, and the nop would never complete. */
TEST(no_sqe_is_forgotten_by_a_thread_that_falls_asleep)
{
    struct io_uring_cqe *cqe;

    start_polling(8, 1);
    srandom(1);
    for (uint64_t i = 0; i < 200; i++) {
        time_t limit = time(NULL) + DEADLINE_S;

        pause_us(random() % 1500);
        nop(i);
        submit_one();
        while (is_empty() && time(NULL) < limit)
            pause_us(10);
        check_res(io_uring_peek_cqe(&ring, &cqe), 0);
        ck_assert_uint_eq(cqe->user_data, i);
        io_uring_cqe_seen(&ring, cqe);
    }
    io_uring_queue_exit(&ring);
}

/* The bytes of an SQE must be visible before the tail: each nop carries its own
 * number, and an entry is filled again as soon as the head shows it free. */
TEST(the_thread_sees_each_sqe_complete)
{
    uint64_t sent = 0, seen = 0;
    time_t limit = time(NULL) + DEADLINE_S;

    start_polling(4, 50);
    while (seen < NOPS && time(NULL) < limit) {
        struct io_uring_cqe *cqe;
        unsigned head, count = 0;

        while (sent < NOPS && sent - seen < 8 &&
               io_uring_sq_space_left(&ring) > 0)
            nop(sent++);
        check(io_uring_submit(&ring) >= 0);
        io_uring_for_each_cqe(&ring, head, cqe) {
            ck_assert_uint_eq(cqe->user_data, seen + count);
            ck_assert_int_eq(cqe->res, 0);
            count++;
        }
        io_uring_cq_advance(&ring, count);
        seen += count;
    }
    ck_assert_uint_eq(seen, NOPS);
    io_uring_queue_exit(&ring);
}

/* Counted as submitted although no enter was needed; liburing returns 0. */
TEST(a_wait_that_finds_a_cqe_counts_sqes_that_the_thread_takes)
{
    struct __kernel_timespec limit = {.tv_sec = DEADLINE_S};
    struct io_uring_cqe *cqe;

    start_polling(8, 20000);
    nop(1);
    check_res(io_uring_submit_and_wait(&ring, 1), 1);
    nop(2);
    check_res(io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &limit, NULL),
              ON_OWN ? 1 : 0);
    ck_assert_uint_eq(cqe->user_data, 1);
    check_res(next_of(1), 0);
    check_res(next_of(2), 0);
    io_uring_queue_exit(&ring);
}

/* A kernel before 5.11 lets only root poll. */
static const char *why_no_thread(void)
{
    struct io_uring_params params = {.flags = IORING_SETUP_SQPOLL};
    int rc = io_uring_queue_init_params(8, &ring, &params);

    if (rc == 0)
        io_uring_queue_exit(&ring);
    return rc == 0 ? NULL : err_words(rc);
}

int main(void)
{
    const char *why = why_no_thread();

    suite_begin(ON_OWN ? "sqpoll" : "sqpoll_liburing");
    suite_add_unless(why, the_thread_takes_sqes_without_an_enter);
    suite_add_unless(why, a_submit_wakes_a_thread_that_sleeps);
    suite_add_unless(why, each_way_to_submit_wakes_a_thread_that_sleeps);
    suite_add_unless(why, no_sqe_is_forgotten_by_a_thread_that_falls_asleep);
    suite_add_unless(why, the_thread_sees_each_sqe_complete);
    suite_add_unless(why,
                     a_wait_that_finds_a_cqe_counts_sqes_that_the_thread_takes);
    return suite_end();
}
