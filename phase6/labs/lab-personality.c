/* lab-personality.c: an operation with the rights of another user.
 * Introduced in phase 6. Needs: lab.h, sys.h.
 *
 * What it teaches: io_uring_register_personality stores the credentials that
 * the thread has now, and returns an id above 0. An SQE with this id in the
 * field personality runs with the stored credentials:
 *
 *      register         as nobody   -> id 1
 *      OPENAT, id 0     as the thread that submits
 *      OPENAT, id 1     as nobody
 *
 * A file server for many users can open each file with the rights of a user,
 * and its threads need not change their own rights. The reverse is a danger: an
 * id that was registered as root opens files for a process that has given up
 * root. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"

enum { NOBODY = 65534 };

/* Opens a file with the credentials of id. Returns 0, or -errno. */
static int open_as(struct io_uring *ring, const char *path, int id)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    int fd;

    io_uring_prep_openat(sqe, AT_FDCWD, path, O_RDONLY, 0);
    io_uring_sqe_set_data64(sqe, 1);
    sqe->personality = (unsigned short)id;
    fd = lab_run(ring, 1);
    return fd < 0 ? fd : sys_close(fd);
}

/* Registers root and nobody, and opens the file with the rights of each. */
static void change_user(struct io_uring *ring, const char *path, int file)
{
    int root = io_uring_register_personality(ring), nobody;

    if (geteuid() != 0 || seteuid(NOBODY) < 0) {
        lab_absent("another user", "only root can become another user");
        return;
    }
    nobody = io_uring_register_personality(ring);
    lab_print("another user: nobody, after registering root");
    lab_result("id of nobody", root + 1, nobody);
    lab_result("open", -EACCES, open_as(ring, path, 0));
    lab_result("open with the id of root", 0, open_as(ring, path, root));
    if (seteuid(0) < 0)
        return;
    lab_print("another user: root, after registering nobody");
    lab_result("open", 0, open_as(ring, path, 0));
    lab_result("open with the id of nobody", -EACCES,
               open_as(ring, path, nobody));
    (void)fchmod(file, 0644);
    lab_result("the same, if all users may read the file", 0,
               open_as(ring, path, nobody));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    char path[64];
    int file, id;
    int code = lab_options(argc, argv, "lab-personality",
                           "With whose rights does an operation run?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    file = lab_file("secret", 6); /* only its owner may read it */
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    lab_print("the user's own credentials");
    id = io_uring_register_personality(&ring);
    lab_result("id", 1, id);
    lab_result("open with the id", 0, open_as(&ring, path, id));
    lab_result("open with an unknown id", -EINVAL, open_as(&ring, path, 999));
    lab_result("unregistering the id", 0,
               io_uring_unregister_personality(&ring, id));
    lab_result("open with the id", -EINVAL, open_as(&ring, path, id));
    change_user(&ring, path, file);
    io_uring_queue_exit(&ring);
    sys_close(file);
    return lab_end();
}
