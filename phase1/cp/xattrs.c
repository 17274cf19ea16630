/* xattrs.c: copies the extended attributes of a file; see xattrs.h.
 *
 * The ring reads several values with one submission, and sets them on the copy
 * with another one. An io-wq worker runs each of these operations, so the ring
 * pays off only on a slow file system. No operation lists the names, so a
 * system call does. Most files have no attributes, so for them this is the only
 * call. */
#include "xattrs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>

#include "optional.h"
#include "rings.h"

#define AT_ONCE 8

/* The memory of the operations. After a failure of the ring the kernel may
 * still use it, so it is static, and we do not use it again. */
static struct {
    const char *names[AT_ONCE]; /* pointers into list */
    int results[AT_ONCE];
    unsigned count;
    char values[AT_ONCE][XATTR_SIZE_MAX];
    char list[XATTR_LIST_MAX];
} group;

/* The ring is made for the first file with attributes, and exists until the
 * process ends. */
static struct cp_ring ring;
static enum { RING_NONE, RING_WORKS, RING_FAILED } ring_state;

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Returns true if the copy should get the attribute. A copy that belongs to us
 * and not to the source's owner must not get the rights of the source, such as
 * its capabilities. */
static bool is_wanted(const char *name, bool is_owner)
{
    return begins(name, "user.") ||
           (is_owner &&
            (begins(name, "security.") || begins(name, "trusted.")));
}

/* Returns true if a failure with this result is not an error: the file system
 * does not have the attribute, we may not read or set it, or it was removed
 * after it was listed (ENODATA). */
static bool is_tolerated(int result)
{
    return optional_is_missing(result) || result == -EPERM ||
           result == -EACCES || result == -ENODATA;
}

static void prepare(struct io_uring_sqe *sqe, int fd, unsigned i, bool sets)
{
    if (sets)
        io_uring_prep_fsetxattr(sqe, fd, group.names[i], group.values[i], 0,
                                (unsigned)group.results[i]);
    else
        io_uring_prep_fgetxattr(sqe, fd, group.names[i], group.values[i],
                                XATTR_SIZE_MAX);
    rings_tag(sqe, i);
}

/* Makes the system call in place of an operation of the ring. Returns the same
 * result: the length of the value, 0 after it was set, or -errno. */
static int call(int fd, unsigned i, bool sets, size_t len)
{
    ssize_t rc;

    if (sets)
        rc = fsetxattr(fd, group.names[i], group.values[i], len, 0);
    else
        rc = fgetxattr(fd, group.names[i], group.values[i], XATTR_SIZE_MAX);
    return rc < 0 ? -errno : (int)rc;
}

/* Gets or sets the values of the group with one submission. Leaves out a
 * value that could not be read, whose result is negative. If the ring is
 * missing or an operation fails, makes the system call: a kernel before 5.19
 * does not have the operations.
 *
 * Returns 0, or the -errno of a failed ring, which may still use the
 * buffers. */
static int run_group(int fd, bool sets)
{
    int lens[AT_ONCE];
    uint64_t tag;
    int result, rc;

    memcpy(lens, group.results, sizeof lens);
    for (unsigned i = 0; ring_state == RING_WORKS && i < group.count; i++)
        if (lens[i] >= 0) {
            prepare(rings_sqe(&ring), fd, i, sets);
            group.results[i] = -ECANCELED;
        }
    while (ring.in_flight > 0) {
        rc = rings_wait(&ring, ring.in_flight);
        while (rings_next(&ring, &tag, &result))
            group.results[tag] = result;
        if (rc < 0) {
            ring_state = RING_FAILED;
            return rc;
        }
    }
    for (unsigned i = 0; i < group.count; i++)
        if (lens[i] >= 0 &&
            (ring_state != RING_WORKS || group.results[i] < 0))
            group.results[i] = call(fd, i, sets, (size_t)lens[i]);
    return 0;
}

/* Returns the first failure of the group that is not tolerated, or 0. */
static int first_failure(void)
{
    for (unsigned i = 0; i < group.count; i++)
        if (group.results[i] < 0 && !is_tolerated(group.results[i]))
            return group.results[i];
    return 0;
}

/* Copies the attributes of the group, and empties it. Between the two calls of
 * run_group, group.results has the lengths of the values. */
static int copy_group(int from, int to)
{
    int failure, rc;

    memset(group.results, 0, sizeof group.results);
    rc = run_group(from, false);
    failure = first_failure();
    if (rc == 0)
        rc = run_group(to, true);
    if (failure == 0)
        failure = first_failure();
    group.count = 0;
    return rc < 0 ? rc : failure;
}

int xattrs_copy(int from, int to, bool is_owner, struct stats *stats)
{
    ssize_t len;
    int rc = 0;

    if (ring.in_flight > 0) /* the ring has failed, and may use the buffers */
        return -EIO;
    len = flistxattr(from, group.list, sizeof group.list);
    if (len < 0)
        return is_tolerated(-errno) ? 0 : -errno;
    for (const char *name = group.list; rc == 0 && name < group.list + len;
         name += strlen(name) + 1) {
        if (!is_wanted(name, is_owner))
            continue;
        if (ring_state == RING_NONE)
            ring_state = rings_init(&ring, AT_ONCE, stats) == 0 ? RING_WORKS
                                                                : RING_FAILED;
        group.names[group.count++] = name;
        if (group.count == AT_ONCE)
            rc = copy_group(from, to);
    }
    return rc == 0 && group.count > 0 ? copy_group(from, to) : rc;
}
