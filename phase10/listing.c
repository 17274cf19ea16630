/* listing.c: a page in place of a directory without an index; see listing.h. */
#include "listing.h"

#include <errno.h>

#include "await.h"
#include "directory.h"
#include "listing_page.h"

/* The arguments and the result of the thread. The thread uses no other data of
 * the task. */
struct listing_job {
    struct directory_source source;
    uint64_t len; /* of the page */
};

/* Runs in a thread of the pool. Returns the page, or -errno. */
static int listing_in_thread(void *arg)
{
    struct listing_job *job = arg;
    struct directory directory;
    int rc = directory_read(&directory, &job->source);

    if (rc < 0)
        return rc;
    rc = listing_page_write(&directory, job->source.path, &job->len);
    directory_free(&directory);
    return rc;
}

int listing_await_page(struct site *site, struct view path,
                       struct resource *directory)
{
    struct listing_job job = {
        .source = {
            .root = site->root->fd,
            .fd = directory->fd,
            .path = path.at,
            .shows_hidden = site->options->shows_hidden,
            .follows_links = !site->options->refuses_links,
        },
    };
    int page;

    if (site->pages == LISTING_PAGES_MAX)
        return -EMFILE;
    site->pages++;
    page = threadpool_await_call(&site->threads, listing_in_thread, &job);
    if (page < 0) {
        site->pages--;
        return page;
    }
    await_close(directory->fd); /* the cache counts one file, as before */
    directory->fd = page;
    directory->size = job.len;
    directory->is_directory = false;
    return 0;
}

void listing_await_close(struct site *site, struct resource *page)
{
    cache_await_close(&site->cache, page);
    site->pages--;
}
