/* item.c: one item of the work at a time; see item.h. */
#include "item.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "pattern.h"
#include "sys.h"

/* Brings the buffers into memory, so that no strategy has page faults in the
 * time that is measured. The kernel fills them, because on some virtual
 * machines its first access to a page is slow even if the program has used the
 * page. */
static int fill_buffers(unsigned char *bufs, size_t len)
{
    int fd = sys_open("/dev/zero", O_RDONLY, 0);
    int got = fd < 0 ? fd : 1;

    for (size_t done = 0; got > 0 && done < len; done += (size_t)got)
        got = sys_read(fd, bufs + done, len - done);
    if (fd >= 0)
        sys_close(fd);
    return got < 0 ? got : 0;
}

int items_init(struct items *items, struct run *run)
{
    size_t len = run->work->buf_len;
    size_t count = (size_t)run->at_once;
    int result = -ENOMEM;

    items->count = run->at_once;
    items->list = calloc(count, sizeof *items->list);
    items->bufs = aligned_alloc(PATTERN_BLOCK, count * len);
    if (items->list != NULL && items->bufs != NULL)
        result = fill_buffers(items->bufs, count * len);
    if (result < 0) {
        items->count = 0;
        items_finish(items);
        return result;
    }
    if (run->work->writes)
        pattern_fill(items->bufs, count * len);
    for (size_t i = 0; i < count; i++) {
        items->list[i].run = run;
        items->list[i].buf = items->bufs + i * len;
    }
    return 0;
}

void items_finish(struct items *items)
{
    for (int i = 0; i < items->count; i++) {
        struct outcome *outcome = items->list[i].run->outcome;

        outcome->bytes += items->list[i].bytes;
        outcome->calls += items->list[i].calls;
        outcome->sum += items->list[i].sum;
    }
    free(items->list);
    free(items->bufs);
    *items = (struct items){0};
}

bool item_is_block(const struct item *item)
{
    return item->run->work->order != NULL;
}

const char *item_name(const struct item *item)
{
    return item->run->work->names[item->file];
}

/* Prepares the transfer at item->at. For a write it changes only the stamps in
 * the buffer, so that the measured time does not include a copy of all
 * bytes. */
static void prepare(struct item *item)
{
    const struct work *work = item->run->work;
    uint64_t rest = item->end - item->at;

    item->data = item->buf;
    item->len = rest < work->buf_len ? (size_t)rest : work->buf_len;
    if (work->writes)
        pattern_stamp(item->buf, item->len, work->seed, item->file, item->at);
}

/* Threads need an atomic counter. Tasks in one thread do not need one, but all
 * strategies take items in the same way. */
bool item_take(struct item *item)
{
    struct run *run = item->run;
    const struct work *work = run->work;
    int index = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed);

    if (index >= work->item_count || atomic_load(&run->failure) != 0)
        return false;
    if (item_is_block(item)) {
        uint64_t end;

        item->file = 0;
        item->fd = run->fd;
        item->at = work->order[index] * (uint64_t)work->block_len;
        end = item->at + work->block_len;
        item->end = end < work->file_len ? end : work->file_len;
    } else {
        item->file = index;
        item->fd = -1;
        item->at = 0;
        item->end = work->writes ? work->file_len : ITEM_TO_END;
    }
    prepare(item);
    return true;
}

int item_add(struct item *item, int result)
{
    size_t got = (size_t)result;

    if (result < 0)
        return result;
    if (result == 0)
        return item->end == ITEM_TO_END ? 0 : -EIO;
    if (item->run->work->wants_sum)
        item->sum += pattern_sum(item->data, got, item->file, item->at);
    item->bytes += got;
    item->at += got;
    if (item->at == item->end)
        return 0;
    if (got < item->len && item->run->work->writes) {
        /* A short write: the rest of the buffer is next. */
        item->data += got;
        item->len -= got;
    } else {
        prepare(item);
    }
    return 1;
}

void item_fail(struct item *item, int result)
{
    struct run *run = item->run;
    int none = 0;

    if (atomic_compare_exchange_strong(&run->failure, &none, result))
        run->outcome->failed_file = item->file;
}
