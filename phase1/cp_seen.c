/* cp_seen.c: which files this run has made itself; see cp_seen.h.
 *
 * A list that is searched from its beginning: it is asked only where a target
 * exists already, and holds only what was named on the command line. */
#include "cp_seen.h"

#include <stdlib.h>

struct seen_file {
    dev_t device;
    ino_t inode;
};

void seen_add(struct cp_seen *seen, const struct stat *info)
{
    if (seen->count == seen->room) {
        size_t room = 2 * seen->room + 16;
        struct seen_file *files = reallocarray(seen->files, room,
                                               sizeof *files);

        if (files == NULL)
            return;
        seen->files = files;
        seen->room = room;
    }
    seen->files[seen->count++] = (struct seen_file){
        .device = info->st_dev,
        .inode = info->st_ino,
    };
}

bool seen_has(const struct cp_seen *seen, const struct stat *info)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->files[i].inode == info->st_ino &&
            seen->files[i].device == info->st_dev)
            return true;
    return false;
}

void seen_finish(struct cp_seen *seen)
{
    free(seen->files);
}
