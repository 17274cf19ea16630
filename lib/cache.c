/* cache.c: files opened beneath a root, small ones kept whole; see cache.h.
 * Introduced in phase 10. Needs: cache.h, await.h, sys.h.
 *
 * What it teaches: a cache is easy but for three questions. Is the copy still
 * true (watch.h), who is reading it while it is to be replaced (users), and what
 * if two tasks want to fill it at once (is_filling: the second goes without). */
#include "cache.h"

#include <assert.h>
#include <errno.h>
#include <linux/openat2.h>
#include <string.h>

#include "await.h"
#include "sys.h"

#define PROBES 8u /* places in which a path may stand */
#define OPEN_TRIES 3

struct cache_entry {
    char path[CACHE_PATH_MAX];
    uint32_t path_len; /* 0: no copy here */
    uint32_t users;    /* resources that read it */
    bool is_filling;
    bool was_used;     /* since the hand last came by */
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
    cache->mapped_len = entries_len + (size_t)CACHE_ENTRIES * CACHE_CONTENT_MAX;
    rc = sys_map(&memory, cache->mapped_len);
    if (rc < 0)
        return rc;
    cache->entries = memory;
    cache->contents = (char *)memory + entries_len;
    (void)watch_init(&cache->watch, root); /* without it every stamp fails */
    return 0;
}

void await_cache_finish(struct cache *cache)
{
    if (cache->entries == NULL)
        return;
    for (unsigned i = 0; i < CACHE_ENTRIES; i++)
        assert(cache->entries[i].users == 0);
    await_watch_finish(&cache->watch);
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

static struct cache_entry *place(struct cache *cache, uint32_t h, unsigned probe)
{
    return &cache->entries[(h + probe) % CACHE_ENTRIES];
}

static char *content_of(struct cache *cache, const struct cache_entry *entry)
{
    return cache->contents +
           (size_t)(entry - cache->entries) * CACHE_CONTENT_MAX;
}

static struct cache_entry *find(struct cache *cache, struct view path)
{
    uint32_t h = hash(path);

    for (unsigned i = 0; i < PROBES; i++) {
        struct cache_entry *entry = place(cache, h, i);

        if (entry->path_len == path.len &&
            memcmp(entry->path, path.at, path.len) == 0)
            return entry;
    }
    return NULL;
}

/* A place for a new copy: an unused one, or one that was not read lately. */
static struct cache_entry *find_room(struct cache *cache, struct view path)
{
    uint32_t h = hash(path);

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < PROBES; i++) {
            struct cache_entry *entry = place(cache, h, i);

            if (entry->users > 0 || entry->is_filling)
                continue;
            if (entry->path_len == 0 || !entry->was_used)
                return entry;
            entry->was_used = false;
        }
    }
    return NULL;
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

/* Opens beneath the root. -EAGAIN: somebody renames while ".." of a link is
 * walked; the kernel gives up rather than be led astray. */
static int await_open_beneath(struct cache *cache, const char *path,
                              uint64_t resolve)
{
    struct open_how how = {
        /* A FIFO would block the open; a terminal would become ours. */
        .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve,
    };
    int fd = -EAGAIN;

    for (int i = 0; i < OPEN_TRIES && fd == -EAGAIN; i++)
        fd = await_openat2(cache->root, path[0] != '\0' ? path : ".", &how);
    return fd;
}

/* What was opened, asked of the fd: the name may mean something else by now. */
static int await_describe(int fd, struct resource *out)
{
    struct statx status;
    int rc = await_statx(fd, "", AT_EMPTY_PATH,
                         STATX_TYPE | STATX_SIZE | STATX_MTIME, &status);

    if (rc < 0)
        return rc;
    if (!S_ISREG(status.stx_mode) && !S_ISDIR(status.stx_mode))
        return -ENXIO;
    *out = (struct resource){
        .size = status.stx_size,
        .modified_s = status.stx_mtime.tv_sec,
        .is_directory = S_ISDIR(status.stx_mode),
        .fd = fd,
    };
    return 0;
}

