/* docroot.c: the directory that is served; see docroot.h. */
#include "docroot.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "err.h"
#include "sys.h"

#define LOOK_NS UINT64_C(1000000000)

/* Writes "NAME/.", whose open needs the right to search the directory, too. */
static int name_inside(const char *name, char inside[PATH_MAX])
{
    int len = snprintf(inside, PATH_MAX, "%s/.", name);

    if (name[0] == '\0')
        return -ENOENT;
    return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int docroot_open(struct docroot *root, const char *name)
{
    static char inside[PATH_MAX];
    int rc = name_inside(name, inside);

    *root = (struct docroot){.name = name, .is_looking = ATOMIC_FLAG_INIT};
    if (rc == 0)
        rc = root->fd = sys_open(inside, O_RDONLY | O_DIRECTORY, 0);
    return rc < 0 ? rc : 0;
}

static void report(const struct docroot *root, const char *what)
{
    char line[512];

    (void)snprintf(line, sizeof line, "serve: --root '%.300s': %s\n",
                   root->name, what);
    sys_print_error(line, strlen(line));
}

static bool is_same(const struct statx *a, const struct statx *b)
{
    return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major &&
           a->stx_dev_minor == b->stx_dev_minor;
}

/* Serves the directory fd from now on, unless it is the present one. Returns 0
 * or -errno. */
static int docroot_await_adopt(struct docroot *root, int fd)
{
    struct statx old, is;
    int rc = await_statx(root->fd, "", AT_EMPTY_PATH, STATX_INO, &old);

    if (rc == 0)
        rc = await_statx(fd, "", AT_EMPTY_PATH, STATX_INO, &is);
    if (rc < 0)
        return rc;
    root->is_gone = false;
    if (is_same(&old, &is))
        return 0;
    rc = sys_duplicate(fd, root->fd); /* cannot block */
    if (rc < 0)
        return rc;
    atomic_fetch_add(&root->generation, 1);
    report(root, "is another directory now, which is served instead");
    return 0;
}

/* The name leads to a directory that may not be opened. If that is not the one
 * that is served, the sandbox may be the cause: reports that, once. Returns 0
 * or -errno. */
static int docroot_await_report_forbidden(struct docroot *root)
{
    struct statx old, is;
    int rc = await_statx(root->fd, "", AT_EMPTY_PATH, STATX_INO, &old);

    if (rc == 0)
        rc = await_statx(AT_FDCWD, root->name, 0, STATX_INO, &is);
    if (rc == 0 && !root->is_gone && !is_same(&old, &is)) {
        report(root, "is another directory now, which the sandbox does not "
               "allow, so the old one is served on: restart, with --may-read "
               "DIR (a directory of all releases) or --no-sandbox");
        root->is_gone = true;
    }
    return rc;
}

bool docroot_is_due(const struct docroot *root)
{
    return loop_now_ns() >= atomic_load(&root->next_ns);
}

int docroot_await_look(struct docroot *root)
{
    static char inside[PATH_MAX]; /* of the task that has is_looking */
    int fd, rc = 0;

    if (!docroot_is_due(root) || atomic_flag_test_and_set(&root->is_looking))
        return 0;
    fd = name_inside(root->name, inside);
    if (fd == 0)
        fd = await_openat(AT_FDCWD, inside, O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0) {
        rc = docroot_await_adopt(root, fd);
        await_close(fd);
    } else if ((fd == -ENOENT || fd == -ENOTDIR) && !root->is_gone) {
        report(root, "was removed or renamed; what was opened is served on");
        root->is_gone = true;
    }
    if (fd == -EACCES && root->is_confined)
        rc = docroot_await_report_forbidden(root);
    atomic_store(&root->next_ns, loop_now_ns() + LOOK_NS);
    atomic_flag_clear(&root->is_looking);
    rc = fd < 0 && rc == 0 ? fd : rc;
    return rc == -ECANCELED || rc == -ETIME ? rc : 0;
}
