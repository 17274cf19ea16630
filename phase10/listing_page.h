/* listing_page.h: the HTML page of a directory, in a file in memory.
 *
 * What it teaches: a name goes through two escapings, in this order:
 *
 *     a "b"&c  --path_link-->    a%20%22b%22&c       it is an address now
 *              --html_escape-->  a%20%22b%22&amp;c   in a page
 *
 * The page is written into a file without a name (memfd_create(2)). So the
 * server sends it like any other file, and a slow client needs no buffer.
 *
 * These functions block. Call them in a thread of a pool only. */
#ifndef PHASE10_LISTING_PAGE_H
#define PHASE10_LISTING_PAGE_H

#include <stdint.h>

#include "directory.h"

/* Writes the page of the directory at path, which is "" or ends in '/'. Stores
 * its length in *len.
 *
 * Returns  >= 0    the file, which the caller closes
 *          -errno  from memfd_create(2), write(2) */
int listing_page_write(const struct directory *directory, const char *path,
                       uint64_t *len);

#endif
