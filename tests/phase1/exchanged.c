/* exchanged.c: directories that are exchanged for links while cp-uring -r
 * copies them.
 *
 * Judges: cp-uring. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "suite.h"

#define ROUNDS 500 /* of each of two tests per side */
#define ROUNDS_MIN 20
#define TIME_MAX_S 40 /* a busy machine makes fewer rounds */
#define FILES 8

static int secrets; /* files with secret content that nftw has found */

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    check(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* Makes the directory path, with "in" in it and FILES files in that. */
static void make_tree(const char *path, const char *text)
{
    char name[128];

    check(mkdir(path, 0755) == 0);
    snprintf(name, sizeof name, "%s/in", path);
    check(mkdir(name, 0755) == 0);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "%s/in/%d", path, i);
        write_file(name, text);
    }
}

/* Enters a scratch directory with a source "s", an existing target "t", and
 * "secret", whose files have the same names as those of the source. */
static void enter_scratch(void)
{
    const char *parent = getenv("TMPDIR");
    char path[] = "exchanged.XXXXXX";

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(path) != NULL && chdir(path) == 0);
    check(mkdir("s", 0755) == 0 && mkdir("t", 0755) == 0);
    make_tree("s/d", "public");
    make_tree("secret", "secret");
    check(mkdir("foreign", 0755) == 0 && mkdir("foreign/in", 0755) == 0);
    check(mkdir("t/d", 0755) == 0 && mkdir("t/d/in", 0755) == 0);
}

/* True if another round is due. */
static bool goes_on(int round, const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return round < ROUNDS_MIN ||
           (round < ROUNDS && now.tv_sec - start->tv_sec < TIME_MAX_S);
}

/* Exchanges the two names until the test ends. Returns the process. */
static pid_t exchange(const char *a, const char *b)
{
    pid_t child = fork();

    check(child >= 0);
    if (child > 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0)
        continue;
    _exit(1);
}

static int look(const char *path, const struct stat *info, int kind,
                struct FTW *where)
{
    char text[7] = "";
    int fd;

    (void)info;
    (void)where;
    if (kind == FTW_F) {
        fd = open(path, O_RDONLY | O_NOFOLLOW);
        check(fd >= 0 && read(fd, text, 6) >= 0);
        close(fd);
        secrets += strcmp(text, "secret") == 0;
    }
    return 0;
}

static int drop(const char *path, const struct stat *info, int kind,
                struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

/* Runs cp-uring. Its exit code may be 0 or 1: the tree changes. */
static void copy(const char *options, const char *target)
{
    static char program[1024];
    char *argv[] = {program, "-r",           (char *)(uintptr_t)options, "-T",
                    "s",     (char *)(uintptr_t)target, NULL};
    posix_spawn_file_actions_t actions;
    int status;
    pid_t pid;

    snprintf(program, sizeof program, "%s/cp-uring", suite_bin());
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, "messages",
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    check(posix_spawn(&pid, program, &actions, NULL, argv, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    check(children_wait(pid, &status, 0) == pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "%#x",
                  (unsigned)status);
}

/* Exchanges a directory of the source for a link to "secret". */
static void exchange_in_source(const char *options)
{
    struct timespec start;
    pid_t exchanger;

    clock_gettime(CLOCK_MONOTONIC, &start);
    enter_scratch();
    check(symlink("../secret", "s/x") == 0);
    exchanger = exchange("s/d", "s/x");
    for (int i = 0; goes_on(i, &start); i++) {
        copy(options, "new");
        (void)nftw("new", look, 8, FTW_PHYS);
        ck_assert_msg(secrets == 0, "%d secret files in round %d", secrets, i);
        (void)nftw("new", drop, 8, FTW_PHYS | FTW_DEPTH);
    }
    kill(exchanger, SIGKILL);
    check(children_wait(exchanger, NULL, 0) == exchanger);
}

/* Exchanges a directory of the target for a link to "foreign". */
static void exchange_in_target(const char *options)
{
    struct timespec start;
    pid_t exchanger;

    clock_gettime(CLOCK_MONOTONIC, &start);
    enter_scratch();
    check(symlink("../foreign", "t/x") == 0);
    exchanger = exchange("t/d", "t/x");
    for (int i = 0; goes_on(i, &start); i++) {
        copy(options, "t");
        ck_assert_msg(rmdir("foreign/in") == 0,
                      "cp-uring wrote into a foreign directory in round %d", i);
        check(mkdir("foreign/in", 0755) == 0);
    }
    kill(exchanger, SIGKILL);
    check(children_wait(exchanger, NULL, 0) == exchanger);
}

TEST(a_source_exchanged_for_a_link_is_not_followed)
{
    exchange_in_source("--engine=uring");
}
END_TEST

TEST(a_source_exchanged_for_a_link_is_not_followed_by_engine_rw)
{
    exchange_in_source("--engine=rw");
}
END_TEST

TEST(a_target_exchanged_for_a_link_is_not_followed)
{
    exchange_in_target("--engine=uring");
}
END_TEST

TEST(a_target_exchanged_for_a_link_is_not_followed_by_engine_rw)
{
    exchange_in_target("--engine=rw");
}
END_TEST

int main(void)
{
    suite_begin("exchanged");
    suite_add(a_source_exchanged_for_a_link_is_not_followed);
    suite_add(a_source_exchanged_for_a_link_is_not_followed_by_engine_rw);
    suite_add(a_target_exchanged_for_a_link_is_not_followed);
    suite_add(a_target_exchanged_for_a_link_is_not_followed_by_engine_rw);
    return suite_end();
}
