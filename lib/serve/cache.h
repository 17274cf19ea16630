/* cache.h: opens files below a root, and caches small files in memory.
 * Introduced in phase 10. Needs: blocks.h, range.h, resource.h, view.h,
 * watch.h.
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
 * All requests for a file share its copy. There are at most CACHE_ENTRIES
 * copies, in a fixed number of blocks, so memory use is bounded.
 *
 * A small file gets a copy at its first request if there is room. A file of
 * more than CACHE_SMALL_MAX bytes, or one whose copy would take the room of
 * another copy, gets a copy if it is requested twice within CACHE_TRUST_NS.
 * Without this rule, a client that requests 100,000 files once would cause
 * 100,000 copies that no other request uses.
 *
 * watch.h detects most changes of a file immediately. Because it does not
 * detect all of them, each copy also expires after CACHE_TRUST_NS. After half
 * of that time, one request makes the next copy, and other requests use the
 * present copy. So a file that is in constant use always has a copy. Files that
 * cannot be watched are not cached: those behind a symbolic link or on another
 * file system.
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
#include <sys/uio.h>

#include "blocks.h"
#include "range.h"
#include "resource.h"
#include "view.h"
#include "watch.h"

#define CACHE_ENTRIES 512u       /* a power of two */
#define CACHE_BYTES 67108864u    /* default limit for all copies: 64 MiB */
#define CACHE_BYTES_MAX (UINT64_C(65534) * BLOCK_LEN)
#define CACHE_FILE_MAX 16777216u /* bytes of a cached file */
#define CACHE_SMALL_MAX BLOCK_LEN /* a file of at most this length is copied at
                                     the first request */
#define CACHE_FILES_MAX 1024u    /* files that are open at once */
#define CACHE_PATH_MAX 256u      /* bytes of a cached file's path */
#define CACHE_TRUST_NS UINT64_C(1000000000) /* life of a copy: 1 s */
#define CACHE_SEGMENTS_MAX (CACHE_FILE_MAX / BLOCK_LEN)
#define CACHE_WISHES 512u

/* A file that was requested and has no copy. */
struct cache_wish {
    uint64_t at_ns;
    uint32_t hash; /* of its path */
};

struct cache {
    int root; /* borrowed: a directory */
    uint64_t resolve; /* flags of openat2(2) for files that cannot be watched;
                         0 unless the caller sets it after cache_init */
    struct watch watch;
    struct cache_entry *entries; /* owned */
    struct blocks blocks;        /* the copies */
    unsigned hand; /* index of the entry that is checked next for room */
    struct cache_wish wishes[CACHE_WISHES];
    uint32_t files, files_max;   /* open files, and their limit */
    uint64_t hits, misses;
};

/* Initializes an empty cache for the files below root. The copies take at most
 * `bytes` bytes (BLOCK_LEN to CACHE_BYTES_MAX). Borrows root until
 * cache_finish. If files cannot be watched, nothing is cached.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory */
int cache_init(struct cache *cache, int root, uint64_t bytes);

/* Releases everything. No resource may be open. Accepts a zeroed cache. */
void cache_finish(struct cache *cache);

/* Opens the copy of the file at path, if there is a current copy. Does not
 * suspend.
 *
 * Returns  true   *out is the copy, which the caller closes
 *          false  call cache_await_open: there is no current copy, or this
 *                 request has to renew it */
bool cache_take(struct cache *cache, struct view path, struct resource *out);

/* Opens the file at path, which is relative to the root and ends with a NUL, as
 * path_decode writes it. Call it after cache_take has returned false. Suspends.
 * On success the caller closes *out.
 *
 * Returns  0                   success
 *          -ENOENT, -ENOTDIR   there is no such file
 *          -EACCES             no permission to read the file
 *          -EXDEV              the path leads out of the root
 *          -ELOOP              the path has too many symbolic links
 *          -ENXIO              neither a regular file nor a directory
 *          -EAGAIN             files were renamed during each of three attempts
 *          -EMFILE             files_max files are open; or 7/8 of files_max
 *                              are open and the cache does not copy this file,
 *                              so that slow readers of large files cannot
 *                              prevent other copies
 *          -EMFILE, -ENFILE, -ENOMEM  no fd or memory is free
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from openat2(2), statx(2) */
int cache_await_open(struct cache *cache, struct view path,
                     struct resource *out);

/* Fills segments, which has room for CACHE_SEGMENTS_MAX, with a part of the
 * content of a copy. The part must be within the copy (asserted). The segments
 * are valid until the resource is closed. Returns their number. */
unsigned cache_segments(const struct cache *cache,
                        const struct resource *resource, struct range part,
                        struct iovec *segments);

/* Closes a resource. Suspends only if it has an fd. Cannot be interrupted. */
void cache_await_close(struct cache *cache, struct resource *resource);

#endif
