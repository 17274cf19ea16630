/* socket_name.c: names of Unix sockets: stale ones are taken over, all others
 * are left alone, and only the socket's own name is removed. */
#include "socket_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "fds.h"
#include "suite.h"

static char directory[64];
static struct sockaddr_un at = {.sun_family = AF_UNIX};

static void make_directory(void)
{
    snprintf(directory, sizeof directory, "/tmp/one-ring.XXXXXX");
    ck_assert(mkdtemp(directory) != NULL);
    snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", directory);
}

static void remove_directory(void)
{
    unlink(at.sun_path);
    ck_assert_msg(rmdir(directory) == 0, "a file was left in %s", directory);
}

static int new_socket(int type)
{
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    ck_assert(fd >= 0);
    return fd;
}

static int bind_new(struct socket_name *name, int expected)
{
    int fd = new_socket(SOCK_STREAM);

    *name = (struct socket_name){0};
    check_res(socket_name_bind(fd, &at, 0, name), expected);
    return fd;
}

static ino_t inode_of(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0 ? found.st_ino : 0;
}

TEST(a_bound_name_has_the_inode_that_is_stored)
{
    struct socket_name name;

    make_directory();
    int fd = bind_new(&name, 0);
    ck_assert_uint_eq(name.inode, inode_of(at.sun_path));
    socket_name_remove(&at, &name);
    ck_assert_uint_eq(inode_of(at.sun_path), 0);
    ck_assert_uint_eq(name.inode, 0);
    close(fd);
    remove_directory();
}

TEST(the_name_of_a_closed_socket_is_taken_over)
{
    struct socket_name name;

    make_directory();
    for (int i = 0; i < 3; i++) {
        int fds = fds_open();
        int fd = bind_new(&name, 0);

        ck_assert(listen(fd, 1) == 0);
        close(fd);
        ck_assert_int_eq(fds_open(), fds);
    }
    remove_directory();
}

TEST(a_name_without_a_directory_is_taken_over_in_the_current_one)
{
    struct socket_name name;

    make_directory();
    ck_assert(chdir(directory) == 0);
    snprintf(at.sun_path, sizeof at.sun_path, "socket");
    close(bind_new(&name, 0));
    close(bind_new(&name, 0));
    remove_directory();
}

/* Checks that the name cannot be bound, and stays as it is. */
static void check_kept(void)
{
    ino_t inode = inode_of(at.sun_path);
    struct socket_name name;

    ck_assert_uint_ne(inode, 0);
    close(bind_new(&name, -EADDRINUSE));
    ck_assert_uint_eq(name.inode, 0);
    ck_assert_uint_eq(inode_of(at.sun_path), inode);
}

TEST(a_listening_socket_keeps_its_name_and_gets_no_connection)
{
    struct socket_name name;

    make_directory();
    int fd = bind_new(&name, 0);
    ck_assert(listen(fd, 1) == 0);
    check_kept();
    ck_assert(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    ck_assert(accept(fd, NULL, NULL) == -1 && errno == EAGAIN);
    close(fd);
    remove_directory();
}

/* The moment between its bind and its listen. */
TEST(a_socket_that_does_not_listen_yet_keeps_its_name)
{
    struct socket_name name;

    make_directory();
    int fd = bind_new(&name, 0);
    check_kept();
    close(fd);
    remove_directory();
}

TEST(a_datagram_socket_keeps_its_name)
{
    make_directory();
    int fd = new_socket(SOCK_DGRAM);
    ck_assert(bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
    check_kept();
    close(fd);
    remove_directory();
}

TEST(a_file_that_is_not_a_socket_keeps_its_name)
{
    struct socket_name name;
    char other[128];

    make_directory();
    close(open(at.sun_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    check_kept();
    unlink(at.sun_path);
    ck_assert(mkdir(at.sun_path, 0700) == 0);
    check_kept();
    rmdir(at.sun_path);
    ck_assert(mkfifo(at.sun_path, 0600) == 0);
    check_kept();
    unlink(at.sun_path);
    close(bind_new(&name, 0)); /* stale, behind a link */
    snprintf(other, sizeof other, "%s/other", directory);
    ck_assert(rename(at.sun_path, other) == 0);
    ck_assert(symlink("other", at.sun_path) == 0);
    check_kept();
    unlink(other);
    remove_directory();
}

TEST(a_name_is_not_taken_over_while_another_process_binds)
{
    struct socket_name name;

    make_directory();
    close(bind_new(&name, 0));
    int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert(flock(lock, LOCK_EX) == 0);
    check_kept();
    close(lock);
    close(bind_new(&name, 0));
    remove_directory();
}

TEST(the_name_of_another_socket_is_not_removed)
{
    struct socket_name first, second;

    make_directory();
    int old = bind_new(&first, 0);
    unlink(at.sun_path);
    int new = bind_new(&second, 0);
    socket_name_remove(&at, &first);
    ck_assert_uint_eq(inode_of(at.sun_path), second.inode);
    socket_name_remove(&at, &second);
    ck_assert_uint_eq(inode_of(at.sun_path), 0);
    close(bind_new(&first, 0));
    socket_name_remove(&at, &second); /* it was removed once */
    ck_assert_uint_eq(inode_of(at.sun_path), first.inode);
    close(old);
    close(new);
    remove_directory();
}

TEST(a_mode_is_set_whatever_the_umask_is)
{
    static const mode_t masks[] = {0, 022, 077, 0777};

    make_directory();
    for (int i = 0; i < 8; i++) {
        mode_t mode = i % 2 == 0 ? 0660 : 0602;
        struct socket_name name = {0};
        struct stat found;
        int fd = new_socket(SOCK_STREAM);

        umask(masks[i / 2]);
        check_res(socket_name_bind(fd, &at, mode, &name), 0);
        ck_assert(lstat(at.sun_path, &found) == 0);
        ck_assert_uint_eq(found.st_mode & 07777, mode);
        ck_assert_uint_eq(umask(022), masks[i / 2]);
        socket_name_remove(&at, &name);
        close(fd);
    }
    remove_directory();
}

TEST(without_a_mode_the_umask_decides)
{
    struct socket_name name;
    struct stat found;

    make_directory();
    umask(027);
    close(bind_new(&name, 0));
    ck_assert(lstat(at.sun_path, &found) == 0);
    ck_assert_uint_eq(found.st_mode & 07777, 0750);
    remove_directory();
}

int main(void)
{
    suite_begin("socket_name");
    suite_add(a_bound_name_has_the_inode_that_is_stored);
    suite_add(the_name_of_a_closed_socket_is_taken_over);
    suite_add(a_name_without_a_directory_is_taken_over_in_the_current_one);
    suite_add(a_listening_socket_keeps_its_name_and_gets_no_connection);
    suite_add(a_socket_that_does_not_listen_yet_keeps_its_name);
    suite_add(a_datagram_socket_keeps_its_name);
    suite_add(a_file_that_is_not_a_socket_keeps_its_name);
    suite_add(a_name_is_not_taken_over_while_another_process_binds);
    suite_add(the_name_of_another_socket_is_not_removed);
    suite_add(a_mode_is_set_whatever_the_umask_is);
    suite_add(without_a_mode_the_umask_decides);
    return suite_end();
}
