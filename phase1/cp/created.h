/* created.h: which files this run has made itself.
 *
 * cp a/x b/x directory would overwrite the first copy with the second, and say
 * nothing. So what is made is remembered, by device and inode, and of what: for
 * cp a/x a/x directory the first copy is as good as the second. */
#ifndef PHASE1_CP_CREATED_H
#define PHASE1_CP_CREATED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct created_file;

/* Starts out zeroed. */
struct created {
    struct created_file *files; /* owned */
    size_t count, room;
};

/* Remembers a file, a copy of source. Without memory for it, it does not: then
 * the second copy replaces the first, as it would have without this. */
void created_add(struct created *created, const struct stat *info,
                 const struct stat *source);

bool created_has(const struct created *created, const struct stat *info);

/* Whether it was made, and as a copy of source. */
bool created_is_copy(const struct created *created, const struct stat *info,
                     const struct stat *source);

void created_finish(struct created *created);

#endif
