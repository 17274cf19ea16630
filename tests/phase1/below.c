/* below.c (test): names below a root, with and without openat2. */
#include "below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static int root;

/* Enters a scratch directory with "a/b/c", "a/file", and links. */
static void enter_scratch(void)
{
    const char *parent = getenv("TMPDIR");
    char path[] = "below.XXXXXX";

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(path) != NULL && chdir(path) == 0);
    check(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0);
    check(mkdir("a/b/c", 0755) == 0);
    close(open("a/file", O_WRONLY | O_CREAT, 0644));
    check(symlink("b", "a/link") == 0 && symlink("/", "a/root") == 0);
    check(symlink("file", "a/to_file") == 0);
    root = open("a", O_PATH | O_DIRECTORY | O_CLOEXEC);
    check(root >= 0);
}

static void check_names(void)
{
    const char *name;

    check(below_open(root, ".", O_RDONLY | O_DIRECTORY) >= 0);
    check(below_open(root, "b/c", O_RDONLY | O_DIRECTORY) >= 0);
    check(below_open(root, "b//c", O_PATH) >= 0);
    check(below_open(root, "file", O_RDONLY) >= 0);
    check_res(below_open(root, "none/c", O_RDONLY), -ENOENT);
    check_res(below_open(root, "file/c", O_RDONLY), -ENOTDIR);
    check_res(below_open(root, "to_file", O_RDONLY), -ELOOP);
    check(below_open(root, "link/c", O_RDONLY) < 0);
    check(below_open(root, "link", O_RDONLY | O_DIRECTORY) < 0);
    check(below_open(root, "root/tmp", O_RDONLY) < 0);
    check_res(below_open(root, "../a", O_RDONLY), -EXDEV);
    check(below_open(root, "/", O_RDONLY) < 0);
    check(below_open_parent(root, "b/c", &name) >= 0);
    ck_assert_str_eq(name, "c");
    check(below_open_parent(root, "file", &name) >= 0);
    ck_assert_str_eq(name, "file");
    check(below_open_parent(root, "link/c", &name) < 0);
}

/* From here on openat2 fails with ENOSYS, as before Linux 5.6. */
static void refuse_openat2(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

TEST(names_below_a_root_are_opened_and_links_are_not_followed)
{
    enter_scratch();
    check_names();
}
END_TEST

TEST(names_below_a_root_are_opened_the_same_way_without_openat2)
{
    enter_scratch();
    refuse_openat2();
    check_names();
}
END_TEST

int main(void)
{
    suite_begin("below");
    suite_add(names_below_a_root_are_opened_and_links_are_not_followed);
    suite_add(names_below_a_root_are_opened_the_same_way_without_openat2);
    return suite_end();
}
