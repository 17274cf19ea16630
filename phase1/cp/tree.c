/* tree.c: copies a directory tree; see tree.h.
 *
 * The walk has only one directory of each tree open at a time, plus those that
 * the batch uses (held.h). It remembers the names of the subdirectories, closes
 * the directory, and only then enters them. It opens each directory by its path
 * below the root, without following links (below.h). */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "below.h"
#include "copy.h"
#include "cp_batch.h"
#include "file.h"
#include "held.h"
#include "optional.h"
#include "root.h"
#include "stop.h"
#include "walk.h"

struct tree {
    struct cp *cp;                 /* borrowed */
    struct walk source, target;    /* paths of the current entry */
    struct root root;
    struct created places; /* the target directories */
    bool batches; /* small files are copied together */
    int result;   /* -errno of the first failure, or 0 */
};

/* Records the first failure. The walk continues with the other files. Returns
 * result. */
static int record_failure(struct tree *tree, int result)
{
    if (tree->result == 0)
        tree->result = result;
    return result;
}

static int fail_entry(struct tree *tree, const char *tried, int result)
{
    message_error(tried, tree->source.shown, result);
    return record_failure(tree, result);
}

/* Copies the current entry if it is a file or a link. Refuses any other
 * kind. */
static void copy_entry(struct tree *tree, const struct stat *info)
{
    struct cp_name source = walk_name(&tree->source);
    struct cp_name target = walk_name(&tree->target);
    bool is_private = tree->root.is_private;
    int rc;

    switch (file_kind_of(info->st_mode)) {
    case FILE_REGULAR:
        rc = copy_file(tree->cp, &source, &target, false, is_private);
        break;
    case FILE_LINK:
        rc = copy_link(tree->cp, &source, &target, is_private);
        break;
    default:
        message_refusal("cannot copy", source.shown,
                        file_kind_words(file_kind_of(info->st_mode)));
        rc = -EINVAL;
        break;
    }
    if (rc < 0)
        (void)record_failure(tree, rc);
}

static void leave(struct tree *tree)
{
    walk_leave(&tree->source);
    walk_leave(&tree->target);
}

/* Moves the walk to an entry of the current directory. A tree can be deeper
 * than the longest path that the kernel accepts. If the path is too long,
 * prints a message and returns false. */
static bool enter(struct tree *tree, const char *name)
{
    if (!walk_enter(&tree->source, name)) {
        (void)fail_entry(tree, "cannot copy everything in", -ENAMETOOLONG);
        return false;
    }
    if (!walk_enter(&tree->target, name)) {
        (void)fail_entry(tree, "cannot copy", -ENAMETOOLONG);
        walk_leave(&tree->source);
        return false;
    }
    return true;
}

/* Copies one entry of the open directory fd. If it is a subdirectory, adds its
 * name to `below` instead. */
static void visit(struct tree *tree, int fd, const struct dirent *entry,
                  struct walk_names *below)
{
    const char *name = entry->d_name;
    struct cp_name source, target;
    struct stat info;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        !enter(tree, name))
        return;
    source = walk_name(&tree->source);
    target = walk_name(&tree->target);
    /* Most files are small, and the batch does not need stat to open them. */
    if (tree->batches && entry->d_type == DT_REG &&
        cp_batch_take(tree->cp, &source, &target, tree->root.is_private)) {
        leave(tree);
        return;
    }
    if (fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
        (void)fail_entry(tree, "cannot stat", -errno);
    else if (file_kind_of(info.st_mode) != FILE_DIRECTORY)
        copy_entry(tree, &info);
    else if (walk_names_add(below, name) < 0)
        (void)fail_entry(tree, "cannot enter", -ENOMEM);
    leave(tree);
}

/* Copies everything in the open directory except its subdirectories. */
static void visit_all(struct tree *tree, struct walk_names *below)
{
    int fd = fcntl(tree->source.here, F_DUPFD_CLOEXEC, 0);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (stream == NULL) {
        (void)fail_entry(tree, "cannot open the directory", -errno);
        if (fd >= 0)
            close(fd);
        return;
    }
    errno = 0;
    while (stop_requested() == 0 && (entry = readdir(stream)) != NULL) {
        visit(tree, fd, entry, below);
        errno = 0;
    }
    if (errno != 0)
        (void)fail_entry(tree, "cannot read the directory", -errno);
    closedir(stream);
}

/* Opens the current directory of a walk. If no descriptor is free, waits until
 * the batch has closed some, and tries again. Returns an fd or -errno. */
