/* strategy_aio.c: POSIX AIO, as the C library implements it.
 *
 * What it teaches: aio_read(3) looks asynchronous, but glibc gives each request
 * to a thread, which calls pread(2). There is no aio_open, so this thread opens
 * and closes files itself. And glibc runs the requests for one descriptor one
 * after another: with one big file, a single thread works. */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "item.h"
#include "strategy.h"

#define AT_ONCE STRATEGY_AIO_AT_ONCE
#define THREADS 20 /* glibc's default */

struct aio_slot {
    struct item *item; /* borrowed */
    struct aiocb request;
};

struct aio_run {
    struct items items;
    struct aio_slot slots[AT_ONCE];
    const struct aiocb *waiting[AT_ONCE]; /* requests in flight, or NULL */
    int in_flight;
};

static int submit(struct aio_run *aio, int index)
{
    struct aio_slot *slot = &aio->slots[index];
    struct item *item = slot->item;

    slot->request = (struct aiocb){.aio_fildes = item->fd,
                                   .aio_buf = item->data,
                                   .aio_nbytes = item->len,
                                   .aio_offset = (off_t)item->at};
    item->calls++; /* the pread or pwrite of glibc's thread */
    if ((item->run->work->writes ? aio_write(&slot->request)
                                 : aio_read(&slot->request)) < 0)
        return -errno;
    aio->waiting[index] = &slot->request;
    aio->in_flight++;
    return 0;
}

/* Starts the next item of a slot, if there is one. */
static void start_item(struct aio_run *aio, int index)
{
    struct item *item = aio->slots[index].item;
    int result = 0;

    if (!item_take(item))
        return;
    if (!item_is_block(item)) {
        item->fd = open(item_name(item), work_open_flags(item->run->work));
        item->calls++;
        result = item->fd < 0 ? -errno : 0;
    }
    if (result == 0)
        result = submit(aio, index);
    if (result < 0)
        item_fail(item, result);
}

/* Handles a request that has ended. */
static void complete(struct aio_run *aio, int index)
{
    struct aio_slot *slot = &aio->slots[index];
    int error = aio_error(&slot->request);
    int got = (int)aio_return(&slot->request);
    int result = item_add(slot->item, error != 0 ? -error : got);

    aio->waiting[index] = NULL;
    aio->in_flight--;
    if (result > 0) {
        result = submit(aio, index);
        if (result == 0)
            return;
    }
    if (!item_is_block(slot->item)) {
        close(slot->item->fd);
        slot->item->calls++;
    }
    if (result < 0)
        item_fail(slot->item, result);
    start_item(aio, index);
}

static void work_off(struct aio_run *aio)
{
    for (int i = 0; i < AT_ONCE; i++)
        start_item(aio, i);
    while (aio->in_flight > 0) {
        aio_suspend(aio->waiting, AT_ONCE, NULL);
        for (int i = 0; i < AT_ONCE; i++)
            if (aio->waiting[i] != NULL &&
                aio_error(aio->waiting[i]) != EINPROGRESS)
                complete(aio, i);
    }
}

/* Makes glibc start its threads before the clock starts. glibc starts one when
 * a request arrives and no thread is idle. So each request here blocks until
 * all have been made: it reads from a duplicate of an empty pipe, which no
 * other request uses. Returns 0, or -errno.
 *
 * During the work, glibc ends a thread that wakes up and finds no request, and
 * starts it again later. */
static int start_threads(struct run *run, struct aiocb *requests)
{
    char bytes[THREADS];
    int ends[2], count = 0, result = 0;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    while (result == 0 && count < THREADS) {
        int fd = fcntl(ends[0], F_DUPFD_CLOEXEC, 0);

        requests[count] = (struct aiocb){.aio_fildes = fd,
                                         .aio_buf = &bytes[count],
                                         .aio_nbytes = 1};
        result = fd < 0 || aio_read(&requests[count]) < 0 ? -errno : 0;
        count += fd >= 0;
    }
    run_count_threads(run);
    close(ends[1]); /* every request ends: it reads the end of the file */
    close(ends[0]);
    for (int i = 0; i < count; i++) {
        const struct aiocb *request = &requests[i];

        while (aio_error(request) == EINPROGRESS)
            aio_suspend(&request, 1, NULL);
        close(request->aio_fildes);
    }
    return result;
}

int strategy_run_aio(struct run *run)
{
    static struct aio_run aio;
    static struct aiocb requests[THREADS];
    int result = items_init(&aio.items, run);

    for (int i = 0; result == 0 && i < AT_ONCE; i++)
        aio.slots[i].item = &aio.items.list[i];
    if (result == 0)
        result = start_threads(run, requests);
    if (result == 0) {
        run_begin_work(run);
        work_off(&aio);
        run_end_work(run);
    }
    items_finish(&aio.items);
    return result;
}
