/* item.h: one item of the work at a time.
 *
 * A strategy has one struct item for each transfer that it keeps in flight: a
 * thread has one, a task has one, and so has a slot of a strategy that works
 * with callbacks. Every strategy uses it in the same way:
 *
 *     while (item_take(item)) {
 *         open the file, unless item_is_block(item)
 *         do
 *             transfer item->len bytes between item->data and item->at
 *         while (item_add(item, the result) > 0)
 *         close the file, unless item_is_block(item)
 *     }
 *
 * So the strategies differ only in the calls, and in how they wait. */
#ifndef PHASE6_ITEM_H
#define PHASE6_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run.h"

struct item {
    struct run *run;     /* borrowed */
    unsigned char *buf;  /* owned by the list: work->buf_len bytes */
    int file;            /* index of the file's name */
    int fd;
    unsigned char *data; /* the next transfer, */
    size_t len;          /* its bytes, */
    uint64_t at;         /* and its offset in the file */
    uint64_t end;        /* offset at which the item ends, or ITEM_TO_END */
    uint64_t bytes, calls, sum; /* of all items so far */
};

/* The file is read until a read returns 0. */
#define ITEM_TO_END UINT64_MAX

struct items {
    struct item *list;   /* owned; count of them */
    unsigned char *bufs; /* owned; aligned for O_DIRECT */
    int count;
};

/* Makes run->at_once items, whose buffers are in memory already. Returns 0,
 * -ENOMEM, or -errno from open(2) or read(2) of /dev/zero. */
int items_init(struct items *items, struct run *run);

/* Adds what the items have counted to the outcome of the run, and releases
 * them. Accepts zeroed items. */
void items_finish(struct items *items);

/* Takes the next item of the work, and prepares its first transfer. Returns
 * false if all items are taken, or if one of them has failed. */
bool item_take(struct item *item);

/* Returns true if the item is a block of a file that is already open. */
bool item_is_block(const struct item *item);

/* Returns the name of the item's file. */
const char *item_name(const struct item *item);

/* Counts a transfer, and prepares the next one. result is the result of the
 * transfer: a number of bytes, or -errno.
 *
 * Returns 1       the item needs another transfer
 *         0       the item is done
 *         -EIO    the file ends before the end of the item
 *         -errno  of the transfer */
int item_add(struct item *item, int result);

/* Stops the run because of this item: item_take returns false from now on. The
 * first failure is the one that is reported. */
void item_fail(struct item *item, int result);

#endif
