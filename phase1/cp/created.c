/* created.c: which files this run has made itself; see created.h.
 *
 * A list that is searched from its beginning: it is asked only where a target
 * exists already, and holds only what was named on the command line. */
#include "created.h"

#include <stdlib.h>

struct created_file {
    dev_t device, source_device;
    ino_t inode, source_inode;
};

void created_add(struct created *created, const struct stat *info,
                 const struct stat *source)
{
    if (created->count == created->room) {
        size_t room = 2 * created->room + 16;
        struct created_file *files =
            reallocarray(created->files, room, sizeof *files);

        if (files == NULL)
            return;
        created->files = files;
        created->room = room;
    }
    created->files[created->count++] = (struct created_file){
        .device = info->st_dev,
        .inode = info->st_ino,
        .source_device = source->st_dev,
        .source_inode = source->st_ino,
    };
}

static const struct created_file *find(const struct created *created,
                                       const struct stat *info)
{
    for (size_t i = 0; i < created->count; i++)
        if (created->files[i].inode == info->st_ino &&
            created->files[i].device == info->st_dev)
            return &created->files[i];
    return NULL;
}

bool created_has(const struct created *created, const struct stat *info)
{
    return find(created, info) != NULL;
}

bool created_is_copy(const struct created *created, const struct stat *info,
                     const struct stat *source)
{
    const struct created_file *file = find(created, info);

    return file != NULL && file->source_inode == source->st_ino &&
           file->source_device == source->st_dev;
}

void created_finish(struct created *created)
{
    free(created->files);
}
