/* cache.c: opens files below a root, and caches small ones; see cache.h.
 * Introduced in phase 10. Needs: cache.h, await.h, sys.h.
 *
 * What it teaches: a cache must answer three questions. Is the copy current
 * (watch.h)? Are tasks still reading it (users)? Is another task already making
 * it (is_filling)? In that case, a task sends the file that it has opened, and
 * makes no second copy. */
#include "cache.h"

#include <assert.h>
#include <errno.h>
#include <linux/openat2.h>
#include <string.h>

#include "await.h"
#include "sys.h"

#define PROBES 8u /* buckets in which a path can be */

/* A watch covers neither symbolic links nor other file systems. An open with
 * these flags fails if path leads through either. */
#define WATCHABLE (RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV)

struct cache_entry {
    char path[CACHE_PATH_MAX];
    uint32_t path_len; /* 0 if lookups must not find the entry */
    uint32_t users;    /* open resources that use it */
    bool is_filling, was_used; /* was_used: cleared by find_room */
    uint64_t trusted_until_ns;
    struct watch_stamp stamp;
    uint64_t size;
    int64_t modified_s;
};

int cache_init(struct cache *cache, int root)
{
    size_t entries_len = CACHE_ENTRIES * sizeof *cache->entries;
    void *memory;
    int rc;

    memset(cache, 0, sizeof *cache);
    cache->root = root;
    cache->files_max = CACHE_FILES_MAX;
    cache->mapped_len = entries_len + (size_t)CACHE_ENTRIES * CACHE_CONTENT_MAX;
    rc = sys_map(&memory, cache->mapped_len);
    if (rc < 0)
        return rc;
    cache->entries = memory;
    cache->contents = (char *)memory + entries_len;
    (void)watch_init(&cache->watch, root); /* if it fails, nothing is cached */
    return 0;
}

void cache_finish(struct cache *cache)
{
    if (cache->entries == NULL)
        return;
    for (unsigned i = 0; i < CACHE_ENTRIES; i++)
        assert(cache->entries[i].users == 0 && !cache->entries[i].is_filling);
    watch_finish(&cache->watch);
    sys_unmap(cache->entries, cache->mapped_len);
    memset(cache, 0, sizeof *cache);
}

/* FNV-1a, 32 bits. */
static uint32_t hash(struct view path)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < path.len; i++)
        h = (h ^ (unsigned char)path.at[i]) * 16777619u;
    return h;
}

static struct cache_entry *bucket(struct cache *cache, uint32_t h, unsigned i)
{
    return &cache->entries[(h + i) % CACHE_ENTRIES];
}

static char *content_of(struct cache *cache, const struct cache_entry *entry)
{
    return cache->contents +
           (size_t)(entry - cache->entries) * CACHE_CONTENT_MAX;
}

/* Returns the entry for path, even if it is out of date, or NULL. */
static struct cache_entry *find(struct cache *cache, struct view path)
{
    uint32_t h = hash(path);

    for (unsigned i = 0; i < PROBES; i++) {
        struct cache_entry *entry = bucket(cache, h, i);

        if (entry->path_len > 0 && entry->path_len == path.len &&
            memcmp(entry->path, path.at, path.len) == 0)
            return entry;
    }
    return NULL;
}

static bool is_current(struct cache *cache, const struct cache_entry *entry)
{
    return !entry->is_filling && entry->trusted_until_ns > loop_now_ns() &&
           watch_is_current(&cache->watch, &entry->stamp);
}

/* Returns a free entry, or one that was not used recently, or NULL. */
static struct cache_entry *find_room(struct cache *cache, struct view path)
{
    uint32_t h = hash(path);

    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < PROBES; i++) {
            struct cache_entry *entry = bucket(cache, h, i);

            if (entry->users > 0 || entry->is_filling)
                continue;
            if (entry->path_len == 0 || !entry->was_used)
                return entry;
            entry->was_used = false;
        }
    }
    return NULL;
}

/* Returns an entry for a new copy of path, or NULL if the caller must not make
 * a copy now. */
static struct cache_entry *claim(struct cache *cache, struct view path)
{
    struct cache_entry *entry = find(cache, path);

    if (path.len == 0 || path.len > CACHE_PATH_MAX)
        return NULL;
    if (entry != NULL && (entry->is_filling || is_current(cache, entry)))
        return NULL; /* another task is copying it, or has done so */
    if (entry != NULL && entry->users > 0) {
        entry->path_len = 0; /* users keep the copy; find() skips it */
        entry = NULL;
    }
    if (entry == NULL)
        entry = find_room(cache, path);
    if (entry != NULL) {
        memcpy(entry->path, path.at, path.len);
        entry->path_len = (uint32_t)path.len;
    }
    return entry;
}

