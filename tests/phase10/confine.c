/* confine.c: a confined process keeps the rights that its rules allow, and
 * loses all others, even for operations of a ring. */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "ring.h"
#include "sandbox.h"
#include "suite.h"
#include "sys_confine.h"

static char base[256];

/* A directory with a file f in each of the directories in and out. */
static void make(void)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(base, sizeof base, "%s/one-ring.XXXXXX", tmp ? tmp : "/tmp");
    ck_assert(mkdtemp(base) != NULL);
    check_res(chmod(base, 0755), 0);
    check_res(chdir(base), 0);
    check_res(mkdir("in", 0755), 0);
    check_res(mkdir("out", 0755), 0);
    for (int i = 0; i < 2; i++) {
        int fd = open(i == 0 ? "in/f" : "out/f", O_CREAT | O_WRONLY, 0644);

        check(fd >= 0);
        close(fd);
    }
}

static void clean(void)
{
    char command[300];

    snprintf(command, sizeof command, "rm -rf '%s'", base);
    check_res(system(command), 0);
}

/* Runs fn in a child, because a confined process cannot remove the files. */
static void in_child(void (*fn)(void))
{
    int status;
    pid_t child;

    make();
    child = fork();
    if (child == 0) {
        fn();
        _exit(0);
    }
    check(children_wait(child, &status, 0) == child);
    clean();
    ck_assert_msg(status == 0, "the child ended with status %x", status);
}

static struct confined confine(enum confine_right right, int port)
{
    const struct confine_rule rule = {
        open("in", O_PATH | O_DIRECTORY | O_CLOEXEC), right};
    struct confined confined;

    check(rule.directory >= 0);
    confined = confine_process(&rule, 1, port);
    close(rule.directory);
    ck_assert_int_eq(confined.privileges, 0);
    ck_assert_int_eq(confined.landlock, sys_landlock_version());
    return confined;
}

