/* lab-attributes.c: read and set extended attributes through a ring.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: an extended attribute is a name with a value beside the
 * content of a file. FSETXATTR and FGETXATTR use a descriptor, SETXATTR and
 * GETXATTR a path. A read returns the length of the value:
 *
 *      buffer of 0 bytes   the length, and nothing is copied
 *      buffer too small    -ERANGE, and nothing is copied
 *      no such name        -ENODATA
 *
 * There is no operation that lists the names: flistxattr is a system call. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "lab.h"

static int set(struct io_uring *ring, int fd, const char *name,
               const char *value, int flags)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_fsetxattr(sqe, fd, name, value, flags,
                            (unsigned)strlen(value));
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

static int get(struct io_uring *ring, int fd, const char *name, char *value,
               unsigned len)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_fgetxattr(sqe, fd, name, value, len);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

static void use_descriptor(struct io_uring *ring, int fd)
{
    char value[16] = "";

    lab_result("set user.lang again, with XATTR_CREATE", -EEXIST,
               set(ring, fd, "user.lang", "en", XATTR_CREATE));
    lab_result("get, 0 bytes", 2, get(ring, fd, "user.lang", NULL, 0));
    lab_result("get, 1 byte", -ERANGE, get(ring, fd, "user.lang", value, 1));
    lab_result("get, 15 bytes", 2, get(ring, fd, "user.lang", value, 15));
    lab_text("the value", "de", value);
    lab_result("get a name that is not there", -ENODATA,
               get(ring, fd, "user.none", value, 15));
}

/* Sets an attribute by path, and reads it by descriptor and by path. */
static void use_path(struct io_uring *ring, int fd)
{
    char path[32], value[16] = "";
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    io_uring_prep_setxattr(sqe, "user.kind", "text", path, 0, 4);
    io_uring_sqe_set_data64(sqe, 1);
    lab_result("set user.kind", 0, lab_run(ring, 1));
    lab_result("get by descriptor", 4, get(ring, fd, "user.kind", value, 15));
    memset(value, 0, sizeof value);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_getxattr(sqe, "user.kind", value, path, 15);
    io_uring_sqe_set_data64(sqe, 1);
    lab_result("get by path", 4, lab_run(ring, 1));
    lab_text("the value", "text", value);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fd, rc, code = lab_options(argc, argv, "lab-attributes",
                                   "How does a ring read and set extended "
                                   "attributes?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    fd = lab_file("hello", 5);
    lab_print("user.lang, by descriptor");
    rc = set(&ring, fd, "user.lang", "de", 0);
    if (rc == -EINVAL || rc == -EOPNOTSUPP) {
        lab_absent("set user.lang",
                   rc == -EINVAL ? "the kernel has no such operation (5.19)"
                                 : "the file system of TMPDIR refuses it");
        return lab_end();
    }
    lab_result("set user.lang", 0, rc);
    use_descriptor(&ring, fd);
    lab_print("user.kind, by path");
    use_path(&ring, fd);
    io_uring_queue_exit(&ring);
    return lab_end();
}