static void use(struct cache *cache, struct cache_entry *entry,
                struct resource *out)
{
    entry->users++;
    entry->was_used = true;
    *out = (struct resource){
        .size = entry->size,
        .modified_s = entry->modified_s,
        .content = content_of(cache, entry),
        .fd = -1,
        .entry = entry,
    };
}

static bool can_be_kept(const struct resource *file)
{
    return !file->is_directory && file->size <= CACHE_CONTENT_MAX;
}

/* Reads the whole file into content.
 *
 * Returns  0             success
 *          -EFBIG        the file is too large to cache
 *          -ENODATA      the file has become shorter
 *          other -errno  from read(2) */
static int cache_await_copy(const struct resource *file, char *content)
{
    uint64_t have = 0;

    if (!can_be_kept(file))
        return -EFBIG;
    while (have < file->size) {
        int got = await_read(file->fd, content + have, file->size - have, have);

        if (got <= 0)
            return got < 0 ? got : -ENODATA;
        have += (uint64_t)got;
    }
    return 0;
}

/* Starts to watch path, opens it again, and copies the file into entry. On
 * success, replaces *file with the copy and returns 0. On failure, returns
 * -errno, and *file is unchanged. */
static int cache_await_fill(struct cache *cache, struct cache_entry *entry,
                            struct view path, struct resource *file)
{
    struct resource watched;
    int rc = watch_take_stamp(&cache->watch, path.at, &entry->stamp);

    if (rc == 0)
        rc = resource_await_open(cache->root, path.at, WATCHABLE, &watched);
    if (rc < 0)
        return rc;
    rc = cache_await_copy(&watched, content_of(cache, entry));
    await_close(watched.fd);
    if (rc < 0)
        return rc;
    entry->trusted_until_ns = timer_after_ns(loop_now_ns(), CACHE_TRUST_NS);
    entry->size = watched.size;
    entry->modified_s = watched.modified_s;
    await_close(file->fd);
    use(cache, entry, file);
    return 0;
}

/* Replaces the open file with a copy, if possible. Returns 0, or closes the
 * file and returns -ECANCELED or -ETIME. */
static int cache_await_keep(struct cache *cache, struct view path,
                            struct resource *file)
{
    struct cache_entry *entry = claim(cache, path);
    int rc;

    if (entry == NULL)
        return 0;
    assert(entry->users == 0 && !entry->is_filling);
    entry->is_filling = true;
    rc = cache_await_fill(cache, entry, path, file);
    entry->is_filling = false;
    if (rc < 0)
        entry->path_len = 0;
    if (rc == -ENODATA) /* the size has changed: get it again */
        rc = resource_await_describe(file->fd, file);
    if (rc != -ECANCELED && rc != -ETIME)
        return 0;
    await_close(file->fd);
    return rc;
}

/* Opens the file at path, and replaces it with a copy if possible. */
static int cache_await_file(struct cache *cache, struct view path,
                            struct resource *out)
{
    int rc = resource_await_open(cache->root, path.at, WATCHABLE, out);

    if (rc == -ELOOP || rc == -EXDEV)
        return resource_await_open(cache->root, path.at, 0, out);
    if (rc < 0 || !can_be_kept(out) || cache->files == cache->files_max)
        return rc;
    cache->files++; /* a copy opens the file a second time */
    rc = cache_await_keep(cache, path, out);
    cache->files--;
    return rc;
}

int cache_await_open(struct cache *cache, struct view path,
                     struct resource *out)
{
    struct cache_entry *entry = find(cache, path);
    int rc;

    if (entry != NULL && is_current(cache, entry)) {
        cache->hits++;
        use(cache, entry, out);
        return 0;
    }
    cache->misses++;
    if (cache->files == cache->files_max)
        return -EMFILE;
    cache->files++;
    rc = cache_await_file(cache, path, out);
    if (rc < 0 || out->fd < 0)
        cache->files--;
    return rc;
}

void cache_await_close(struct cache *cache, struct resource *resource)
{
    if (resource->entry != NULL) {
        assert(resource->entry->users > 0);
        assert(resource->content == content_of(cache, resource->entry));
        resource->entry->users--;
    } else if (resource->fd >= 0) {
        await_close(resource->fd);
        assert(cache->files > 0);
        cache->files--;
    }
    *resource = (struct resource){.fd = -1};
}
