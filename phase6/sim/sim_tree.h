/* sim_tree.h: files by name, below one directory.
 *
 *     "/site" --> { "a.txt", "b.html", ... } --> struct disk_file
 *
 * A name leads to a file; a descriptor keeps a file that has no name any
 * more. */
#ifndef PHASE6_SIM_TREE_H
#define PHASE6_SIM_TREE_H

#include <sys/stat.h>

#include "sim_disk.h"
#include "sim_file.h"

#define TREE_ROOT "/site"
#define TREE_NAMES 4u

/* Makes an empty directory. */
void tree_begin(void);

/* Returns name number i, which is below TREE_NAMES. */
const char *tree_name(unsigned i);

/* Returns the file with name number i, or NULL. tree_link gives the name to
 * another file, or to none; the old one keeps its descriptors. tree_change
 * tells a watch that the file's content has changed. */
struct disk_file *tree_file(unsigned i);
void tree_link(unsigned i, struct disk_file *file);
void tree_change(unsigned i);

/* Looks path up as openat2(2) does, from dir on, which is NULL or the
 * directory. Returns 0, with the file in out, or -errno. */
int tree_find(const struct sim_file *dir, const char *path,
              struct sim_file **out);

/* Fills out as statx(2) does. */
void tree_stat(const struct sim_file *file, struct statx *out);

#endif
