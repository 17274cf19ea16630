/* cache_table.h: finds the copy of a file by its path; a part of cache.h.
 * Introduced in phase 10. Needs: cache.h.
 *
 * A path can be in one of eight consecutive entries. Its hash selects the first
 * of them. An entry holds a copy until the entry or the memory of the copy is
 * needed for another file. A copy that a task uses keeps its entry and its
 * memory. */
#ifndef ONE_RING_CACHE_TABLE_H
#define ONE_RING_CACHE_TABLE_H

#include "cache.h"

struct cache_entry {
    char path[CACHE_PATH_MAX];
    uint32_t path_len; /* 0 if lookups must not find the entry */
    uint32_t users;    /* open resources that use it */
    bool is_filling, was_used; /* a search for room clears was_used */
    bool is_renewed; /* cache_table_renew has returned true */
    uint16_t block;    /* the first block of the copy, or BLOCK_NONE */
    uint64_t renew_at_ns, trusted_until_ns;
    struct watch_stamp stamp;
    uint64_t size;
    int64_t modified_s;
    struct validator validator;
    struct resource_note note;
};

/* Returns the entry with a complete copy of path, even if it is out of date, or
 * NULL. */
struct cache_entry *cache_table_find(struct cache *cache, struct view path);

/* Returns true if the copy can be sent. */
bool cache_table_is_current(struct cache *cache,
                            const struct cache_entry *entry);

/* Returns true if the caller must make the next copy of path, because half of
 * the life of the copy in entry has passed, and there is room for both copies.
 * Returns true only once per copy. */
bool cache_table_renew(struct cache *cache, struct view path,
                       struct cache_entry *entry);

/* Returns an entry with the blocks for a new copy of path, which has size
 * bytes. Returns NULL if the caller must not make a copy now. If path has a
 * current copy, that copy stays in its entry, and the new copy uses only free
 * room. */
struct cache_entry *cache_table_claim(struct cache *cache, struct view path,
                                      uint64_t size);

/* Makes lookups skip the entry, and releases its blocks if no task uses it. */
void cache_table_drop(struct cache *cache, struct cache_entry *entry);

/* Returns true if a copy of path with one block can be made without dropping
 * the copy of another path. This is the case if path has an entry already, or
 * if a block and an entry are free. */
bool cache_table_has_room(struct cache *cache, struct view path);

/* Records a request for path. Returns true if path was also requested in the
 * last CACHE_TRUST_NS. May return false if another path has the same index in
 * cache->wishes and was requested in between. */
bool cache_table_was_wanted(struct cache *cache, struct view path);

#endif
