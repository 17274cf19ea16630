/* bridge_turns.c: a foreign loop that has our loop inside goes on: it ticks
 * while we wait, sleeps when we sleep, and has its turn when our tasks are
 * busy. */
#include <string.h>

#include "hosts.h"

/* The read can complete only because the host has ticked in the meantime. */
static void read_while_ticking(struct host *host)
{
    struct late late = {.ticks = 20, .host = host};

    check(pipe(late.fds) == 0);
    host->arg = &late;
    host->on_tick = write_after_ticks;
    host_tick(host, true);
    check_res(host_run(host, await_byte, &late), 'x');
    ck_assert_uint_eq(late.ticks_at_read, 20);
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(the_host_ticks_while_a_read_is_in_flight)
{
    with_every_kind((struct ring_options){0}, read_while_ticking);
}

/* Sixty-four reads that nothing answers; and then, tick by tick, one by one,
 * the host's own callback does. So each tick has come while reads waited. */
#define SLOW 64
#define TICKS_BEFORE 20 /* with all of them waiting */

struct slow {
    struct late reads[SLOW];
    struct task tasks[SLOW];
    int answered;
};

static int await_all_slow(void *arg)
{
    struct slow *slow = arg;
    int sum = 0;

    for (int i = 0; i < SLOW; i++)
        check_res(task_spawn(&slow->tasks[i], "slow", await_byte,
                             &slow->reads[i]),
                  0);
    for (int i = 0; i < SLOW; i++)
        sum += task_join(&slow->tasks[i]);
    return sum;
}

static void answer_one(struct host *host)
{
    struct slow *slow = host->arg;

    if (host->ticks == TICKS_BEFORE)
        ck_assert_uint_eq(loop_in_flight(&host->loop), SLOW);
    if (host->ticks < TICKS_BEFORE)
        return;
    check(write(slow->reads[slow->answered++].fds[1], "x", 1) == 1);
    if (slow->answered == SLOW)
        host_tick(host, false);
}

/* The byte was written in this tick. The bridge reports it in the host's next
 * iteration at the latest, and the read ends in the next one. Each iteration
 * has at most one tick; on a busy machine the one between has a tick, too. */
static void check_ticks_at_read(const struct late *late, unsigned ticks)
{
    check(late->ticks_at_read >= ticks);
    check(late->ticks_at_read <= ticks + 1);
}

static void tick_during_slow_reads(struct host *host)
{
    static struct slow slow;

    memset(&slow, 0, sizeof slow);
    for (int i = 0; i < SLOW; i++) {
        slow.reads[i].host = host;
        check(pipe(slow.reads[i].fds) == 0);
    }
    host->arg = &slow;
    host->on_tick = answer_one;
    host_tick(host, true);
    check_res(host_run(host, await_all_slow, &slow), SLOW * 'x');
    for (int i = 0; i < SLOW; i++) {
        check_ticks_at_read(&slow.reads[i], (unsigned)(TICKS_BEFORE + i));
        close(slow.reads[i].fds[0]);
        close(slow.reads[i].fds[1]);
    }
}

TEST(the_host_ticks_while_sixty_four_reads_are_in_flight)
{
    with_every_kind((struct ring_options){0}, tick_during_slow_reads);
}

#define MANY 100

static struct task tasks[MANY]; /* of the test that runs */

/* Eight readers, and four slots: none is left for the poll of the host. */
#define CROWD 8

static int await_a_crowd(void *arg)
{
    int sum = 0;

    for (int i = 0; i < CROWD; i++) {
        tasks[i] = (struct task){0};
        check_res(task_spawn(&tasks[i], "reader", await_byte, arg), 0);
    }
    for (int i = 0; i < CROWD; i++)
        sum += task_join(&tasks[i]);
    return sum;
}

static void feed_the_crowd(struct host *host)
{
    struct late *late = host->arg;

    if (host->ticks < late->ticks)
        return;
    ck_assert_uint_eq(loop_in_flight(&host->loop), 4);
    check(write(late->fds[1], "xxxxxxxx", CROWD) == CROWD);
    host_tick(host, false);
}

static void crowded_ring(struct host *host)
{
    struct late late = {.ticks = 20, .host = host};

    check(pipe(late.fds) == 0);
    host->arg = &late;
    host->on_tick = feed_the_crowd;
    host_tick(host, true);
    check_res(host_run(host, await_a_crowd, &late), CROWD * 'x');
    close(late.fds[0]);
    close(late.fds[1]);
}

TEST(the_host_runs_while_every_slot_is_taken)
{
    with_every_kind((struct ring_options){.sq_entries = 4, .cq_entries = 4},
                    crowded_ring);
}

static int await_sleep(void *arg)
{
    uint64_t before = loop_now_ns();
    int rc;

    (void)arg;
    rc = await_sleep_ns(30000000);
    check(loop_now_ns() - before >= 30000000);
    return rc;
}

/* The host sleeps through it: it is not told to look again and again. */
static void sleep_in_host(struct host *host)
{
    check_res(host_run(host, await_sleep, NULL), 0);
    check(host->iterations <= 3);
}

TEST(a_task_that_sleeps_lets_the_host_sleep)
{
    with_every_kind((struct ring_options){0}, sleep_in_host);
}

/* The clock of the loop is that of its last iteration: a host that slept since
 * then must not make a sleep shorter. */
static int await_short_sleep_by_the_wall(void *arg)
{
    struct timespec before, after;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &before);
    check_res(await_sleep_ns(5000000), 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (int)((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
                 before.tv_nsec);
}

/* A sleep begins when the iteration reads the clock. On a busy machine, another
 * process may run between that and the task, and the sleep seems shorter. So
 * one sleep of many must be long enough. */
static void sleep_after_a_pause(struct host *host)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    int slept_ns = 0;

    for (int i = 0; i < 100 && slept_ns < 5000000; i++) {
        nanosleep(&pause, NULL); /* the host is busy with something else */
        slept_ns = host_run(host, await_short_sleep_by_the_wall, NULL);
    }
    ck_assert_int_ge(slept_ns, 5000000);
}

TEST(earlier_work_of_the_host_does_not_shorten_a_sleep)
{
    with_every_kind((struct ring_options){0}, sleep_after_a_pause);
}

/* A task that always has something to do. */
static int yield_until_ten_ticks(void *arg)
{
    struct host *host = arg;

    while (host->ticks < 10)
        task_yield();
    host_tick(host, false);
    return 0;
}

static void busy_task(struct host *host)
{
    host_tick(host, true);
    check_res(host_run(host, yield_until_ten_ticks, host), 0);
}

TEST(a_task_that_never_waits_lets_the_host_run)
{
    with_every_kind((struct ring_options){0}, busy_task);
}

int main(void)
{
    suite_begin("bridge_turns");
    suite_add(the_host_ticks_while_a_read_is_in_flight);
    suite_add(the_host_ticks_while_sixty_four_reads_are_in_flight);
    suite_add(the_host_runs_while_every_slot_is_taken);
    suite_add(a_task_that_sleeps_lets_the_host_sleep);
    suite_add(earlier_work_of_the_host_does_not_shorten_a_sleep);
    suite_add(a_task_that_never_waits_lets_the_host_run);
    return suite_end();
}
