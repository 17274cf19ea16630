/* root.c: creates the target directory of a tree, and publishes it when it is
 * complete; see root.h. */
#include "root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "file.h"

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct root_directory {
    char *path; /* owned; relative to the root */
    struct stat source;
};

/* True if dir is the source or inside it. The copy would then copy itself. */
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

/* Records the mode and times that a directory gets at the end. Returns 0 or
 * -ENOMEM. */
static int note(struct root *root, const char *path, const struct stat *source)
{
    struct root_directory *made = root->made;

    if (root->made_count == root->made_room) {
        size_t room = 2 * root->made_room + 16;

        made = reallocarray(root->made, room, sizeof *made);
        if (made == NULL)
            return -ENOMEM;
        root->made = made;
        root->made_room = room;
    }
    made += root->made_count;
    made->path = strdup(path);
    made->source = *source;
    if (made->path == NULL)
        return -ENOMEM;
    root->made_count++;
    return 0;
}

/* Creates the root under a temporary name. Returns 0 or -errno. */
static int make_private(struct root *root, const struct stat *source)
{
    int rc;

    root->is_private = true;
    do {
        target_temp_name(root->temp);
        rc = mkdirat(root->parent, root->temp, S_IRWXU) < 0 ? -errno : 0;
    } while (rc == -EEXIST);
    if (rc < 0)
        return rc;
    root->dir = openat(root->parent, root->temp, DIRECTORY_FLAGS);
    rc = root->dir < 0 ? -errno : note(root, ".", source);
    if (rc < 0)
        (void)unlinkat(root->parent, root->temp, AT_REMOVEDIR);
    return rc;
}

/* Opens the existing root, or creates it. Returns 0 or -errno. */
static int open_root(struct root *root, const struct stat *source)
{
    struct stat existing;

    if (fstatat(root->parent, root->name, &existing, 0) == 0) {
        root->dir = openat(root->parent, root->name,
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return root->dir < 0 ? -errno : 0;
    }
    if (fstatat(root->parent, root->name, &existing, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST; /* a dangling link */
    return make_private(root, source);
}

/* Releases memory and descriptors. Does not remove the directories. */
static void root_finish(struct root *root)
{
    while (root->made_count > 0)
        free(root->made[--root->made_count].path);
    free(root->made);
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
        return refuse_inside(root); /* before we create anything in it */
    if (rc == 0)
        rc = open_root(root, source);
    if (rc == 0 && !root->is_private && is_inside(root->dir, source))
        return refuse_inside(root); /* with -T, or through a link */
    if (rc == 0 && fstat(root->dir, &dir) < 0)
        rc = -errno;
    if (rc == 0) {
        cp->target_is_new = created_has(&cp->created, &dir);
        if (root->is_private && cp->options.source_count > 1)
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
    /* Private at first: its final mode may forbid us to write in it. */
    bool is_new = mkdirat(root->dir, path, S_IRWXU) == 0;

    if (!is_new && errno != EEXIST)
        return -errno;
    if (!is_new && fstatat(root->dir, path, &existing,
                           AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (!is_new && file_kind_of(existing.st_mode) != FILE_DIRECTORY)
        return -ENOTDIR;
    return is_new || cp->options.preserve ? note(root, path, source) : 0;
}

/* Sets the mode, the owner and the times of a directory, as copy_attributes in
 * copy.c does for a file. With --fsync, syncs the directory. */
static int finish_directory(const struct root *root, const struct cp *cp,
                            const struct root_directory *made)
{
    struct timespec times[2] = {made->source.st_atim, made->source.st_mtim};
    mode_t mode = made->source.st_mode & 07777;
    int fd = openat(root->dir, made->path, DIRECTORY_FLAGS), rc;
    struct stat now;

    if (fd < 0)
        return -errno;
    if (!cp->options.preserve) {
        /* As for a file, but with the sticky bit, which grants no permission.
         * Keep the set-group-id bit that mkdir(2) took from the parent. */
        rc = fstat(fd, &now);
        if (rc == 0)
            rc = fchmod(fd, (mode & 01777 & ~cp->umask) |
                                (now.st_mode & S_ISGID));
    } else {
        if (fchown(fd, made->source.st_uid, made->source.st_gid) < 0) {
            (void)!fchown(fd, (uid_t)-1, made->source.st_gid);
            mode &= 01777; /* not permitted to set the owner */
        }
        rc = fchmod(fd, mode) < 0 ? -1 : futimens(fd, times);
    }
    if (rc == 0 && cp->options.fsync)
        rc = fsync(fd);
    rc = rc < 0 ? -errno : 0;
    close(fd);
    return rc;
}

/* Renames the root to its final name; with --fsync, syncs its parent. */
static int rename_root(const struct root *root, const struct cp *cp)
{
    int fd, rc;

    if (root->is_private && renameat(root->parent, root->temp, root->parent,
                                     root->name) < 0)
        return -errno;
    if (!cp->options.fsync)
        return 0;
    fd = openat(root->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    rc = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

int root_publish(struct root *root, const struct cp *cp)
{
    int rc = 0, failed;

    /* Subdirectories come first: a final mode may forbid us to enter the
     * directory, and every change in a directory changes its times. */
    for (size_t i = root->made_count; i-- > 0;) {
        failed = finish_directory(root, cp, &root->made[i]);
        if (failed < 0)
            rc = message_error(
                "cannot set mode, owner and times of a directory in",
                root->shown, failed);
    }
    failed = rename_root(root, cp);
    if (failed < 0) {
        (void)message_error("cannot rename the copy to", root->shown, failed);
        root_discard(root);
        return failed;
    }
    root_finish(root);
    return rc;
}

/* Removes the files in a directory. Its subdirectories are already removed. */
static void empty_directory(const struct root *root, const char *path)
{
    int fd = openat(root->dir, path, DIRECTORY_FLAGS);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (stream == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    (void)fchmod(fd, S_IRWXU); /* root_publish may have set the mode */
    while ((entry = readdir(stream)) != NULL)
        (void)unlinkat(fd, entry->d_name, 0);
    closedir(stream);
}

void root_discard(struct root *root)
{
    for (size_t i = root->made_count; root->is_private && i-- > 0;) {
        empty_directory(root, root->made[i].path);
        if (i > 0)
            (void)unlinkat(root->dir, root->made[i].path, AT_REMOVEDIR);
    }
    if (root->is_private)
        (void)unlinkat(root->parent, root->temp, AT_REMOVEDIR);
    root_finish(root);
}
