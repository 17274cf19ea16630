/* walk.h: the current path of a walk through a tree.
 *
 * A recursive copy walks through two trees at once, source and target. Below
 * their roots both have the same names. A struct walk holds the current path in
 * one of the trees. walk_enter appends a name when the walk enters a directory,
 * and walk_leave removes the name afterwards. Messages show the whole path.
 * System calls get the part that is relative to the root. */
#ifndef PHASE1_CP_WALK_H
#define PHASE1_CP_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "cp.h"

struct walk {
    int dir; /* borrowed: fd of the root of the tree */
    char shown[2 * PATH_MAX];
    size_t prefix; /* length of the root's path, with its slash */
};

/* Starts a walk at the root. Returns 0 or -ENAMETOOLONG. */
int walk_init(struct walk *walk, int dir, const char *root);

/* Appends a name. If the path would be too long, returns false and changes
 * nothing. */
bool walk_enter(struct walk *walk, const char *name);

/* Removes the last name. */
void walk_leave(struct walk *walk);

/* Returns the current path. It is valid until the next walk_enter or
 * walk_leave. */
struct cp_name walk_name(const struct walk *walk);

/* A list of names, each with its NUL, in one buffer. Zero the struct before
 * use, and free text afterwards. */
struct walk_names {
    char *text;
    size_t len, room;
};

/* Appends a name. Returns 0 or -ENOMEM. */
int walk_names_add(struct walk_names *names, const char *name);

#endif
