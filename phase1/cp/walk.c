/* walk.c: the current path of a walk through a tree; see walk.h.
 *
 * A path is limited only by the size of the buffer. This file does not check
 * PATH_MAX, because the kernel refuses a path that is too long. */
#include "walk.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int walk_init(struct walk *walk, int root, const char *shown)
{
    size_t len = strlen(shown);

    if (len + 2 > sizeof walk->shown)
        return -ENAMETOOLONG;
    memcpy(walk->shown, shown, len + 1);
    if (len > 0 && shown[len - 1] != '/')
        strcpy(walk->shown + len++, "/");
    walk->root = root;
    walk->prefix = len;
    return 0;
}

bool walk_enter(struct walk *walk, const char *name)
{
    size_t len = strlen(walk->shown), more = strlen(name);
    bool slash = len > walk->prefix;

    if (len + slash + more + 1 > sizeof walk->shown)
        return false;
    if (slash)
        walk->shown[len] = '/';
    memcpy(walk->shown + len + slash, name, more + 1);
    return true;
}

void walk_leave(struct walk *walk)
{
    char *slash = strrchr(walk->shown + walk->prefix, '/');

    if (slash != NULL)
        *slash = '\0';
    else
        walk->shown[walk->prefix] = '\0';
}

const char *walk_path(const struct walk *walk)
{
    const char *path = walk->shown + walk->prefix;

    return path[0] != '\0' ? path : ".";
}

struct cp_name walk_name(const struct walk *walk)
{
    const char *slash = strrchr(walk->shown + walk->prefix, '/');

    return (struct cp_name){
        .dir = walk->here,
        .path = slash != NULL ? slash + 1 : walk->shown + walk->prefix,
        .shown = walk->shown,
    };
}

int walk_names_add(struct walk_names *names, const char *name)
{
    size_t len = strlen(name) + 1;

    if (names->len + len > names->room) {
        size_t room = 2 * names->room + len;
        char *text = realloc(names->text, room);

        if (text == NULL)
            return -ENOMEM;
        names->text = text;
        names->room = room;
    }
    memcpy(names->text + names->len, name, len);
    names->len += len;
    return 0;
}
