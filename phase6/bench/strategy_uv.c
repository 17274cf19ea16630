/* strategy_uv.c: libuv's functions for files.
 *
 * What it teaches: a loop looks very different with callbacks. The local
 * variables of strategy_sync.c are members of a struct here, and each step is a
 * function that the step before it names. libuv 1.44 gives each request to one
 * of its threads; UV_THREADPOOL_SIZE sets their number (4 by default). */
#include <errno.h>
#include <stdlib.h>

#include "item.h"
#include "strategy.h"

#define AT_ONCE STRATEGY_UV_AT_ONCE

#ifndef HAVE_LIBUV

/* bench reports "Package not installed" in the row of this strategy. */
int strategy_run_uv(struct run *run)
{
    (void)run;
    return -ENOPKG;
}

#else

#include <uv.h>

/* A slot has one request in flight, or none if no item is left. */
struct uv_slot {
    uv_fs_t request;   /* its data is this slot */
    struct item *item; /* borrowed */
    uv_loop_t *loop;   /* borrowed */
    int result;        /* of the item, while its file is closed */
};

/* The steps are recursive: the end of an item starts the next one. The stack
 * does not grow, because libuv calls each step from its loop. */
static void strategy_uv_start_item(struct uv_slot *slot);

/* Returns the result of a request, and cleans the request for its next use. */
static int result_of(uv_fs_t *request)
{
    int result = (int)request->result;

    uv_fs_req_cleanup(request);
    return result;
}

static void strategy_uv_end_item(struct uv_slot *slot)
{
    if (slot->result < 0)
        item_fail(slot->item, slot->result);
    strategy_uv_start_item(slot);
}

static void strategy_uv_closed(uv_fs_t *request)
{
    uv_fs_req_cleanup(request);
    strategy_uv_end_item(request->data);
}

/* Recursive, because a file may need several transfers. */
static void strategy_uv_transferred(uv_fs_t *request);

static void strategy_uv_transfer(struct uv_slot *slot)
{
    struct item *item = slot->item;
    uv_buf_t buf = uv_buf_init((char *)item->data, (unsigned)item->len);

    item->calls++;
    if (item->run->work->writes)
        uv_fs_write(slot->loop, &slot->request, item->fd, &buf, 1,
                    (int64_t)item->at, strategy_uv_transferred);
    else
        uv_fs_read(slot->loop, &slot->request, item->fd, &buf, 1,
                   (int64_t)item->at, strategy_uv_transferred);
}

static void strategy_uv_transferred(uv_fs_t *request)
{
    struct uv_slot *slot = request->data;
    struct item *item = slot->item;

    slot->result = item_add(item, result_of(request));
    if (slot->result > 0) {
        strategy_uv_transfer(slot);
    } else if (item_is_block(item)) {
        strategy_uv_end_item(slot);
    } else {
        item->calls++;
        uv_fs_close(slot->loop, request, item->fd, strategy_uv_closed);
    }
}

static void strategy_uv_opened(uv_fs_t *request)
{
    struct uv_slot *slot = request->data;

    slot->item->fd = result_of(request);
    if (slot->item->fd >= 0) {
        strategy_uv_transfer(slot);
        return;
    }
    slot->result = slot->item->fd;
    strategy_uv_end_item(slot);
}

static void strategy_uv_start_item(struct uv_slot *slot)
{
    struct item *item = slot->item;

    if (!item_take(item))
        return;
    if (item_is_block(item)) {
        strategy_uv_transfer(slot);
        return;
    }
    item->calls++;
    uv_fs_open(slot->loop, &slot->request, item_name(item),
               work_open_flags(item->run->work), 0, strategy_uv_opened);
}

int strategy_run_uv(struct run *run)
{
    struct items items = {0};
    struct uv_slot *slots = calloc(AT_ONCE, sizeof *slots);
    uv_loop_t loop;
    uv_fs_t first;
    int result = slots == NULL ? -ENOMEM : items_init(&items, run);

    if (result == 0)
        result = uv_loop_init(&loop);
    if (result < 0) {
        items_finish(&items);
        free(slots);
        return result;
    }
    /* libuv starts its threads for the first request: this one, before the
     * clock starts. */
    uv_fs_stat(&loop, &first, "/", uv_fs_req_cleanup);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (int i = 0; i < AT_ONCE; i++) {
        slots[i].item = &items.list[i];
        slots[i].loop = &loop;
        slots[i].request.data = &slots[i];
    }
    run_begin_work(run);
    for (int i = 0; i < AT_ONCE; i++)
        strategy_uv_start_item(&slots[i]);
    uv_run(&loop, UV_RUN_DEFAULT);
    run_end_work(run);
    uv_loop_close(&loop);
    items_finish(&items);
    free(slots);
    return 0;
}

#endif
