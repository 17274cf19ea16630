/* walk.h: where the walk through a tree is, as text.
 *
 * A walk has two sides, source and target, and below their roots both have the
 * same name. Each is one text that grows by a name when a directory is entered
 * and shrinks again when it is left: all of it is what messages show, and the
 * end of it, from the root on, is what the kernel gets. */
#ifndef PHASE1_CP_WALK_H
#define PHASE1_CP_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "cp.h"

struct walk {
    int dir; /* borrowed: the root */
    char shown[2 * PATH_MAX];
    size_t prefix; /* of shown, up to the root and the slash behind it */
};

/* Stands at the root. Returns 0 or -ENAMETOOLONG. */
int walk_init(struct walk *walk, int dir, const char *root);

/* Appends a name, or does nothing and returns false: it would be too long. */
bool walk_enter(struct walk *walk, const char *name);

/* Cuts the last name off. */
void walk_leave(struct walk *walk);

/* The name as it is now; borrowed, and good until the next step. */
struct cp_name walk_name(const struct walk *walk);

/* Names that are kept for later, one after the other, each with its NUL.
 * Starts out zeroed; text is the owner's to free. */
struct walk_names {
    char *text;
    size_t len, room;
};

/* Returns 0 or -ENOMEM. */
int walk_names_add(struct walk_names *names, const char *name);

#endif
