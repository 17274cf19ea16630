/* cache.h: files opened below a root, small ones cached whole.
 * Introduced in phase 10. Needs: view.h, watch.h.
 *
 *     struct resource file;
 *
 *     rc = cache_await_open(&cache, path, &file);
 *     ... file.size, file.content or file.fd ...
 *     cache_await_close(&cache, &file);
 *
 * An answer with a small file costs an open, a statx, a read and a close. The
 * statx runs in an io-wq worker, and so does the open when the name is not in
 * memory. A copy costs none of them. Copies are shared, never longer than
 * CACHE_CONTENT_MAX, and there are at most CACHE_ENTRIES: so the memory is
 * bounded, and one that is no longer true is recognised by watch.h at once, or
 * else after CACHE_TRUST_NS. Files that cannot be watched are not cached: those
 * behind a symbolic link or on another file system.
 *
 * Rules
 *  - What is opened lies beneath the root: openat2(2) with RESOLVE_BENEATH sees
 *    to it, whatever the path, and even if files are moved at the same time.
 *  - A resource keeps its content, its size and its file until it is closed,
 *    also when the name has come to mean another file.
 *  - Only regular files are opened for reading; a directory is told apart. */
#ifndef ONE_RING_CACHE_H
#define ONE_RING_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"
#include "watch.h"

#define CACHE_ENTRIES 512u       /* a power of two */
#define CACHE_CONTENT_MAX 131072u /* bytes of a file that is cached */
#define CACHE_PATH_MAX 256u      /* bytes of its name */
#define CACHE_TRUST_NS UINT64_C(1000000000) /* until looked at again: 1 s */

struct cache_entry;

/* An open file. */
struct resource {
    uint64_t size;
    int64_t modified_s;        /* since 1970 */
    bool is_directory;         /* then there is nothing to read */
    const char *content;       /* borrowed from the cache: all of it; or NULL */
    int fd;                    /* owned; -1 if there is content */
    struct cache_entry *entry; /* borrowed; NULL if there is no content */
};

struct cache {
    int root; /* borrowed: a directory */
    struct watch watch;
    struct cache_entry *entries; /* owned */
    char *contents;              /* owned: CACHE_CONTENT_MAX bytes each */
    size_t mapped_len;
    uint64_t hits, misses;
};

/* Makes an empty cache of the files below root, which stays open until the end.
 * Where files cannot be watched, nothing is cached. Returns 0 or -ENOMEM. */
int cache_init(struct cache *cache, int root);

/* Releases everything; no resource may be open. Accepts a zeroed cache. */
void cache_finish(struct cache *cache);

/* Opens the file at path, relative to the root and ended by a NUL, as
 * path_decode leaves it. Suspends, unless there is a copy.
 *
 * Returns 0, or -errno with nothing open: -ENOENT, -ENOTDIR, -EACCES; -EXDEV if
 * the path leads out of the root; -ELOOP; -ENXIO if it is neither file nor
 * directory; -EMFILE, -ENOMEM; -ECANCELED, -ETIME. */
int cache_await_open(struct cache *cache, struct view path,
                     struct resource *out);

/* Closes it. Suspends only if there is an fd. Cannot be interrupted. */
void cache_await_close(struct cache *cache, struct resource *resource);

#endif
