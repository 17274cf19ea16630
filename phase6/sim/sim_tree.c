/* sim_tree.c: files by name; see sim_tree.h.
 *
 * What it teaches: a path is looked up once, when it is opened. After that, the
 * name may lead to another file, or to none. Whatever a program has found out
 * about a name may no longer be true. */
#include "sim_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "sim_check.h"
#include "sim_memory.h"
#include "sim_watch.h"
#include "sys.h"

#define DIRECTORY_INODE 1000u
#define NS_PER_S UINT64_C(1000000000)

static const char own_fds[] = "/proc/self/fd/";
static const char *const names[TREE_NAMES] = {"a.txt", "b.html", "index.html",
                                              "c.css"};

static struct {
    struct sim_file directory;
    struct disk_file *files[TREE_NAMES]; /* NULL: the name is free */
} tree;

static const struct file_class directory_class = {.name = "directory"};

void tree_begin(void)
{
    memset(&tree, 0, sizeof tree);
    tree.directory.class = &directory_class;
}

const char *tree_name(unsigned i)
{
    return names[i];
}

struct disk_file *tree_file(unsigned i)
{
    return tree.files[i];
}

void tree_link(unsigned i, struct disk_file *file)
{
    tree.files[i] = file;
    watch_report();
}

void tree_change(unsigned i)
{
    disk_touch(tree.files[i]);
    watch_report();
}

/* Without a directory, the path must begin with that of the root, or be that of
 * an own fd. */
int tree_find(const struct sim_file *dir, const char *path,
              struct sim_file **out)
{
    size_t len;

    /* Even a file without a name: a second look at its path could lead to
     * another file. */
    if (strncmp(path, own_fds, sizeof own_fds - 1) == 0) {
        *out = file_of(atoi(path + sizeof own_fds - 1));
        return *out != NULL ? 0 : -ENOENT;
    }
    if (dir == NULL && strncmp(path, TREE_ROOT "/", sizeof TREE_ROOT) == 0) {
        dir = &tree.directory;
        path += sizeof TREE_ROOT;
    }
    check_that(dir == &tree.directory, "simulated-operation",
               "a path is opened that is not below the root; its length is",
               (int64_t)strlen(path));
    *out = &tree.directory;
    if (strcmp(path, ".") == 0)
        return 0;
    len = strcspn(path, "/");
    for (unsigned i = 0; i < TREE_NAMES; i++) {
        if (tree.files[i] == NULL || strlen(names[i]) != len ||
            strncmp(names[i], path, len) != 0)
            continue;
        *out = &tree.files[i]->file;
        return path[len] == '/' ? -ENOTDIR : 0;
    }
    return -ENOENT;
}

void tree_stat(const struct sim_file *base, struct statx *out)
{
    struct statx is = {.stx_mask = STATX_BASIC_STATS, .stx_nlink = 1};

    if (base == &tree.directory) {
        is.stx_mode = S_IFDIR | 0755;
        is.stx_ino = DIRECTORY_INODE;
    } else {
        const struct disk_file *file =
            container_of((struct sim_file *)base, struct disk_file, file);

        is.stx_mode = S_IFREG | 0644;
        is.stx_ino = file->inode;
        is.stx_size = file->len;
        is.stx_mtime.tv_sec = (int64_t)(file->changed_ns / NS_PER_S);
        is.stx_mtime.tv_nsec = (uint32_t)(file->changed_ns % NS_PER_S);
        is.stx_ctime = is.stx_mtime;
    }
    memory_copy(out, &is, sizeof is);
}

/* At start-up: the root only. A server that finds no table of types has its
 * own. */
int sys_open(const char *path, int flags, mode_t mode)
{
    (void)flags, (void)mode;
    return strcmp(path, TREE_ROOT "/.") == 0 ? file_install(&tree.directory)
                                             : -ENOENT;
}

int sys_read_text(const char *path, char *text, size_t len)
{
    (void)path, (void)text, (void)len;
    return -ENOENT;
}