static int try_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0644);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static void read_below(void)
{
    int outside;

    outside = open("out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    confine(CONFINE_READ, CONFINE_ANY_PORT);
    check_res(try_open("in/f", O_RDONLY), 0);
    check_res(try_open("in", O_RDONLY | O_DIRECTORY), 0);
    check_res(try_open("in/f", O_WRONLY), -EACCES);
    check_res(try_open("in/new", O_WRONLY | O_CREAT), -EACCES);
    check_res(try_open("out/f", O_RDONLY), -EACCES);
    check_res(try_open("out", O_RDONLY | O_DIRECTORY), -EACCES);
    check_res(openat(outside, "f", O_RDONLY), -1);
    ck_assert_int_eq(errno, EACCES);
    check_res(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

TEST(reads_stay_below_the_directory_of_a_rule)
{
    in_child(read_below);
}

/* The rule is about the directory, and not about its name. */
TEST(a_directory_that_takes_the_name_is_not_allowed)
{
    int status;
    pid_t child;

    make();
    check_res(mkdir("next", 0755), 0);
    child = fork();
    if (child == 0) {
        confine(CONFINE_READ, CONFINE_ANY_PORT);
        raise(SIGSTOP);
        check_res(try_open("in", O_RDONLY | O_DIRECTORY), -EACCES);
        check_res(try_open("old/f", O_RDONLY), 0);
        _exit(0);
    }
    check(children_wait(child, &status, WUNTRACED) == child);
    check(WIFSTOPPED(status));
    check_res(rename("in", "old"), 0);
    check_res(rename("next", "in"), 0);
    check_res(kill(child, SIGCONT), 0);
    check(children_wait(child, &status, 0) == child);
    clean();
    ck_assert_int_eq(status, 0);
}

static int open_by_ring(struct ring *ring, const char *path)
{
    struct io_uring_cqe cqe;

    io_uring_prep_openat(ring_sqe(ring, 1), AT_FDCWD, path,
                         O_RDONLY | O_CLOEXEC, 0);
    while (!ring_next(ring, &cqe))
        check_res(ring_enter(ring, 1, RING_FOREVER), 0);
    return cqe.res < 0 ? cqe.res : 0;
}

static void open_by_a_ring(void)
{
    struct ring_options options = {0};
    struct ring ring;

    confine(CONFINE_READ, CONFINE_ANY_PORT);
    check_ring(ring_init(&ring, &options));
    check_res(open_by_ring(&ring, "in/f"), 0);
    check_res(open_by_ring(&ring, "out/f"), -EACCES);
    check_res(open_by_ring(&ring, "/etc/passwd"), -EACCES);
    ring_finish(&ring);
}

TEST(a_ring_opens_only_what_the_rules_allow)
{
    in_child(open_by_a_ring);
}

static int try_bind(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc;

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    rc = bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ? -errno : 0;
    close(fd);
    return rc;
}

static void bind_a_path(void)
{
    confine(CONFINE_SOCKET, CONFINE_NO_PORT);
    check_res(try_bind("in/socket"), 0);
    check_res(try_bind("out/socket"), -EACCES);
    check_res(unlink("in/socket"), 0);
    check_res(unlink("out/f") < 0 ? -errno : 0, -EACCES);
    check_res(try_open("in/f", O_RDONLY), -EACCES);
}

TEST(a_unix_socket_is_bound_only_where_a_rule_allows_it)
{
    in_child(bind_a_path);
}

static void write_files(void)
{
    confine(CONFINE_WRITE, CONFINE_NO_PORT);
    check_res(try_open("in/new", O_WRONLY | O_CREAT | O_APPEND), 0);
    check_res(try_open("in/new", O_WRONLY | O_TRUNC), 0);
    check_res(try_open("out/new", O_WRONLY | O_CREAT), -EACCES);
    check_res(try_open("in/f", O_RDONLY), -EACCES);
}

TEST(files_are_written_only_where_a_rule_allows_it)
{
    in_child(write_files);
}

/* Binds or connects, to a port of 127.0.0.1. */
static int try_port(int (*call)(int, const struct sockaddr *, socklen_t),
                    int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = call(fd, (struct sockaddr *)&at, sizeof at) < 0 ? -errno : 0;

    close(fd);
    return rc;
}

static void use_ports(void)
{
    if (confine(CONFINE_READ, 61234).landlock < 4)
        return; /* version 4 has ports */
    ck_assert_int_ne(try_port(bind, 61234), -EACCES);
    check_res(try_port(bind, 61235), -EACCES);
    check_res(try_port(bind, 0), -EACCES);
    check_res(try_port(connect, 61234), -EACCES);
}

TEST(only_the_given_port_is_bound_and_none_is_connected)
{
    in_child(use_ports);
}

static void bind_any_port(void)
{
    confine(CONFINE_READ, CONFINE_ANY_PORT);
    check_res(try_port(bind, 0), 0);
}

TEST(any_port_is_bound_if_none_is_given)
{
    in_child(bind_any_port);
}

/* The operations that serve may submit. */

static bool is_listed(unsigned op)
{
    for (unsigned i = 0; i < sandbox_rules.op_count; i++)
        if (sandbox_rules.ops[i] == op)
            return true;
    return false;
}

/* The descriptor is invalid, so an operation that is allowed fails, too, but
 * with another error, or does nothing. */
TEST(the_ring_of_serve_refuses_each_operation_that_is_not_in_its_list)
{
    struct ring_options options = {.rules = &sandbox_rules};
    struct ring ring;

    check_ring(ring_init(&ring, &options));
    ck_assert_int_eq(ring.restricted, 1);
    for (unsigned op = 0; op <= IORING_OP_LINKAT; op++) {
        struct io_uring_cqe cqe = {0};

        if (is_listed(op))
            continue;
        io_uring_prep_rw((int)op, ring_sqe(&ring, op + 1), -1, NULL, 0, 0);
        while (!ring_next(&ring, &cqe))
            check_res(ring_enter(&ring, 1, RING_FOREVER), 0);
        ck_assert_msg(cqe.res == -EACCES, "operation %u: %d", op, cqe.res);
    }
    ck_assert(!is_listed(IORING_OP_CONNECT) && !is_listed(IORING_OP_UNLINKAT) &&
              !is_listed(IORING_OP_RENAMEAT) && is_listed(IORING_OP_OPENAT2));
    ring_finish(&ring);
}

static const char *no_landlock(void)
{
    int version = sys_landlock_version();

    return version > 0 ? NULL : confine_why_no_landlock(version);
}

int main(void)
{
    const char *none = no_landlock();

    suite_begin("confine");
    suite_stage("exotic");
    suite_add_unless(none, reads_stay_below_the_directory_of_a_rule);
    suite_add_unless(none, a_directory_that_takes_the_name_is_not_allowed);
    suite_add_unless(none, a_ring_opens_only_what_the_rules_allow);
    suite_add_unless(none, a_unix_socket_is_bound_only_where_a_rule_allows_it);
    suite_add_unless(none, files_are_written_only_where_a_rule_allows_it);
    suite_add_unless(none, only_the_given_port_is_bound_and_none_is_connected);
    suite_add_unless(none, any_port_is_bound_if_none_is_given);
    suite_add(the_ring_of_serve_refuses_each_operation_that_is_not_in_its_list);
    return suite_end();
}
