/* walk.h: the current path of a walk through a tree.
 *
 * A recursive copy walks through two trees at once, source and target. Below
 * their roots both have the same names. A struct walk holds the current path in
 * one of the trees. walk_enter appends the name of the entry that is copied
 * next, and walk_leave removes it afterwards. Messages show the whole path. A
 * directory is opened by the part of the path below the root (below.h). The
 * entries of a directory are opened relative to its fd, by a path of one
 * component. */
#ifndef PHASE1_CP_WALK_H
#define PHASE1_CP_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "cp.h"

struct walk {
    int root; /* borrowed: fd of the root of the tree */
    int here; /* owned: fd of the directory that is being copied */
    char shown[2 * PATH_MAX];
    size_t prefix; /* length of the root's path, with a slash */
};

/* Starts a walk at the directory root. shown is the path of root. Returns 0 or
 * -ENAMETOOLONG. */
int walk_init(struct walk *walk, int root, const char *shown);

/* Appends a name. If the path would be too long, returns false and changes
 * nothing. */
bool walk_enter(struct walk *walk, const char *name);

/* Removes the last name. */
void walk_leave(struct walk *walk);

/* Returns the current path, relative to the root. It is valid until the next
 * walk_enter or walk_leave. */
const char *walk_path(const struct walk *walk);

/* Returns the current path as an entry of the directory walk->here. It is valid
 * until the next walk_enter or walk_leave. */
struct cp_name walk_name(const struct walk *walk);

/* A list of names in one buffer, each followed by a NUL. Zero the struct before
 * use, and free text afterwards. */
struct walk_names {
    char *text;
    size_t len, room;
};

/* Appends a name. Returns 0 or -ENOMEM. */
int walk_names_add(struct walk_names *names, const char *name);

#endif
