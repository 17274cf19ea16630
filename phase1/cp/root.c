/* root.c: creates the target directory of a tree, and publishes it when it is
 * complete; see root.h. */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "below.h"
#include "file.h"
#include "optional.h"
#include "replace.h"

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Returns true if dir is the source or inside it. The copy would then copy
 * itself. */
static bool is_inside(int dir, const struct stat *source)
{
    struct stat here = {0}, above;
    int fd = openat(dir, ".", O_PATH | O_CLOEXEC);
    bool inside = false;

    while (fd >= 0 && fstat(fd, &above) == 0) {
        int up;

        inside = file_is_same(&above, source);
        if (inside || file_is_same(&above, &here))
            break; /* "/" is its own parent */
        here = above;
        up = openat(fd, "..", O_PATH | O_CLOEXEC);
        close(fd);
        fd = up;
    }
    if (fd >= 0)
        close(fd);
    return inside;
}

/* Opens the directory that contains target, and stores target's last component.
 * Returns 0 or -errno. */
static int open_parent(struct root *root, const char *target)
{
    size_t len = strlen(target), start;
    char *parent;

    while (len > 1 && target[len - 1] == '/')
        len--;
    for (start = len; start > 0 && target[start - 1] != '/';)
        start--;
    if (len - start > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(root->name, target + start, len - start);
    root->name[len - start] = '\0';
    if (len == start) /* "/" */
        strcpy(root->name, ".");
    parent = start == 0 ? strdup(".") : strndup(target, start);
    if (parent == NULL)
        return -ENOMEM;
    root->parent = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(parent);
    return root->parent < 0 ? -errno : 0;
}

/* Finds the mode that the root gets at the end. The root was created with mode
 * 0700, so its mode does not show which of the wanted bits the umask or the
 * default ACL permits. So this function creates another directory in the root,
 * reads its mode, and removes it. The root has inherited the default ACL of its
 * parent, so the same bits are permitted there. Returns 0 or -errno. */
static int find_mode(const struct root *root, mode_t wanted, mode_t *given)
{
    char probe[TARGET_TEMP_LEN];
    int rc;

    target_temp_name(probe);
    rc = directories_create(root->dir, probe, wanted, given);
    (void)unlinkat(root->dir, probe, AT_REMOVEDIR);
    return rc;
}

/* Creates the root under a temporary name. Returns 0 or -errno. */
static int make_private(struct root *root, const struct stat *source)
{
    mode_t mode;
    int rc;

    root->is_private = true;
    do {
        target_temp_name(root->temp);
        rc = directories_create(root->parent, root->temp, S_IRWXU, &mode);
    } while (rc == -EEXIST);
    if (rc < 0)
        return rc;
    root->dir = openat(root->parent, root->temp, DIRECTORY_FLAGS);
    rc = root->dir < 0 ? -errno : find_mode(root, source->st_mode, &mode);
    if (rc == 0)
        rc = directories_note(&root->made, ".", mode, source);
    if (rc < 0)
        (void)unlinkat(root->parent, root->temp, AT_REMOVEDIR);
    return rc;
}

/* Creates the root under its final name, because a temporary name in an
 * append-only directory could not be renamed. The files in the root appear one
 * by one, as in an existing directory. Returns 0 or -errno. */
static int make_visible(struct root *root, const struct cp *cp,
                        const struct stat *source)
{
    mode_t mode = cp->options.preserve ? S_IRWXU : source->st_mode;
    int rc = directories_create(root->parent, root->name, mode, &mode);

    if (rc < 0)
        return rc;
    root->dir = openat(root->parent, root->name, DIRECTORY_FLAGS);
    return root->dir < 0 ? -errno
                         : directories_note(&root->made, ".", mode, source);
}

/* Opens the existing root, or creates it. Returns 0 or -errno. */
static int open_root(struct root *root, const struct cp *cp,
                     const struct stat *source)
{
    struct stat existing;

    if (fstatat(root->parent, root->name, &existing, 0) == 0) {
        root->dir = openat(root->parent, root->name,
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return root->dir < 0 ? -errno : 0;
    }
    if (fstatat(root->parent, root->name, &existing, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST; /* a dangling link */
    if (replace_is_append_only(root->parent, ""))
        return make_visible(root, cp, source);
    return make_private(root, source);
}

/* Releases memory and descriptors. Does not remove the directories. */
static void root_finish(struct root *root)
{
    directories_release(&root->made);
    if (root->dir >= 0)
        close(root->dir);
    if (root->parent >= 0)
        close(root->parent);
}

static int refuse_inside(struct root *root)
{
    message_refusal("cannot copy a directory into itself", root->shown,
                    "the target is the source or inside it");
    root_finish(root);
    return -EINVAL;
}

int root_begin(struct root *root, struct cp *cp, const char *target,
               const struct stat *source)
{
    struct stat dir;
    int rc;

    *root = (struct root){.parent = -1, .dir = -1, .shown = target};
    rc = open_parent(root, target);
    if (rc == 0 && is_inside(root->parent, source))
        return refuse_inside(root); /* before creating a directory there */
    if (rc == 0)
        rc = open_root(root, cp, source);
    if (rc == 0 && !root->is_private && is_inside(root->dir, source))
        return refuse_inside(root); /* target is source, or a link into it */
    if (rc == 0 && fstat(root->dir, &dir) < 0)
        rc = -errno;
    if (rc == 0) {
        cp->target_is_new = created_has(&cp->created, &dir);
        if (root->made.count > 0 && cp->options.source_count > 1)
            created_add(&cp->created, &dir, source);
        return 0;
    }
    root_finish(root);
    return message_error("cannot create the directory", target, rc);
}

int root_make(struct root *root, const struct cp *cp, const char *path,
              const struct stat *source)
{
    struct stat existing;
    /* With -p the directory may get another owner. Until then, only we may
     * enter it. */
    mode_t mode = cp->options.preserve ? S_IRWXU : source->st_mode;
    bool notes = true;
    const char *name;
    int dir = below_open_parent(root->dir, path, &name), rc;

    if (dir < 0)
        return dir;
    rc = directories_create(dir, name, mode, &mode);
    if (rc == -EEXIST) {
        rc = fstatat(dir, name, &existing, AT_SYMLINK_NOFOLLOW) < 0 ? -errno
             : file_kind_of(existing.st_mode) != FILE_DIRECTORY ? -ENOTDIR
                                                                : 0;
        notes = cp->options.preserve;
    }
    if (rc == 0 && notes)
        rc = directories_note(&root->made, path, mode, source);
    if (rc == -ENOMEM) /* root_discard removes only recorded directories */
        (void)unlinkat(dir, name, AT_REMOVEDIR);
    close(dir);
    return rc;
}

int root_publish(struct root *root, int source, struct cp *cp)
{
    int failed, rc = directories_finish(&root->made, source, root->dir, cp,
                                        root->shown);

    if (root->is_private && renameat(root->parent, root->temp, root->parent,
                                     root->name) < 0) {
        rc = message_error("cannot rename the copy to", root->shown, -errno);
        root_discard(root);
        return rc;
    }
    /* The tree has its final name: from here on nothing in it is removed. */
    if (cp->options.fsync) {
        failed = optional_sync_names(root->parent);
        if (failed < 0)
            rc = message_error("cannot sync the directory of", root->shown,
                               failed);
    }
    root_finish(root);
    return rc;
}

void root_discard(struct root *root)
{
    if (root->is_private) {
        directories_remove(&root->made, root->dir);
        (void)unlinkat(root->parent, root->temp, AT_REMOVEDIR);
    }
    root_finish(root);
}
