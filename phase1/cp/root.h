/* root.h: creates the target directory of a tree, and publishes it when it is
 * complete.
 *
 * A new target directory is created under a temporary name, next to its final
 * one. Other users cannot enter it until everything is in it. Then it is
 * renamed. An existing directory is used as it is.
 *
 * The mode and times of each new directory are recorded when it is created, and
 * set only at the end. Its mode may forbid us to write in it, and every file
 * that we add changes its times. */
#ifndef PHASE1_CP_ROOT_H
#define PHASE1_CP_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "cp.h"
#include "target.h"

struct root_directory; /* a directory that we created */

struct root {
    int parent, dir;   /* owned fds of the root and its parent */
    bool is_private;   /* we created it; others cannot enter it yet */
    const char *shown; /* borrowed, for messages */
    char name[NAME_MAX + 1];
    char temp[TARGET_TEMP_LEN];
    struct root_directory *made; /* owned */
    size_t made_count, made_room;
};

/* Opens or creates the directory target as the root of the copy. source is the
 * stat of the source. Returns 0, or -errno after printing a message. */
int root_begin(struct root *root, struct cp *cp, const char *target,
               const struct stat *source);

/* Creates the directory path, relative to the root, unless it exists. Returns 0
 * or -errno. */
int root_make(struct root *root, const struct cp *cp, const char *path,
              const struct stat *source);

/* Sets the modes and times of all new directories, and renames the root.
 * Releases root in every case. Returns 0, or -errno after printing a
 * message. */
int root_publish(struct root *root, const struct cp *cp);

/* Removes a private root with everything in it. Keeps an existing root.
 * Releases root. */
void root_discard(struct root *root);

#endif
