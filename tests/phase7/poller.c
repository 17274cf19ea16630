/* poller.c: the memory order of the four indices, judged by ThreadSanitizer. It
 * does not see the kernel, so a thread of this process plays the kernel's
 * polling thread, with the kernel's own loads and stores. If lib/own publishes
 * an SQE without a release, or a CQE is read without an acquire, it reports a
 * race. Without it, the order of the results is still checked. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "own.h"
#include "own_rings.h"
#include "sys.h"

#define NOPS UINT64_C(20000)

int __wrap_sys_ring_enter(const struct io_uring *entered, unsigned flags,
                          unsigned count, unsigned wait_count,
                          const struct io_uring_getevents_arg *arg);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static atomic_uint wakes;
static atomic_bool must_stop;

/* The polling thread has an SQ to wait for, so the only enter is a wake-up. */
int __wrap_sys_ring_enter(const struct io_uring *entered, unsigned flags,
                          unsigned count, unsigned wait_count,
                          const struct io_uring_getevents_arg *arg)
{
    check(entered == &ring && wait_count == 0 && arg == NULL);
    ck_assert_uint_eq(flags, IORING_ENTER_SQ_WAKEUP);
    pthread_mutex_lock(&mutex);
    wakes++;
    pthread_cond_signal(&woken);
    pthread_mutex_unlock(&mutex);
    return (int)count;
}

static void set_need_wakeup(bool is_asleep)
{
    atomic_store_explicit((_Atomic unsigned *)ring.sq.kflags,
                          is_asleep ? IORING_SQ_NEED_WAKEUP : 0,
                          memory_order_relaxed);
}

/* Sleeps until a wake-up, unless an SQE has come: the tail is loaded again
 * after NEED_WAKEUP was stored, with a full barrier between. */
static void poller_sleep(unsigned head)
{
    unsigned seen = wakes;

    set_need_wakeup(true);
    atomic_thread_fence(memory_order_seq_cst);
    pthread_mutex_lock(&mutex);
    while (io_uring_smp_load_acquire(ring.sq.ktail) == head && wakes == seen &&
           !must_stop)
        pthread_cond_wait(&woken, &mutex);
    pthread_mutex_unlock(&mutex);
    set_need_wakeup(false);
}

/* Takes the SQE at head, and posts its CQE. Waits for room in the CQ. */
static void poller_take(unsigned head)
{
    const struct io_uring_sqe *sqe = &ring.sq.sqes[head & ring.sq.ring_mask];
    unsigned tail = *ring.cq.ktail;
    struct io_uring_cqe *cqe = &ring.cq.cqes[tail & ring.cq.ring_mask];
    uint64_t user_data = sqe->user_data;
    int result = (int)sqe->len;

    io_uring_smp_store_release(ring.sq.khead, head + 1);
    while (tail - io_uring_smp_load_acquire(ring.cq.khead) ==
           ring.cq.ring_entries)
        sched_yield();
    *cqe = (struct io_uring_cqe){.user_data = user_data, .res = result};
    io_uring_smp_store_release(ring.cq.ktail, tail + 1);
}

static void *run_poller(void *arg)
{
    unsigned head = *ring.sq.khead, idle = 0;

    (void)arg;
    while (!must_stop) {
        if (io_uring_smp_load_acquire(ring.sq.ktail) != head) {
            poller_take(head++);
            idle = 0;
        } else if (++idle == 20) {
            poller_sleep(head);
            idle = 0;
        } else {
            sched_yield();
        }
    }
    return NULL;
}

/* Fills the next SQE. Returns false if the SQ is full. io_uring_sq_space_left
 * would say it as well, but in liburing 2.3 it loads the head of a polled ring
 * without an acquire first, and ThreadSanitizer reports that. */
static bool fill(uint64_t number)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

    if (sqe == NULL)
        return false;
    memset(sqe, 0, sizeof *sqe);
    io_uring_prep_nop(sqe);
    sqe->user_data = number;
    sqe->len = (unsigned)number;
    return true;
}

/* The CQEs that are there must be the next ones, from seen on. */
static uint64_t reap(uint64_t seen)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;

    io_uring_for_each_cqe(&ring, head, cqe) {
        ck_assert_uint_eq(cqe->user_data, seen + count);
        ck_assert_int_eq(cqe->res, (int)(seen + count));
        count++;
    }
    io_uring_cq_advance(&ring, count);
    return seen + count;
}

/* Waits until the poller will sleep: the next submit must wake it. */
static void await_sleep(void)
{
    uint64_t limit_ns = sys_now_ns() + UINT64_C(60000000000);

    while (!(IO_URING_READ_ONCE(*ring.sq.kflags) & IORING_SQ_NEED_WAKEUP) &&
           sys_now_ns() < limit_ns)
        sys_pause_ns(100000);
}

TEST(every_entry_of_both_rings_is_written_before_its_index)
{
    uint64_t sent = 0, seen = 0, sleeps = 0;
    pthread_t poller;

    start(4, 0);
    ring.flags |= IORING_SETUP_SQPOLL; /* the kernel knows nothing of it */
    check_res(sys_thread_start(&poller, run_poller, NULL), 0);
    while (seen < NOPS) {
        uint64_t before = sent;

        while (sent < NOPS && fill(sent))
            sent++;
        check(io_uring_submit(&ring) >= (int)(sent - before));
        if (is_empty())
            sched_yield();
        seen = reap(seen);
        if (seen == sent && sent / 2048 > sleeps) {
            await_sleep();
            sleeps++;
        }
    }
    must_stop = true;
    pthread_mutex_lock(&mutex);
    pthread_cond_signal(&woken);
    pthread_mutex_unlock(&mutex);
    check_res(sys_thread_join(poller), 0);
    check(sleeps > 0 && wakes >= sleeps - 1); /* the last needs no wake-up */
    io_uring_queue_exit(&ring);
}

int main(void)
{
    suite_begin("poller");
    suite_add(every_entry_of_both_rings_is_written_before_its_index);
    return suite_end();
}
