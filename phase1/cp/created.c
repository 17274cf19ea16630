/* created.c: which files this run has made itself; see created.h.
 *
 * A list that is searched from its beginning: it is asked only where a target
 * exists already, and holds only what was named on the command line. */
#include "created.h"

#include <stdlib.h>

struct seen_file {
    dev_t device, source_device;
    ino_t inode, source_inode;
};

void seen_add(struct cp_seen *seen, const struct stat *info,
              const struct stat *source)
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
        .source_device = source->st_dev,
        .source_inode = source->st_ino,
    };
}

static const struct seen_file *find(const struct cp_seen *seen,
                                    const struct stat *info)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->files[i].inode == info->st_ino &&
            seen->files[i].device == info->st_dev)
            return &seen->files[i];
    return NULL;
}

bool seen_has(const struct cp_seen *seen, const struct stat *info)
{
    return find(seen, info) != NULL;
}

bool seen_is_copy(const struct cp_seen *seen, const struct stat *info,
                  const struct stat *source)
{
    const struct seen_file *file = find(seen, info);

    return file != NULL && file->source_inode == source->st_ino &&
           file->source_device == source->st_dev;
}

void seen_finish(struct cp_seen *seen)
{
    free(seen->files);
}