static int await_open_plain(struct cache *cache, const char *path,
                            uint64_t resolve, struct resource *out)
{
    int fd = await_open_beneath(cache, path, resolve);
    int rc;

    if (fd < 0)
        return fd;
    rc = await_describe(fd, out);
    if (rc < 0)
        await_close(fd);
    return rc;
}

/* Reads all of the file into content. Returns 0, or -errno, or -EAGAIN if it
 * has not the size that it had. */
static int await_copy(const struct resource *file, char *content)
{
    uint64_t have = 0;

    while (have < file->size) {
        int got = await_read(file->fd, content + have,
                             (size_t)(file->size - have), have);

        if (got < 0)
            return got;
        if (got == 0)
            return -EAGAIN;
        have += (uint64_t)got;
    }
    return 0;
}

/* Opens path and makes a copy of it in entry, if it can be kept. On success out
 * is the copy, or the open file. */
static int await_fill(struct cache *cache, struct cache_entry *entry,
                      struct view path, struct resource *out)
{
    struct watch_stamp stamp;
    int rc;

    if (watch_take_stamp(&cache->watch, path.at, &stamp) < 0)
        return await_open_plain(cache, path.at, 0, out);
    rc = await_open_plain(cache, path.at, RESOLVE_NO_SYMLINKS, out);
    if (rc == -ELOOP) /* a link on the way: fine, but not watched */
        return await_open_plain(cache, path.at, 0, out);
    if (rc < 0 || out->is_directory || out->size > CACHE_CONTENT_MAX)
        return rc;
    if (await_copy(out, content_of(cache, entry)) < 0)
        return 0; /* let whoever sends it find out */
    await_close(out->fd);
    entry->stamp = stamp;
    entry->trusted_until_ns = timer_after_ns(loop_now_ns(), CACHE_TRUST_NS);
    entry->size = out->size;
    entry->modified_s = out->modified_s;
    use(cache, entry, out);
    return 0;
}

static bool is_true(const struct cache *cache, const struct cache_entry *entry)
{
    return !entry->is_filling && entry->trusted_until_ns > loop_now_ns() &&
           watch_is_current(&cache->watch, &entry->stamp);
}

/* A place in which a copy of path can be made. NULL: not now. */
static struct cache_entry *claim(struct cache *cache, struct cache_entry *old,
                                 struct view path)
{
    struct cache_entry *entry = old;

    if (path.len == 0 || path.len >= CACHE_PATH_MAX)
        return NULL;
    if (old != NULL && old->is_filling)
        return NULL; /* somebody else is at it */
    if (old != NULL && old->users > 0) {
        old->path_len = 0; /* theirs until they are done, found by nobody */
        entry = NULL;
    }
    if (entry == NULL)
        entry = find_room(cache, path);
    if (entry == NULL)
        return NULL;
    memcpy(entry->path, path.at, path.len + 1);
    entry->path_len = (uint32_t)path.len;
    entry->is_filling = true;
    return entry;
}

int await_resource_open(struct cache *cache, struct view path,
                        struct resource *out)
{
    struct cache_entry *entry = find(cache, path);
    int rc;

    if (entry != NULL && is_true(cache, entry)) {
        cache->hits++;
        use(cache, entry, out);
        return 0;
    }
    cache->misses++;
    entry = claim(cache, entry, path);
    if (entry == NULL)
        return await_open_plain(cache, path.at, 0, out);
    rc = await_fill(cache, entry, path, out);
    entry->is_filling = false;
    if (rc < 0 || out->entry != entry)
        entry->path_len = 0; /* nothing that could be kept */
    return rc;
}

void await_resource_close(struct cache *cache, struct resource *resource)
{
    if (resource->entry != NULL) {
        assert(resource->entry->users > 0);
        assert(resource->content == content_of(cache, resource->entry));
        resource->entry->users--;
    } else if (resource->fd >= 0) {
        await_close(resource->fd);
    }
    *resource = (struct resource){.fd = -1};
}
