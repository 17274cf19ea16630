/* root.h: the target of a tree: no directory, or a complete one.
 *
 * A directory that does not exist yet is made under a temporary name beside
 * its own, private until all is in it, and then renamed. One that exists is
 * used as it is.
 *
 * What a directory ends with is noted when it is made (its mode may forbid to
 * write in it, its times change with every file) and set when all is in. */
#ifndef PHASE1_CP_ROOT_H
#define PHASE1_CP_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "cp.h"
#include "target.h"

struct root_directory; /* a directory that was made */

struct root {
    int parent, dir;   /* owned; where the root is, and the root itself */
    bool is_private;   /* it is ours alone, until it is renamed */
    const char *shown; /* borrowed, for messages */
    char name[NAME_MAX + 1];
    char temp[TARGET_TEMP_LEN];
    struct root_directory *made; /* owned */
    size_t made_count, made_room;
};

/* Finds or makes the root of a tree. target is a path; source what stat says
 * of the tree's source. Returns 0, or -errno, which has been said. */
int root_begin(struct root *root, struct cp *cp, const char *target,
               const struct stat *source);

/* Makes the directory path below the root, unless there is one. Returns 0 or
 * -errno. */
int root_make(struct root *root, const struct cp *cp, const char *path,
              const struct stat *source);

/* Gives all directories their modes, and the root its name. Returns 0, or
 * -errno, which has been said. The root is finished with either way. */
int root_publish(struct root *root, const struct cp *cp);

/* Removes a private root with all that is in it; leaves another alone. */
void root_discard(struct root *root);

#endif
