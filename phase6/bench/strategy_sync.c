/* strategy_sync.c: a loop of system calls; see strategy_sync.h. */
#include "strategy_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "strategy.h"

/* Compare strategy_ring_await_item: the calls are the same, but each of them
 * blocks this thread. */
static int do_item(struct item *item)
{
    bool writes = item->run->work->writes;
    ssize_t got;
    int result;

    if (!item_is_block(item)) {
        item->fd = open(item_name(item), work_open_flags(item->run->work));
        item->calls++;
        if (item->fd < 0)
            return -errno;
    }
    do {
        got = writes
                  ? pwrite(item->fd, item->data, item->len, (off_t)item->at)
                  : pread(item->fd, item->data, item->len, (off_t)item->at);
        result = item_add(item, got < 0 ? -errno : (int)got);
        item->calls++;
    } while (result > 0);
    if (!item_is_block(item)) {
        close(item->fd);
        item->calls++;
    }
    return result;
}

void strategy_sync_work_off(struct item *item)
{
    while (item_take(item)) {
        int result = do_item(item);

        if (result < 0)
            item_fail(item, result);
    }
}

/* Has one item, and so one buffer. It needs no threads and no ring. */
int strategy_run_sync(struct run *run)
{
    struct items items;
    int result = items_init(&items, run);

    if (result < 0)
        return result;
    run_begin_work(run);
    strategy_sync_work_off(&items.list[0]);
    run_end_work(run);
    items_finish(&items);
    return 0;
}
