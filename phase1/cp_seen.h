/* cp_seen.h: which files this run has made itself.
 *
 * cp a/x b/x directory would overwrite the first copy with the second, and say
 * nothing. So what is made is remembered, by device and inode. */
#ifndef PHASE1_CP_SEEN_H
#define PHASE1_CP_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct seen_file;

/* Starts out zeroed. */
struct cp_seen {
    struct seen_file *files; /* owned */
    size_t count, room;
};

/* Remembers a file. Without memory for it, it does not: then the second copy
 * replaces the first, as it would have without this. */
void seen_add(struct cp_seen *seen, const struct stat *info);

bool seen_has(const struct cp_seen *seen, const struct stat *info);

void seen_finish(struct cp_seen *seen);

#endif
