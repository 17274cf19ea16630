/* cache.c: opens files below a root, and caches small ones; see cache.h.
 * Introduced in phase 10. Needs: cache.h, await.h, cache_table.h, sys.h.
 *
 * What it teaches: a cache must answer three questions. Is the copy current
 * (watch.h)? Are tasks still reading it (users)? Is another task already making
 * a copy (is_filling)? If so, a task sends the file that it has opened, and
 * does not make a second copy. */
#include "cache.h"

#include <assert.h>
#include <errno.h>
#include <linux/openat2.h>
#include <string.h>

#include "await.h"
#include "cache_table.h"
#include "sys.h"

/* A watch covers neither symbolic links nor other file systems. An open with
 * these flags fails if path leads through either. */
#define WATCHABLE (RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV)

/* 1/RESERVE of files_max is reserved for making copies. A task that makes a
 * copy has the file open only briefly. A file without a copy stays open until
 * the client has received it, however slow the client is. */
#define RESERVE 8u

/* Bytes of one read. The loop waits while the kernel copies them. With shorter
 * reads, a large file needs so many iterations of a busy loop that the previous
 * copy expires before the next one is complete. */
#define READ_MAX 1048576u

#define ENTRIES_LEN (CACHE_ENTRIES * sizeof(struct cache_entry))

int cache_init(struct cache *cache, int root, uint64_t bytes)
{
    void *memory;
    int rc;

    memset(cache, 0, sizeof *cache);
    cache->root = root;
    cache->files_max = CACHE_FILES_MAX;
    rc = blocks_init(&cache->blocks, (unsigned)(bytes / BLOCK_LEN));
    if (rc < 0)
        return rc;
    rc = sys_map(&memory, ENTRIES_LEN);
    if (rc < 0) {
        blocks_finish(&cache->blocks);
        return rc;
    }
    cache->entries = memory;
    for (unsigned i = 0; i < CACHE_ENTRIES; i++)
        cache->entries[i].block = BLOCK_NONE;
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
    sys_unmap(cache->entries, ENTRIES_LEN);
    blocks_finish(&cache->blocks);
    memset(cache, 0, sizeof *cache);
}

static void use(struct cache *cache, struct cache_entry *entry,
                struct resource *out)
{
    entry->users++;
    entry->was_used = true;
    *out = (struct resource){
        .size = entry->size,
        .modified_s = entry->modified_s,
        .validator = entry->validator,
        .content = block_memory(&cache->blocks, entry->block),
        .note = &entry->note,
        .fd = -1,
        .entry = entry,
    };
}

/* Reads the whole file into the list of blocks that begins with `block` and has
 * room for size bytes.
 *
 * Returns  0             success
 *          -EFBIG        the file has become larger, or is a directory now
 *          -ENODATA      the file has become shorter
 *          other -errno  from read(2) */
static int cache_await_copy(const struct blocks *blocks, uint16_t block,
                            const struct resource *file, uint64_t size)
{
    uint64_t have = 0;

    if (file->is_directory || file->size > size)
        return -EFBIG;
    while (have < file->size) {
        size_t at = have % BLOCK_LEN;
        uint64_t left = file->size - have;
        size_t len = block_run(blocks, block, at,
                               left < READ_MAX ? left : READ_MAX);
        int got = await_read(file->fd, block_memory(blocks, block) + at, len,
                             have);

        if (got <= 0)
            return got < 0 ? got : -ENODATA;
        have += (uint64_t)got;
        block = block_at(blocks, block, at + (size_t)got);
    }
    return 0;
}

/* Starts to watch path, opens it again, and copies the file into entry. On
 * success, replaces *file with the copy and returns 0. On failure, returns
 * -errno, and *file is unchanged. */
static int cache_await_fill(struct cache *cache, struct cache_entry *entry,
                            struct view path, struct resource *file)
{
    struct cache_entry *old;
    struct resource watched;
    int rc = watch_take_stamp(&cache->watch, path.at, &entry->stamp);

    if (rc == 0)
        rc = resource_await_open(cache->root, path.at, WATCHABLE, &watched);
    if (rc < 0)
        return rc;
    rc = cache_await_copy(&cache->blocks, entry->block, &watched, file->size);
    await_close(watched.fd);
    if (rc < 0)
        return rc;
    entry->trusted_until_ns = timer_after_ns(loop_now_ns(), CACHE_TRUST_NS);
    entry->renew_at_ns = entry->trusted_until_ns - CACHE_TRUST_NS / 2;
    entry->is_renewed = false;
    entry->size = watched.size;
    entry->modified_s = watched.modified_s;
    entry->validator = watched.validator;
    /* If the file changed during the copy, the tag may not match the bytes. */
    if (!watch_is_current(&cache->watch, &entry->stamp))
        entry->validator.is_settled = false;
    entry->note = (struct resource_note){0};
    await_close(file->fd);
    old = cache_table_find(cache, path); /* never `entry`, which is filling */
    if (old != NULL)
        cache_table_drop(cache, old);
    use(cache, entry, file);
    return 0;
}

