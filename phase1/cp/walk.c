/* walk.c: where the walk through a tree is, as text; see walk.h.
 *
 * No PATH_MAX of its own: the kernel refuses what is too long for it, and says
 * so; here only memory is bounded. */
#include "walk.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int side_init(struct cp_side *side, int dir, const char *root)
{
    size_t len = strlen(root);

    if (len + 2 > sizeof side->shown)
        return -ENAMETOOLONG;
    memcpy(side->shown, root, len + 1);
    if (len > 0 && root[len - 1] != '/')
        strcpy(side->shown + len++, "/");
    side->dir = dir;
    side->prefix = len;
    return 0;
}

bool side_enter(struct cp_side *side, const char *name)
{
    size_t len = strlen(side->shown), more = strlen(name);
    bool slash = len > side->prefix;

    if (len + slash + more + 1 > sizeof side->shown)
        return false;
    if (slash)
        side->shown[len] = '/';
    memcpy(side->shown + len + slash, name, more + 1);
    return true;
}

void side_leave(struct cp_side *side)
{
    char *slash = strrchr(side->shown + side->prefix, '/');

    if (slash != NULL)
        *slash = '\0';
    else
        side->shown[side->prefix] = '\0';
}

struct cp_name side_name(const struct cp_side *side)
{
    const char *path = side->shown + side->prefix;

    return (struct cp_name){
        .dir = side->dir,
        .path = path[0] != '\0' ? path : ".",
        .shown = side->shown,
    };
}

int names_add(struct cp_names *names, const char *name)
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
