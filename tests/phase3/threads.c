/* threads.c: a loop in each of several threads. The threads share no memory
 * except the memory that a test gives them. ThreadSanitizer is the judge
 * (threads.bats); without it the results have to be right. */
#include <pthread.h>
#include <string.h>

#include "await.h"
#include "channel.h"
#include "gather.h"
#include "generator.h"
#include "group.h"
#include "mutex.h"
#include "overflow.h"
#include "suite.h"
#include "sys.h"
#include "tools.h"

#define THREADS 3
#define ITEMS 200
#define US UINT64_C(1000)

/* Everything that a thread works on; nothing of it is another's. */
struct world {
    pthread_t thread;
    struct loop loop;
    struct channel channel;
    int items[4];
    struct mutex mutex;
    struct future told[2];
    struct future_watch watch;
    struct timer timer;
    struct stack_arena stacks;
    int timers_fired, watches_called;
    long sum;
    int result;
};

static int count_up(struct generator *self, void *arg)
{
    int *limit = arg, rc = 0;

    for (int i = 1; i <= *limit && rc == 0; i++) {
        if (i % 16 == 0)
            rc = await_nop();
        if (rc == 0)
            rc = generator_yield(self, &i, NULL);
    }
    return rc;
}

/* Sends what a generator hands out, which waits now and then. */
static int produce(void *arg)
{
    struct world *world = arg;
    struct generator numbers;
    struct stack stack;
    int limit = ITEMS, rc = stack_take(&world->stacks, &stack);
    void *value;

    if (rc < 0)
        return rc;
    generator_init(&numbers, stack, count_up, &limit);
    while (rc == 0 && generator_next(&numbers, &value))
        rc = channel_await_send(&world->channel, value);
    generator_finish(&numbers);
    stack_release(&world->stacks, stack);
    channel_close(&world->channel);
    return rc;
}

static int consume(void *arg)
{
    struct world *world = arg;
    int item, rc = 0;

    while (rc == 0 &&
           (rc = channel_await_receive(&world->channel, &item)) > 0) {
        rc = mutex_await_lock(&world->mutex);
        world->sum += item;
        if (rc == 0 && item % 50 == 0)
            rc = await_sleep_ns(10 * US);
        mutex_unlock(&world->mutex);
    }
    return rc;
}

static int wait_for_both(void *arg)
{
    struct world *world = arg;
    struct future *const both[] = {&world->told[0], &world->told[1]};

    return gather_await_all(both, 2);
}

static void note_watch(struct future_watch *watch, int result)
{
    struct world *world = container_of(watch, struct world, watch);

    world->watches_called++;
    future_complete(&world->told[1], result);
}

static void note_timer(struct timer *timer)
{
    struct world *world = container_of(timer, struct world, timer);

    world->timers_fired++;
    future_complete(&world->told[0], 1);
}

static int run_world(void *arg)
{
    struct world *world = arg;
    struct group group = {0};
    struct group_task tasks[5];

    world->timer.fire = note_timer;
    world->watch.done = note_watch;
    future_watch(&world->told[0], &world->watch);
    loop_call_later(&world->timer, 100 * US);
    channel_init(&world->channel, world->items, sizeof *world->items, 4);
    group_spawn(&group, &tasks[0], "produce", produce, world);
    group_spawn(&group, &tasks[1], "consume", consume, world);
    group_spawn(&group, &tasks[2], "consume", consume, world);
    group_spawn(&group, &tasks[3], "wait", wait_for_both, world);
    group_spawn(&group, &tasks[4], "wait", wait_for_both, world);
    return group_await_all(&group);
}

/* ThreadSanitizer does not see liburing unmap a ring, and would take the next
 * one at that address for shared: all loops are there until all have ended. */
static pthread_barrier_t all_ended;

static void *run_thread(void *arg)
{
    struct world *world = arg;

    check_ring(loop_init(&world->loop, NULL));
    world->result = overflow_watch(&world->loop.sched);
    if (world->result == 0)
        world->result = stack_arena_init(&world->stacks, 1,
                                         TOOLS_STACK_FACTOR * (16 << 10));
    if (world->result == 0)
        world->result = loop_run(&world->loop, run_world, world);
    stack_arena_finish(&world->stacks);
    overflow_unwatch();
    pthread_barrier_wait(&all_ended);
    loop_finish(&world->loop);
    return NULL;
}

TEST(loops_in_several_threads_are_independent)
{
    static struct world worlds[THREADS];

    pthread_barrier_init(&all_ended, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        check_res(sys_thread_start(&worlds[i].thread, run_thread, &worlds[i]),
                  0);
    for (int i = 0; i < THREADS; i++)
        check_res(sys_thread_join(worlds[i].thread), 0);
    for (int i = 0; i < THREADS; i++) {
        check_res(worlds[i].result, 0);
        ck_assert_int_eq(worlds[i].sum, (long)ITEMS * (ITEMS + 1) / 2);
        ck_assert_int_eq(worlds[i].timers_fired, 1);
        ck_assert_int_eq(worlds[i].watches_called, 1);
    }
}

TEST(a_thread_may_have_one_loop_after_another)
{
    static struct world world;

    pthread_barrier_init(&all_ended, NULL, 1);
    for (int i = 0; i < 20; i++) {
        memset(&world, 0, sizeof world);
        run_thread(&world);
        check_res(world.result, 0);
        ck_assert_int_eq(world.sum, (long)ITEMS * (ITEMS + 1) / 2);
    }
}

/* --- one after the other: what is passed on, not shared ------------------- */

static struct generator handed_over;

static void *ask_for_one(void *arg)
{
    void *value = NULL;

    if (generator_next(&handed_over, &value))
        *(int *)arg = *(int *)value;
    return NULL;
}

static int count_to(struct generator *self, void *arg)
{
    int *limit = arg;

    for (int i = 1; i <= *limit; i++)
        if (generator_yield(self, &i, NULL) < 0)
            return i;
    return 0;
}

/* Starting a thread and joining it order the memory accesses of both. */
TEST(one_thread_may_resume_a_generator_after_another)
{
    static int limit = 10, got;
    struct stack_arena arena;
    struct stack stack;
    pthread_t thread;

    check_res(stack_arena_init(&arena, 1, TOOLS_STACK_FACTOR * (16 << 10)), 0);
    check_res(stack_take(&arena, &stack), 0);
    generator_init(&handed_over, stack, count_to, &limit);
    for (int i = 1; i <= 4; i += 2) {
        ask_for_one(&got);
        ck_assert_int_eq(got, i);
        check_res(sys_thread_start(&thread, ask_for_one, &got), 0);
        check_res(sys_thread_join(thread), 0);
        ck_assert_int_eq(got, i + 1);
    }
    check_res(generator_finish(&handed_over), 4);
    stack_release(&arena, stack);
    stack_arena_finish(&arena);
}

int main(void)
{
    suite_begin("threads");
    suite_add(loops_in_several_threads_are_independent);
    suite_add(a_thread_may_have_one_loop_after_another);
    suite_add(one_thread_may_resume_a_generator_after_another);
    return suite_end();
}
