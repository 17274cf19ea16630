/* cache.h: opens files below a root, and caches small files in memory.
 * Introduced in phase 10. Needs: resource.h, view.h, watch.h.
 *
 *     struct resource file;
 *
 *     rc = cache_await_open(&cache, path, &file);
 *     ... file.size, file.content or file.fd ...
 *     cache_await_close(&cache, &file);
 *
 * Sending a small file takes an open, a statx, a read and a close. The kernel
 * runs the statx in an io-wq worker (a kernel thread), and also the open if the
 * name is not in its cache of names. A cached copy needs none of these calls.
 * All requests for a file share its copy. A copy has at most CACHE_CONTENT_MAX
 * bytes, and there are at most CACHE_ENTRIES copies, so memory use is bounded.
 * watch.h detects at once that a copy is out of date. In addition, each copy
 * expires after CACHE_TRUST_NS. Files that cannot be watched are not cached:
 * those behind a symbolic link or on another file system.
 *
 * Rules
 *  - Every opened file is below the root. openat2(2) with RESOLVE_BENEATH
 *    guarantees this for every path, even if files are moved at the same time.
 *  - A resource keeps its content, size and file until it is closed, even if
 *    the name now refers to another file.
 *  - Only regular files and directories can be opened. */
#ifndef ONE_RING_CACHE_H
#define ONE_RING_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resource.h"
#include "view.h"
#include "watch.h"

#define CACHE_ENTRIES 512u       /* a power of two */
#define CACHE_FILES_MAX 1024u    /* files that are open at once */
#define CACHE_CONTENT_MAX 131072u /* bytes of a cached file */
#define CACHE_PATH_MAX 256u      /* bytes of a cached file's path */
#define CACHE_TRUST_NS UINT64_C(1000000000) /* life of a copy: 1 s */

struct cache {
    int root; /* borrowed: a directory */
    struct watch watch;
    struct cache_entry *entries; /* owned */
    char *contents;              /* owned: CACHE_CONTENT_MAX bytes per entry */
    size_t mapped_len;
    uint32_t files, files_max;   /* open now; CACHE_FILES_MAX, or fewer */
    uint64_t hits, misses;
};

/* Makes an empty cache of the files below root. Borrows root until
 * cache_finish. If files cannot be watched, nothing is cached.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory */
int cache_init(struct cache *cache, int root);

/* Releases everything. No resource may be open. Accepts a zeroed cache. */
void cache_finish(struct cache *cache);

/* Opens the file at path, which is relative to the root and ends with a NUL, as
 * path_decode writes it. Suspends unless the file is cached. On success the
 * caller closes *out.
 *
 * Returns  0                   success
 *          -ENOENT, -ENOTDIR   there is no such file
 *          -EACCES             no permission to read the file
 *          -EXDEV              the path leads out of the root
 *          -ELOOP              the path has too many symbolic links
 *          -ENXIO              neither a regular file nor a directory
 *          -EAGAIN             files were renamed during each of three attempts
 *          -EMFILE             files_max files are open
 *          -EMFILE, -ENFILE, -ENOMEM  no fd or memory is free
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from openat2(2), statx(2) */
int cache_await_open(struct cache *cache, struct view path,
                     struct resource *out);

/* Closes a resource. Suspends only if it has an fd. Cannot be interrupted. */
void cache_await_close(struct cache *cache, struct resource *resource);

#endif
