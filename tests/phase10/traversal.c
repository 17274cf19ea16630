/* traversal.c: targets that try to leave the root, against a real tree.
 *
 * Test of lib/path. Needs: suite.h, fence.h, path.h, status.h.
 *
 * Each target of traversal.txt is decoded and opened with plain openat(2),
 * which confines nothing: only the lexical layer protects the root. Then the
 * kernel opens the name with RESOLVE_BENEATH. It must not refuse a name that
 * the lexical layer has accepted. */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fence.h"
#include "path.h"
#include "status.h"
#include "suite.h"

#define CORPUS "tests/phase10/traversal.txt"
#define CORPUS_MIN 200

static struct fence input, output;
static char top[PATH_MAX]; /* holds the root, and what lies around it */

/* The secrets that a request must not find: around the root, and hidden in
 * it. */
static const char *const directories[] = {
    "root",      "root/a",       "root/a/b", "root/.git",
    "root/.ssh", "root/a/.git",  "rootless", "root/.well-known",
    "etc",       "root/%2e%2e",
};
static const char *const files[] = {
    "secret",           "etc/passwd",         "rootless/secret",
    "root/.git/config", "root/.git/HEAD",     "root/.env",
    "root/.htaccess",   "root/.htpasswd",     "root/.ssh/id_rsa",
    "root/a.html~",     "root/a/.git/config", "root/a.html",
    "root/a/b/c.html",  "root/%2e%2e/secret",
};

#define countof(array) (sizeof array / sizeof *array)

static void make_tree(int root)
{
    for (size_t i = 0; i < countof(directories); i++)
        check(mkdirat(root, directories[i], 0700) == 0);
    for (size_t i = 0; i < countof(files); i++) {
        int fd = openat(root, files[i], O_CREAT | O_WRONLY, 0600);

        check(fd >= 0 && close(fd) == 0);
    }
}

static void remove_tree(int root)
{
    for (size_t i = 0; i < countof(files); i++)
        check(unlinkat(root, files[i], 0) == 0);
    for (int left = countof(directories); left > 0;)
        for (size_t i = 0; i < countof(directories); i++)
            left -= unlinkat(root, directories[i], AT_REMOVEDIR) == 0;
}

static int make_top(void)
{
    const char *tmp = getenv("TMPDIR");
    static char made[PATH_MAX];
    int fd;

    snprintf(made, sizeof made, "%s/traversal.XXXXXX", tmp ? tmp : "/tmp");
    check(mkdtemp(made) != NULL);
    check(realpath(made, top) != NULL);
    fd = open(top, O_PATH | O_DIRECTORY);
    check(fd >= 0);
    make_tree(fd);
    return fd;
}

/* The file that fd really is, as the kernel names it, must lie in the root and
 * have no hidden segment. */
static void check_inside(int fd, const char *target)
{
    static char file[PATH_MAX];
    char link[64], *name = file + strlen(top) + strlen("/root");

    memset(file, 0, sizeof file);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    check(readlink(link, file, sizeof file - 1) > 0);
    ck_assert_msg(strncmp(file, top, strlen(top)) == 0 &&
                      strncmp(file + strlen(top), "/root", 5) == 0 &&
                      (*name == '\0' || *name == '/'),
                  "%s left the root: %s", target, file);
    name = strstr(name, "/.");
    ck_assert_msg(name == NULL || strncmp(name, "/.well-known", 12) == 0,
                  "%s shows %s", target, file);
    ck_assert_msg(file[strlen(file) - 1] != '~', "%s shows %s", target, file);
}

/* Returns whether a file was found. */
static bool check_opened(int root, const struct path *path, const char *target)
{
    struct open_how how = {
        .flags = O_PATH,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    const char *name = path->len > 0 ? path->text : ".";
    int fd = openat(root, name, O_PATH);
    int error = fd < 0 ? errno : 0;
    long beneath = syscall(SYS_openat2, root, name, &how, sizeof how);

    ck_assert_msg((beneath < 0 ? errno : 0) == error,
                  "%s: the layers do not agree on %s", target, name);
    if (fd < 0) {
        ck_assert_int_eq(status_of_result(-error), 404);
        return false;
    }
    check_inside(fd, target);
    close(fd);
    close((int)beneath);
    return true;
}

/* Returns whether a file was found; otherwise the answer is 400 or 404. */
static bool check_target(int root, const char *target)
{
    struct path path = {fence_buffer(&output, PATH_MAX), PATH_MAX, 0};
    int result = path_decode(&path, fence_text(&input, target), false);

    if (result == 0)
        return check_opened(root, &path, target);
    result = status_of_result(result);
    ck_assert_msg(result == 400 || result == 404, "%s: %d", target, result);
    return false;
}

TEST(no_target_leaves_the_root)
{
    FILE *corpus = fopen(CORPUS, "r");
    int count = 0, found = 0, top_fd = make_top();
    int root = openat(top_fd, "root", O_PATH | O_DIRECTORY);
    char line[1024];

    ck_assert_msg(corpus != NULL, "cannot read " CORPUS " from here");
    check(root >= 0);
    while (fgets(line, sizeof line, corpus) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "# ", 2) == 0)
            continue;
        count++;
        found += check_target(root, line);
    }
    fclose(corpus);
    ck_assert_int_ge(count, CORPUS_MIN);
    /* Else the tree is not what the corpus thinks, and nothing was tried. */
    ck_assert_int_gt(found, 0);
    remove_tree(top_fd);
    check(rmdir(top) == 0);
}

static const char *no_openat2(void)
{
    struct open_how how = {.flags = O_PATH};
    long fd = syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof how);

    if (fd < 0)
        return "openat2 is refused here";
    close((int)fd);
    return NULL;
}

int main(void)
{
    suite_begin("traversal");
    suite_add_unless(no_openat2(), no_target_leaves_the_root);
    return suite_end();
}
