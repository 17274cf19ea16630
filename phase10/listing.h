/* listing.h: a page in place of a directory without an index.
 *
 * What it teaches: some work must not run in a task. Reading a directory of ten
 * thousand names blocks for milliseconds, and the ring has no operation for it.
 * So a thread of a small pool reads it and writes the page, and the task waits
 * as it waits for a disk:
 *
 *     task: open the directory --> [ thread: read, sort, write ] --> send */
#ifndef PHASE10_LISTING_H
#define PHASE10_LISTING_H

#include <stdbool.h>

#include "resource.h"
#include "site.h"
#include "view.h"

#define LISTING_THREADS 2u /* per ring */

/* Pages that are being written or sent, per ring. A page with the longest names
 * has about 25 MB, and uses memory until the client has received it. */
#define LISTING_PAGES_MAX 16u

/* Replaces the open directory with its page: sets directory->fd and size. path
 * is its path below the root: "", or it ends with '/'. A NUL follows. Suspends.
 * On success the caller closes the page with listing_await_close. On failure
 * the directory is still open.
 *
 * Returns  0                   success
 *          -EMFILE             LISTING_PAGES_MAX pages are open
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from directory_read, listing_page_write */
int listing_await_page(struct site *site, struct view path,
                       struct resource *directory);

/* Closes a page. */
void listing_await_close(struct site *site, struct resource *page);

#endif
