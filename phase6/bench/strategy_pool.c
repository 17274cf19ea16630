/* strategy_pool.c: threads that make system calls.
 *
 * What it teaches: a measured pool makes its threads before the clock starts.
 * They wait at a gate, and stay until they are counted. Otherwise the start of
 * a thread would be measured as a part of the work. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "strategy.h"
#include "strategy_sync.h"
#include "sys.h"

/* Threads wait until the gate has the state that they need. */
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum { GATE_CLOSED, GATE_WORK, GATE_END } state;
    int working; /* threads that have not taken their last item */
};

struct pool_thread {
    struct gate *gate; /* borrowed */
    struct item *item; /* borrowed */
    pthread_t id;
};

static void gate_set(struct gate *gate, int state)
{
    pthread_mutex_lock(&gate->mutex);
    gate->state = state;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

/* A thread does not end after its work, because bench counts threads then. */
static void *strategy_run_thread(void *arg)
{
    struct pool_thread *thread = arg;
    struct gate *gate = thread->gate;

    pthread_mutex_lock(&gate->mutex);
    while (gate->state == GATE_CLOSED)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    if (gate->state == GATE_WORK) {
        pthread_mutex_unlock(&gate->mutex);
        strategy_sync_work_off(thread->item);
        pthread_mutex_lock(&gate->mutex);
        gate->working--;
        pthread_cond_broadcast(&gate->changed);
    }
    while (gate->state != GATE_END)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
    return NULL;
}

/* Opens the gate, and waits until all threads have done their work. */
static void work_off(struct gate *gate, struct run *run)
{
    gate->working = run->at_once;
    run_begin_work(run);
    gate_set(gate, GATE_WORK);
    pthread_mutex_lock(&gate->mutex);
    while (gate->working > 0)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
    run_end_work(run);
}

int strategy_run_pool(struct run *run)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
                        GATE_CLOSED, 0};
    struct pool_thread *threads = calloc((size_t)run->at_once, sizeof *threads);
    struct items items = {0};
    int started = 0, result = threads == NULL ? -ENOMEM : 0;

    if (result == 0)
        result = items_init(&items, run);
    while (result == 0 && started < run->at_once) {
        struct pool_thread *thread = &threads[started];

        thread->gate = &gate;
        thread->item = &items.list[started];
        result = sys_thread_start(&thread->id, strategy_run_thread, thread);
        started += result == 0;
    }
    if (result == 0)
        work_off(&gate, run);
    gate_set(&gate, GATE_END);
    for (int i = 0; i < started; i++)
        sys_thread_join(threads[i].id);
    items_finish(&items);
    free(threads);
    return result;
}