static int open_here(struct tree *tree, const struct walk *walk, int flags)
{
    int fd = below_open(walk->root, walk_path(walk), flags | O_DIRECTORY);

    if (fd == -EMFILE) {
        (void)cp_batch_finish(tree->cp);
        held_sweep();
        fd = below_open(walk->root, walk_path(walk), flags | O_DIRECTORY);
    }
    return fd;
}

/* Opens the target directory. Creates it first if it is not the root. info is
 * the stat of the source. Returns 0, or -errno after printing a message. */
static int open_target(struct tree *tree, const struct stat *info)
{
    const char *path = walk_path(&tree->target);
    struct stat made;
    int rc = 0;

    if (strcmp(path, ".") != 0)
        rc = root_make(&tree->root, tree->cp, path, info);
    if (rc == 0) {
        tree->target.here = open_here(tree, &tree->target, O_PATH);
        rc = tree->target.here < 0 ? tree->target.here : 0;
    }
    if (rc == 0 && fstat(tree->target.here, &made) == 0)
        created_add(&tree->places, &made, info);
    if (rc < 0)
        message_error("cannot create the directory", tree->target.shown, rc);
    return rc;
}

/* Opens the current source directory and its target. Refuses a source that is
 * also one of the target directories, because such a copy would never end. Two
 * paths can lead to one directory through a bind mount, so the inodes are
 * compared. Returns false after printing a message. */
static bool open_both(struct tree *tree)
{
    int fd = open_here(tree, &tree->source, O_RDONLY), rc = fd;
    struct stat info;

    if (fd < 0 || fstat(fd, &info) < 0) {
        (void)fail_entry(tree, "cannot open the directory",
                         fd < 0 ? fd : -errno);
    } else if (created_has(&tree->places, &info)) {
        message_refusal("cannot copy a directory into itself",
                        tree->source.shown, "it is a target of this copy");
        (void)record_failure(tree, -EINVAL);
    } else {
        rc = open_target(tree, &info);
        if (rc == 0) {
            tree->source.here = fd;
            return true;
        }
        (void)record_failure(tree, rc);
    }
    if (fd >= 0)
        close(fd);
    return false;
}

/* Syncs the current target directory, so that the names of its new
 * subdirectories are on the disk. directories_finish syncs the subdirectories
 * themselves. */
static void sync_here(struct tree *tree)
{
    int fd = open_here(tree, &tree->target, O_RDONLY);
    int rc = fd < 0 ? fd : optional_sync_directory(fd);

    if (rc < 0)
        message_error("cannot sync the directory", tree->target.shown,
                      record_failure(tree, rc));
    if (fd >= 0)
        close(fd);
}

/* Copies the current directory, then the directories below it. */
static void tree_walk(struct tree *tree)
{
    struct walk_names below = {0};

    if (!open_both(tree))
        return;
    visit_all(tree, &below);
    held_close(tree->cp, tree->source.here);
    held_close(tree->cp, tree->target.here);
    for (size_t i = 0; i < below.len && stop_requested() == 0;
         i += strlen(below.text + i) + 1) {
        if (!enter(tree, below.text + i))
            continue;
        tree_walk(tree);
        leave(tree);
    }
    if (below.len > 0 && tree->cp->options.fsync && !tree->root.is_private)
        sync_here(tree);
    free(below.text);
}

/* Walks the tree, waits for the batch, and renames the copy to the target. */
static int copy_open_tree(struct tree *tree)
{
    int rc;

    tree_walk(tree);
    rc = cp_batch_finish(tree->cp);
    held_sweep();
    created_finish(&tree->places);
    if (rc < 0)
        (void)record_failure(tree, rc);
    if (stop_requested() != 0 || cp_batch_is_lost()) {
        root_discard(&tree->root);
        return stop_requested() != 0 ? -EINTR : rc;
    }
    rc = root_publish(&tree->root, tree->source.root, tree->cp);
    return rc < 0 ? record_failure(tree, rc) : tree->result;
}

int tree_copy(struct cp *cp, const char *source, const char *target,
              const struct stat *info)
{
    static struct tree tree; /* static because it is too big for the stack */
    int fd = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

    tree.cp = cp;
    tree.places = (struct created){0};
    tree.result = 0;
    if (fd < 0) {
        rc = -errno;
        message_error("cannot open the directory", source, rc);
        return rc;
    }
    rc = root_begin(&tree.root, cp, target, info);
    if (rc == 0) {
        rc = walk_init(&tree.source, fd, source);
        if (rc == 0)
            rc = walk_init(&tree.target, tree.root.dir, target);
        tree.batches = file_suits_ring(tree.root.dir);
        if (rc == 0)
            rc = copy_open_tree(&tree);
        else
            root_discard(&tree.root);
    }
    cp->target_is_new = false;
    close(fd);
    return rc;
}
