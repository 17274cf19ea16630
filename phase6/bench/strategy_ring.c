/* strategy_ring.c: tasks on a ring.
 *
 * What it teaches: compare strategy_ring_await_item with do_item in
 * strategy_sync.c. Only the names of the calls differ. Each of the N tasks has
 * one item in flight, and one io_uring_enter submits the operations of all of
 * them. */
#include <errno.h>
#include <stdlib.h>

#include "await.h"
#include "future.h"
#include "group.h"
#include "item.h"
#include "strategy.h"

/* All tasks of a run. */
struct ring_run {
    struct run *run;
    struct items items;
    struct future gate;        /* opens when all tasks are ready to work */
    struct group_task *tasks;  /* owned; one per item */
    struct ring_task {
        struct ring_run *ring; /* borrowed */
        struct item *item;     /* borrowed */
    } *args;                   /* owned; one per item */
};

/* While this task waits, the kernel owns the buffer. No other task uses it. */
static int strategy_ring_await_item(struct item *item)
{
    bool writes = item->run->work->writes;
    int result;

    if (!item_is_block(item)) {
        item->fd = await_openat(AT_FDCWD, item_name(item),
                                work_open_flags(item->run->work), 0);
        if (item->fd < 0)
            return item->fd;
    }
    do {
        result = writes ? await_write(item->fd, item->data, item->len, item->at)
                        : await_read(item->fd, item->data, item->len, item->at);
        result = item_add(item, result);
    } while (result > 0);
    if (!item_is_block(item))
        await_close(item->fd);
    return result;
}

static int strategy_ring_run_task(void *arg)
{
    struct ring_task *task = arg;
    int result = future_wait(&task->ring->gate);

    while (result == 0 && item_take(task->item)) {
        result = strategy_ring_await_item(task->item);
        if (result < 0)
            item_fail(task->item, result);
    }
    return result;
}

/* The first task. It starts the others, and lets each of them run until it
 * waits at the gate, so that every stack is in memory before the clock
 * starts. */
static int strategy_ring_run_all(void *arg)
{
    struct ring_run *ring = arg;
    struct ring_counters *counters = &loop_current()->ring.counters;
    struct group group = {0};
    uint64_t enters;
    int result = 0;

    for (int i = 0; result == 0 && i < ring->items.count; i++) {
        ring->args[i] = (struct ring_task){ring, &ring->items.list[i]};
        result = group_spawn(&group, &ring->tasks[i], "item",
                             strategy_ring_run_task, &ring->args[i]);
    }
    if (result < 0) {
        group_cancel(&group);
        group_await_all(&group);
        return result;
    }
    task_yield();
    enters = counters->enters;
    run_begin_work(ring->run);
    future_complete(&ring->gate, 0);
    group_await_all(&group); /* a failure is in run->failure */
    run_end_work(ring->run);
    ring->run->outcome->calls += counters->enters - enters;
    return 0;
}

int strategy_run_ring(struct run *run)
{
    static struct loop loop;
    size_t count = (size_t)run->at_once;
    struct loop_options options = {.tasks_max = (uint32_t)count + 1};
    struct ring_run ring = {.run = run,
                            .tasks = calloc(count, sizeof *ring.tasks),
                            .args = calloc(count, sizeof *ring.args)};
    int result = -ENOMEM;

    if (ring.tasks != NULL && ring.args != NULL)
        result = items_init(&ring.items, run);
    if (result == 0)
        result = loop_init(&loop, &options);
    if (result == 0) {
        result = loop_run(&loop, strategy_ring_run_all, &ring);
        loop_finish(&loop);
    }
    items_finish(&ring.items);
    free(ring.tasks);
    free(ring.args);
    return result;
}
