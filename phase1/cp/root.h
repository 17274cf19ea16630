/* root.h: creates the target directory of a tree, and publishes it when it is
 * complete.
 *
 * A new target directory is created under a temporary name, in the directory
 * that will contain it. Other users cannot enter it until everything is in it.
 * Then cp-uring renames it. In an append-only directory (chattr +a) a name
 * cannot be changed, so there the new directory gets its final name
 * immediately. An existing target directory is used as it is. directories.h
 * records the directories that we create below the target. */
#ifndef PHASE1_CP_ROOT_H
#define PHASE1_CP_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "cp.h"
#include "directories.h"
#include "target.h"

struct root {
    int parent, dir;   /* owned fds of the root's parent and the root */
    bool is_private;   /* we created it; others cannot enter it yet */
    const char *shown; /* borrowed, for messages */
    char name[NAME_MAX + 1];
    char temp[TARGET_TEMP_LEN];
    struct directories made;
};

/* Opens or creates the directory target as the root of the copy. source is the
 * stat of the source directory. Returns 0, or -errno after printing a
 * message. */
int root_begin(struct root *root, struct cp *cp, const char *target,
               const struct stat *source);

/* Creates the directory path, relative to the root, unless it exists. source is
 * the stat of the corresponding source directory. Returns 0 or -errno. */
int root_make(struct root *root, const struct cp *cp, const char *path,
              const struct stat *source);

/* Sets the modes of all new directories, and renames the root. With -p, also
 * sets their owners, times and extended attributes; source is the fd of the
 * source directory. Releases root in every case.
 *
 * Returns  0       the tree has its final name
 *          -errno  after printing a message. Either the rename failed, and the
 *                  tree is removed; or the tree has its final name, but some
 *                  attributes are not set or a directory is not synced */
int root_publish(struct root *root, int source, struct cp *cp);

/* Removes a private root with everything in it. Keeps any other root, because
 * it has its final name. Releases root. */
void root_discard(struct root *root);

#endif
