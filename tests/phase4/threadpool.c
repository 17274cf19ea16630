/* threadpool.c: threads make calls that block, and the loop goes on.
 *
 * Tests of phase 4. */
#include "threadpool.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "foreign.h"
#include "suite.h"

static struct threadpool pool;

static int run(task_fn *body, void *arg)
{
    struct loop loop;
    int rc;

    check_ring(loop_init(&loop, NULL));
    rc = loop_run(&loop, body, arg);
    loop_finish(&loop);
    return rc;
}

static int square(void *arg)
{
    int n = *(int *)arg;

    return n * n;
}

static int await_square(void *arg)
{
    int result;

    check_res(threadpool_init(&pool, 1), 0);
    result = threadpool_await_call(&pool, square, arg);
    threadpool_await_finish(&pool);
    return result;
}

TEST(a_worker_returns_the_result_of_the_function)
{
    int n = 12;

    check_res(run(await_square, &n), 144);
}
END_TEST

/* Blocks its thread until the other end is written to. */
static int read_blocking(void *arg)
{
    char byte;

    return read(*(int *)arg, &byte, 1) == 1 ? byte : -EIO;
}

static int await_blocking_read(void *arg)
{
    return threadpool_await_call(&pool, read_blocking, arg);
}

/* The worker continues only after a task of the loop has run: the call must not
 * block the loop. */
static int await_while_a_worker_blocks(void *arg)
{
    struct task blocked = {0};
    int fds[2], result;

    (void)arg;
    check(pipe(fds) == 0);
    check_res(threadpool_init(&pool, 1), 0);
    check_res(task_spawn(&blocked, "blocked", await_blocking_read, &fds[0]), 0);
    for (int i = 0; i < 100; i++)
        check_res(await_nop(), 0);
    check_res(await_write_all(fds[1], "w", 1, AWAIT_STREAM), 0);
    result = task_join(&blocked);
    threadpool_await_finish(&pool);
    close(fds[0]);
    close(fds[1]);
    return result;
}

TEST(the_loop_runs_while_a_worker_blocks)
{
    check_res(run(await_while_a_worker_blocks, NULL), 'w');
}
END_TEST

static pthread_t loop_thread;

static int in_another_thread(void *arg)
{
    (void)arg;
    return !pthread_equal(pthread_self(), loop_thread);
}

static int await_thread(void *arg)
{
    int result;

    (void)arg;
    loop_thread = pthread_self();
    check_res(threadpool_init(&pool, 2), 0);
    result = threadpool_await_call(&pool, in_another_thread, NULL);
    threadpool_await_finish(&pool);
    return result;
}

TEST(the_function_of_a_job_runs_in_another_thread)
{
    check_res(run(await_thread, NULL), 1);
}
END_TEST

#define THREADS 4
#define JOBS 500

static atomic_int running, running_most, finished;

static int count_myself(void *arg)
{
    int now = atomic_fetch_add(&running, 1) + 1;
    int most = atomic_load(&running_most);

    (void)arg;
    while (now > most &&
           !atomic_compare_exchange_weak(&running_most, &most, now))
        continue;
    atomic_fetch_add(&finished, 1);
    atomic_fetch_sub(&running, 1);
    return 0;
}

static int await_count(void *arg)
{
    return threadpool_await_call(&pool, count_myself, arg);
}

static int await_many_jobs(void *arg)
{
    static struct task tasks[JOBS];

    (void)arg;
    check_res(threadpool_init(&pool, THREADS), 0);
    for (int i = 0; i < JOBS; i++)
        check_res(task_spawn(&tasks[i], "job", await_count, NULL), 0);
    for (int i = 0; i < JOBS; i++)
        check_res(task_join(&tasks[i]), 0);
    threadpool_await_finish(&pool);
    return 0;
}

TEST(many_jobs_run_only_a_few_at_a_time)
{
    check_res(run(await_many_jobs, NULL), 0);
    ck_assert_int_eq(atomic_load(&finished), JOBS);
    ck_assert_int_le(atomic_load(&running_most), THREADS);
}
END_TEST

static atomic_int calls;

static int count_calls(void *arg)
{
    (void)arg;
    return atomic_fetch_add(&calls, 1);
}

static int await_counted_call(void *arg)
{
    (void)arg;
    return threadpool_await_call(&pool, count_calls, NULL);
}

/* The only thread is busy, so the second job still waits when it is
 * cancelled. */
static int await_with_one_job_cancelled(void *arg)
{
    struct task busy = {0}, waiting = {0};
    int fds[2];

    (void)arg;
    check(pipe(fds) == 0);
    check_res(threadpool_init(&pool, 1), 0);
    check_res(task_spawn(&busy, "busy", await_blocking_read, &fds[0]), 0);
    task_yield();
    check_res(task_spawn(&waiting, "waiting", await_counted_call, NULL), 0);
    task_yield();
    task_cancel(&waiting);
    check_res(task_join(&waiting), -ECANCELED);
    check(write(fds[1], "x", 1) == 1);
    check_res(task_join(&busy), 'x');
    check_res(threadpool_await_call(&pool, count_calls, NULL),
              0); /* the first call */
    threadpool_await_finish(&pool);
    close(fds[0]);
    close(fds[1]);
    return 0;
}

