/* created.h: remembers the files that this run has created.
 *
 * "cp a/x b/x directory" would overwrite the first copy with the second and
 * print nothing. So the run remembers each file that it creates, by device and
 * inode, and refuses to overwrite it. The run also remembers the source,
 * because in "cp a/x a/x directory" both copies are the same, and the first is
 * enough. */
#ifndef PHASE1_CP_CREATED_H
#define PHASE1_CP_CREATED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct created_file;

/* Zero the struct before use. */
struct created {
    struct created_file *files; /* owned: a hash table with `room` slots */
    size_t count, room;
};

/* Records that this run copied source to the file that info describes. Does
 * nothing if memory runs out: a second copy then replaces the first, as it
 * would without this module. */
void created_add(struct created *created, const struct stat *info,
                 const struct stat *source);

/* Records that this run copied source to path, which is relative to dir. Does
 * nothing if the file no longer exists. */
void created_add_name(struct created *created, int dir, const char *path,
                      const struct stat *source);

/* Returns true if this run has created the file that info describes. */
bool created_has(const struct created *created, const struct stat *info);

/* Returns true if this run has copied source to the file that info
 * describes. */
bool created_is_copy(const struct created *created, const struct stat *info,
                     const struct stat *source);

void created_finish(struct created *created);

#endif
