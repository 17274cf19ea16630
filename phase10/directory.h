/* directory.h: the names of a directory, as a visitor may see them.
 *
 * What it teaches: a listing must show no more than the server serves. It
 * contains a name only if a request for that name would find a regular file, a
 * directory, or, if the server follows links, a link to one of them inside the
 * root.
 *
 * The ring has no operation for getdents(2), so these functions block. Call
 * them in a thread of a pool only. */
#ifndef PHASE10_DIRECTORY_H
#define PHASE10_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"

#define DIRECTORY_NAMES_MAX 10000u
#define DIRECTORY_NAME_BYTES 256u /* of a name, with its NUL */

struct directory_entry {
    const char *name; /* in the memory of its directory */
    uint64_t size;
    int64_t modified_s; /* since 1970 */
    bool is_directory;
};

struct directory {
    struct directory_memory *memory;       /* owned */
    const struct directory_entry *entries; /* in memory: count, sorted */
    size_t count;
    bool is_cut; /* there are more than DIRECTORY_NAMES_MAX names */
};

/* The directory to read. All members are borrowed. */
struct directory_source {
    int root;         /* the directory that is served */
    int fd;           /* of the directory to read, open for reading */
    const char *path; /* its path below root: "", or it ends in '/' */
    bool shows_hidden;
    bool follows_links;
};

/* Reads the names, without hidden ones, and sorts them: directories first, then
 * by name without regard to the case of ASCII letters. The kernel confines
 * links to the root. Leaves a name out if it disappears, or its link is broken.
 * On success the caller calls directory_free. Blocks.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory
 *          -errno   from getdents64(2) */
int directory_read(struct directory *directory,
                   const struct directory_source *source);

/* Releases the memory of a directory. */
void directory_free(struct directory *directory);

#endif
