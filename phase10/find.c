/* find.c: from a request to its open file; see find.h. */
#include "find.h"

#include <errno.h>
#include <stdatomic.h>

#include "await.h"

#define NS_PER_MS UINT64_C(1000000)

/* Sends the answers that are in the outbox, because the task is about to wait
 * for a disk. Then limits this wait: it must not last longer than one for a
 * peer. Returns 0 or -errno. */
static int find_await_flush(struct answer *answer)
{
    int rc = outbox_await_flush(&answer->outbox);

    deadline_set_ns(answer->limits->send_ms * NS_PER_MS);
    return rc;
}

/* Looks for a new root if it is time to. After a new one, copies of the old
 * root's files must not be served any more. Returns 0, or -errno. */
static int find_await_root(struct answer *answer)
{
    struct site *site = answer->site;
    unsigned generation;
    int rc = 0;

    if (docroot_is_due(site->root)) {
        rc = find_await_flush(answer);
        if (rc == 0)
            rc = docroot_await_look(site->root);
    }
    generation = atomic_load(&site->root->generation);
    if (site->generation != generation)
        watch_forget(&site->cache.watch);
    site->generation = generation;
    return rc;
}

/* Opens the file: the copy in the cache if there is one. Returns 0 or
 * -errno. */
static int find_await_open(struct answer *answer, struct resource *file)
{
    struct cache *cache = &answer->site->cache;
    struct view path = {answer->path.text, answer->path.len};
    int rc;

    if (cache_take(cache, path, file))
        return 0;
    rc = find_await_flush(answer);
    return rc < 0 ? rc : cache_await_open(cache, path, file);
}

int find_await_file(struct answer *answer, struct resource *file)
{
    struct site *site = answer->site;
    struct path *path = &answer->path;
    bool wants_index;
    int rc;

    path->text = answer->path_text;
    path->size = sizeof answer->path_text;
    rc = path_decode(path, answer->request->path, site->shows_hidden);
    if (rc < 0)
        return rc;
    wants_index = path_is_directory(path);
    if (wants_index)
        rc = path_append(path, view_of("index.html"));
    if (rc == 0)
        rc = find_await_root(answer);
    if (rc == 0)
        rc = find_await_open(answer, file);
    if (rc == 0 && file->is_directory && wants_index) {
        cache_await_close(&site->cache, file);
        return -ENOENT; /* a directory that is called index.html */
    }
    return rc;
}
