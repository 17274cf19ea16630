/* cache_table.c: finds the copy of a file by its path; see cache_table.h.
 * Introduced in phase 10. Needs: cache_table.h.
 *
 * What it teaches: an eviction must be cheap, and drop a copy that is rarely
 * used. The table keeps one bit per copy, was_used. A search for room clears
 * the bits of the copies that it passes, and drops the first copy whose bit is
 * already clear. */
#include "cache_table.h"

#include <string.h>

#define PROBES 8u /* entries in which a path can be */

/* Returns the 32-bit FNV-1a hash of path. */
static uint32_t hash(struct view path)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < path.len; i++)
        h = (h ^ (unsigned char)path.at[i]) * 16777619u;
    return h;
}

static struct cache_entry *entry_at(struct cache *cache, uint32_t index)
{
    return &cache->entries[index % CACHE_ENTRIES];
}

/* A path can have two entries: one with a complete copy, and one whose copy is
 * being made. is_filling selects the second. */
static struct cache_entry *find(struct cache *cache, struct view path,
                                bool is_filling)
{
    uint32_t h = hash(path);

    for (unsigned i = 0; i < PROBES; i++) {
        struct cache_entry *entry = entry_at(cache, h + i);

        if (entry->path_len > 0 && entry->path_len == path.len &&
            entry->is_filling == is_filling &&
            memcmp(entry->path, path.at, path.len) == 0)
            return entry;
    }
    return NULL;
}

struct cache_entry *cache_table_find(struct cache *cache, struct view path)
{
    return find(cache, path, false);
}

bool cache_table_is_current(struct cache *cache,
                            const struct cache_entry *entry)
{
    return entry->trusted_until_ns > loop_now_ns() &&
           watch_is_current(&cache->watch, &entry->stamp);
}

/* Returns true if the entry can be reused for another file: no task uses it,
 * and it has no copy or a copy whose was_used is false. If only was_used
 * prevents the reuse, clears was_used. The next call then returns true, unless
 * a task uses the copy between the two calls. */
static bool is_free(struct cache_entry *entry)
{
    if (entry->users > 0 || entry->is_filling)
        return false;
    if (entry->path_len == 0 || !entry->was_used)
        return true;
    entry->was_used = false;
    return false;
}

/* Returns an entry without a copy, among the PROBES entries of hash h, or
 * NULL. */
static struct cache_entry *find_unused(struct cache *cache, uint32_t h)
{
    for (unsigned i = 0; i < PROBES; i++) {
        struct cache_entry *entry = entry_at(cache, h + i);

        if (entry->path_len == 0 && entry->users == 0 && !entry->is_filling)
            return entry;
    }
    return NULL;
}

static struct cache_entry *find_entry(struct cache *cache, struct view path)
{
    uint32_t h = hash(path);
    struct cache_entry *unused = find_unused(cache, h);

    if (unused != NULL)
        return unused;
    for (unsigned i = 0; i < 2 * PROBES; i++) {
        struct cache_entry *entry = entry_at(cache, h + i % PROBES);

        if (is_free(entry))
            return entry;
    }
    return NULL;
}

void cache_table_drop(struct cache *cache, struct cache_entry *entry)
{
    entry->path_len = 0;
    if (entry->users > 0)
        return;
    blocks_release(&cache->blocks, entry->block);
    entry->block = BLOCK_NONE;
}

/* Returns the number of blocks for size bytes. An empty file needs one, too. */
static unsigned blocks_for(uint64_t size)
{
    return size == 0 ? 1 : (unsigned)((size + BLOCK_LEN - 1) / BLOCK_LEN);
}

bool cache_table_renew(struct cache *cache, struct view path,
                       struct cache_entry *entry)
{
    if (entry->is_renewed || entry->renew_at_ns > loop_now_ns() ||
        cache->blocks.free_count < blocks_for(entry->size) ||
        find_unused(cache, hash(path)) == NULL)
        return false;
    entry->is_renewed = true;
    return true;
}

/* Drops copies until count blocks are free. Returns false if tasks use so many
 * copies that this is not possible. */
static bool make_room(struct cache *cache, unsigned count)
{
    for (unsigned i = 0; i < 2 * CACHE_ENTRIES; i++) {
        struct cache_entry *entry;

        if (cache->blocks.free_count >= count)
            return true;
        entry = entry_at(cache, cache->hand++);
        if (entry->block != BLOCK_NONE && is_free(entry))
            cache_table_drop(cache, entry);
    }
    return cache->blocks.free_count >= count;
}

struct cache_entry *cache_table_claim(struct cache *cache, struct view path,
                                      uint64_t size)
{
    struct cache_entry *old = cache_table_find(cache, path), *entry;
    bool is_current = old != NULL && cache_table_is_current(cache, old);
    unsigned count = blocks_for(size);

    if (path.len == 0 || path.len > CACHE_PATH_MAX ||
        count > cache->blocks.count)
        return NULL;
    if (find(cache, path, true) != NULL)
        return NULL; /* another task is copying it */
    if (is_current && (!old->is_renewed || cache->blocks.free_count < count))
        return NULL;
    if (old != NULL && !is_current)
        cache_table_drop(cache, old); /* users keep the copy; find skips it */
    entry = is_current ? find_unused(cache, hash(path))
                       : find_entry(cache, path);
    if (entry == NULL)
        return NULL;
    cache_table_drop(cache, entry);
    if (!make_room(cache, count))
        return NULL;
    entry->block = blocks_take(&cache->blocks, count);
    memcpy(entry->path, path.at, path.len);
    entry->path_len = (uint32_t)path.len;
    return entry;
}

bool cache_table_has_room(struct cache *cache, struct view path)
{
    if (cache_table_find(cache, path) != NULL)
        return true;
    return cache->blocks.free_count > 0 &&
           find_unused(cache, hash(path)) != NULL;
}

bool cache_table_was_wanted(struct cache *cache, struct view path)
{
    uint32_t h = hash(path);
    struct cache_wish *wish = &cache->wishes[h % CACHE_WISHES];
    bool was_wanted =
        wish->hash == h && loop_now_ns() - wish->at_ns < CACHE_TRUST_NS;

    *wish = (struct cache_wish){loop_now_ns(), h};
    return was_wanted;
}
