/* created.c: remembers the files that this run has created; see created.h.
 *
 * What it teaches: a search that runs once per file must not become slower as
 * the number of files grows. With a list, twice as many files take four times
 * as long. So this file uses a hash table with open addressing. */
#include "created.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>

struct created_file {
    bool is_used; /* otherwise the slot is free */
    dev_t device, source_device;
    ino_t inode, source_inode;
};

/* Returns the slot that holds this file, or a free slot for it. The table is
 * never full. Inode numbers are often consecutive, so the multiplication
 * spreads them over the table. */
static struct created_file *slot_of(const struct created *created,
                                    dev_t device, ino_t inode)
{
    uint64_t hash = ((uint64_t)inode ^ (uint64_t)device << 40) *
                    UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(hash >> 32) & (created->room - 1);

    while (created->files[i].is_used && (created->files[i].inode != inode ||
                                         created->files[i].device != device))
        i = (i + 1) & (created->room - 1);
    return &created->files[i];
}

/* Doubles the table. Returns false if memory runs out. */
static bool grow(struct created *created)
{
    size_t room = created->room == 0 ? 64 : 2 * created->room;
    struct created grown = {.count = created->count, .room = room};

    grown.files = calloc(room, sizeof *grown.files);
    if (grown.files == NULL)
        return false;
    for (size_t i = 0; i < created->room; i++) {
        const struct created_file *file = &created->files[i];

        if (file->is_used)
            *slot_of(&grown, file->device, file->inode) = *file;
    }
    free(created->files);
    *created = grown;
    return true;
}

void created_add(struct created *created, const struct stat *info,
                 const struct stat *source)
{
    struct created_file *file;

    /* At most half of the slots are used, so that a search is short. */
    if (2 * created->count >= created->room && !grow(created))
        return;
    file = slot_of(created, info->st_dev, info->st_ino);
    created->count += !file->is_used;
    *file = (struct created_file){
        .is_used = true,
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
    const struct created_file *file;

    if (created->room == 0)
        return NULL;
    file = slot_of(created, info->st_dev, info->st_ino);
    return file->is_used ? file : NULL;
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
