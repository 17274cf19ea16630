/* created.c: remembers the files that this run has created; see created.h.
 *
 * The list is searched from its beginning. That is enough, because it holds one
 * file per source on the command line, and is searched only if a target
 * exists. */
#include "created.h"

#include <fcntl.h>
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

void created_add_name(struct created *created, int dir, const char *path,
                      const struct stat *source)
{
    struct stat info;

    if (fstatat(dir, path, &info, AT_SYMLINK_NOFOLLOW) == 0)
        created_add(created, &info, source);
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