TEST(a_job_that_has_not_begun_can_be_cancelled)
{
    check_res(run(await_with_one_job_cancelled, NULL), 0);
    ck_assert_int_eq(atomic_load(&calls), 1);
}
END_TEST

/* Says when it has begun, and blocks then. */
struct slow {
    int begun[2], go_on[2];
};

static int begin_and_block(void *arg)
{
    struct slow *slow = arg;
    char byte = 'b';

    if (write(slow->begun[1], &byte, 1) != 1)
        return -EIO;
    while (read(slow->go_on[0], &byte, 1) != 1)
        if (errno != EINTR)
            return -EIO;
    return byte;
}

/* Its result is not dropped; the cancel is delivered afterwards. */
static int await_slow(void *arg)
{
    int result = threadpool_await_call(&pool, begin_and_block, arg);

    check_res(await_sleep_ns(UINT64_C(60000000000)), -ECANCELED);
    return result;
}

static int await_with_a_running_job_cancelled(void *arg)
{
    struct task task = {0}, waiting = {0};
    struct slow slow;
    char byte;

    (void)arg;
    check(pipe(slow.begun) == 0 && pipe(slow.go_on) == 0);
    check_res(threadpool_init(&pool, 1), 0);
    check_res(task_spawn(&task, "slow", await_slow, &slow), 0);
    check_res(await_read(slow.begun[0], &byte, 1, AWAIT_STREAM), 1);
    check_res(task_spawn(&waiting, "waiting", await_counted_call, NULL), 0);
    task_yield(); /* so that the pool has a job which could be taken back */
    task_cancel(&task);
    for (int i = 0; i < 10; i++)
        task_yield();
    check(task.state == TASK_PARKED); /* a worker still uses its frame */
    check(write(slow.go_on[1], "r", 1) == 1);
    check_res(task_join(&task), 'r');
    check_res(task_join(&waiting), 0);
    threadpool_await_finish(&pool);
    return 0;
}

TEST(cancelling_a_running_job_waits_for_its_end)
{
    check_res(run(await_with_a_running_job_cancelled, NULL), 0);
}
END_TEST

/* The example that every program needs, and no ring has an operation for. */
static int resolve(void *arg)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;

    if (getaddrinfo("127.0.0.1", "80", &hints, &list) != 0)
        return -ENOENT;
    memcpy(arg, list->ai_addr, sizeof(struct sockaddr_in));
    freeaddrinfo(list);
    return 0;
}

static int await_address(void *arg)
{
    int rc;

    check_res(threadpool_init(&pool, 1), 0);
    rc = threadpool_await_call(&pool, resolve, arg);
    threadpool_await_finish(&pool);
    return rc;
}

TEST(an_address_is_looked_up_by_a_worker)
{
    struct sockaddr_in address = {0};

    check_res(run(await_address, &address), 0);
    ck_assert_int_eq(address.sin_family, AF_INET);
    ck_assert_uint_eq(ntohs(address.sin_port), 80);
    ck_assert_uint_eq(ntohl(address.sin_addr.s_addr), 0x7f000001);
}
END_TEST

/* In a host: the results come back through ring, bridge and host. */
static void in_host(unsigned kind)
{
    struct host host;
    int n = 9;

    host_init(&host, &host_kinds[kind], (struct ring_options){0});
    check_res(host_run(&host, await_square, &n), 81);
    check_res(host_run(&host, await_many_jobs, NULL), 0);
    host_finish(&host);
}

TEST(workers_serve_a_loop_inside_every_kind_of_host)
{
    for (unsigned i = 0; i < HOST_KINDS; i++)
        in_host(i);
}
END_TEST

TEST(a_zeroed_pool_may_be_finished)
{
    struct threadpool zeroed = {0};

    threadpool_await_finish(&zeroed);
    ck_assert_uint_eq(zeroed.count, 0);
}
END_TEST

int main(void)
{
    suite_begin("threadpool");
    suite_add(a_worker_returns_the_result_of_the_function);
    suite_add(the_loop_runs_while_a_worker_blocks);
    suite_add(the_function_of_a_job_runs_in_another_thread);
    suite_add(many_jobs_run_only_a_few_at_a_time);
    suite_add(a_job_that_has_not_begun_can_be_cancelled);
    suite_add(cancelling_a_running_job_waits_for_its_end);
    suite_add(an_address_is_looked_up_by_a_worker);
    suite_add(workers_serve_a_loop_inside_every_kind_of_host);
    suite_add(a_zeroed_pool_may_be_finished);
    return suite_end();
}
