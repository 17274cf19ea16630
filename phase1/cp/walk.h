/* walk.h: the current path of a walk through a tree.
 *
 * A copy walks through two trees, source and target, at once. Below their roots
 * both have the same names. Each struct walk is one text. It grows by a name
 * when the walk enters a directory, and shrinks when it leaves. Messages show
 * all of the text; system calls get the end of it, from the root on. */
#ifndef PHASE1_CP_WALK_H
#define PHASE1_CP_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "cp.h"

struct walk {
    int dir; /* borrowed: the root of the tree */
    char shown[2 * PATH_MAX];
    size_t prefix; /* length of the root's path in shown, with its slash */
};

/* Starts at the root. Returns 0 or -ENAMETOOLONG. */
int walk_init(struct walk *walk, int dir, const char *root);

/* Appends a name. Returns false, and changes nothing, if it is too long. */
bool walk_enter(struct walk *walk, const char *name);

/* Removes the last name. */
void walk_leave(struct walk *walk);

/* Returns the current name. It is borrowed from walk, until the next step. */
struct cp_name walk_name(const struct walk *walk);

/* A list of names in one text, each with its NUL. Zero it before use, and free
 * text afterwards. */
struct walk_names {
    char *text;
    size_t len, room;
};

/* Appends a name. Returns 0 or -ENOMEM. */
int walk_names_add(struct walk_names *names, const char *name);

#endif