/* Replaces the open file with a copy, if possible. Returns 0, or closes the
 * file and returns -ECANCELED or -ETIME. */
static int cache_await_keep(struct cache *cache, struct view path,
                            struct resource *file)
{
    struct cache_entry *entry = cache_table_claim(cache, path, file->size);
    int rc;

    if (entry == NULL)
        return 0;
    assert(entry->users == 0 && !entry->is_filling);
    entry->is_filling = true;
    rc = cache_await_fill(cache, entry, path, file);
    entry->is_filling = false;
    if (rc < 0)
        cache_table_drop(cache, entry);
    if (rc == -ENODATA) /* the size has changed: get it again */
        rc = resource_await_describe(file->fd, file);
    if (rc != -ECANCELED && rc != -ETIME)
        return 0;
    await_close(file->fd);
    return rc;
}

bool cache_take(struct cache *cache, struct view path, struct resource *out)
{
    struct cache_entry *entry = cache_table_find(cache, path);

    if (entry == NULL || !cache_table_is_current(cache, entry) ||
        cache_table_renew(cache, path, entry))
        return false;
    cache->hits++;
    use(cache, entry, out);
    return true;
}

/* Returns true if a copy of the file should be made. */
static bool is_worth_a_copy(struct cache *cache, struct view path,
                            const struct resource *file)
{
    bool was_wanted = cache_table_was_wanted(cache, path);

    if (file->is_directory || file->size > CACHE_FILE_MAX)
        return false;
    return was_wanted || (file->size <= CACHE_SMALL_MAX &&
                          cache_table_has_room(cache, path));
}

/* Opens the file at path, and replaces it with a copy if that is possible and
 * worth it. */
static int cache_await_file(struct cache *cache, struct view path,
                            struct resource *out)
{
    int rc = resource_await_open(cache->root, path.at, WATCHABLE, out);

    if (rc == -ELOOP || rc == -EXDEV)
        return resource_await_open(cache->root, path.at, cache->resolve, out);
    if (rc < 0 || cache->files == cache->files_max ||
        !is_worth_a_copy(cache, path, out))
        return rc;
    cache->files++; /* a copy opens the file a second time */
    rc = cache_await_keep(cache, path, out);
    cache->files--;
    return rc;
}

int cache_await_open(struct cache *cache, struct view path,
                     struct resource *out)
{
    int rc;

    cache->misses++;
    if (cache->files == cache->files_max)
        return -EMFILE;
    cache->files++;
    rc = cache_await_file(cache, path, out);
    if (rc == 0 && out->fd >= 0 && !out->is_directory &&
        cache->files > cache->files_max - cache->files_max / RESERVE) {
        await_close(out->fd);
        rc = -EMFILE;
    }
    if (rc < 0 || out->fd < 0)
        cache->files--;
    return rc;
}

unsigned cache_segments(const struct cache *cache,
                        const struct resource *resource, struct range part,
                        struct iovec *segments)
{
    const struct blocks *blocks = &cache->blocks;
    uint16_t block = block_at(blocks, resource->entry->block, part.at);
    size_t at = part.at % BLOCK_LEN;
    unsigned count = 0;

    assert(part.at <= resource->size && part.len <= resource->size - part.at);
    while (part.len > 0) {
        size_t len = block_run(blocks, block, at, part.len);

        segments[count++] =
            (struct iovec){block_memory(blocks, block) + at, len};
        block = block_at(blocks, block, at + len);
        part.len -= len;
        at = 0; /* the next run is sent from its start */
    }
    return count;
}

void cache_await_close(struct cache *cache, struct resource *resource)
{
    if (resource->entry != NULL) {
        assert(resource->entry->users > 0);
        assert(resource->content ==
               block_memory(&cache->blocks, resource->entry->block));
        resource->entry->users--;
        if (resource->entry->path_len == 0) /* its last user releases it */
            cache_table_drop(cache, resource->entry);
    } else if (resource->fd >= 0) {
        await_close(resource->fd);
        assert(cache->files > 0);
        cache->files--;
    }
    *resource = (struct resource){.fd = -1};
}
