/* resource.c: opens a file below a root; see resource.h.
 * Introduced in phase 10. Needs: resource.h, await.h, sys.h.
 *
 * What it teaches: O_NONBLOCK has two meanings for open(2). The open of a FIFO
 * does not wait for a writer. The open of a leased file does not wait for the
 * holder of the lease, but fails with EWOULDBLOCK. A server wants the first
 * meaning and not the second, so it must know the type of the file before it
 * waits. */
#include "resource.h"

#include <errno.h>
#include <linux/openat2.h>
#include <stdio.h>

#include "await.h"
#include "sys.h"

#define OPEN_TRIES 3
#define NS_PER_S UINT64_C(1000000000)

/* Opens path with flags. Retries after -EAGAIN, which the kernel returns if a
 * concurrent rename prevents it from proving that a ".." stays below the
 * root. */
static int resource_await_fd(int root, const char *path, uint64_t flags,
                             uint64_t resolve)
{
    struct open_how how = {
        .flags = flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve,
    };
    int fd = -EAGAIN;

    for (int i = 0; i < OPEN_TRIES && fd == -EAGAIN; i++)
        fd = await_openat2(root, path[0] != '\0' ? path : ".", &how);
    return fd;
}

static uint64_t time_ns(const struct statx_timestamp *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + time->tv_nsec;
}

/* now_ns is the time before the statx(2), so that is_settled also covers a
 * change that came just after the statx(2). */
static struct validator validator_of(const struct statx *is, uint64_t now_ns)
{
    uint64_t changed_ns = time_ns(&is->stx_ctime);

    return (struct validator){
        .inode = is->stx_ino,
        .changed_ns = changed_ns,
        .modified_ns = time_ns(&is->stx_mtime),
        .is_settled = validator_is_settled(changed_ns, now_ns),
    };
}

int resource_await_describe(int fd, struct resource *out)
{
    const unsigned mask =
        STATX_TYPE | STATX_SIZE | STATX_MTIME | STATX_CTIME | STATX_INO;
    uint64_t now_ns = sys_wall_ns();
    struct statx is;
    int rc = await_statx(fd, "", AT_EMPTY_PATH, mask, &is);

    if (rc < 0)
        return rc;
    *out = (struct resource){
        .size = is.stx_size,
        .modified_s = is.stx_mtime.tv_sec,
        .validator = validator_of(&is, now_ns),
        .is_directory = S_ISDIR(is.stx_mode),
        .fd = fd,
    };
    return S_ISREG(is.stx_mode) || S_ISDIR(is.stx_mode) ? 0 : -ENXIO;
}

/* Opens a file that is leased, and waits for the holder of the lease. First
 * opens path with O_PATH, which never waits, and checks with that fd that the
 * file is not a FIFO. Then opens the same file for reading through /proc,
 * because path may refer to a FIFO by now. */
static int resource_await_leased_fd(int root, const char *path,
                                    uint64_t resolve)
{
    int path_fd = resource_await_fd(root, path, O_PATH, resolve);
    struct resource is;
    char link[40];
    int fd;

    if (path_fd < 0)
        return path_fd;
    fd = resource_await_describe(path_fd, &is);
    if (fd == 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", path_fd);
        fd = await_openat(AT_FDCWD, link, O_RDONLY | O_NOCTTY, 0);
    }
    await_close(path_fd);
    return fd;
}

int resource_await_open(int root, const char *path, uint64_t resolve,
                        struct resource *out)
{
    /* Do not block on a FIFO or acquire a controlling terminal. */
    int fd = resource_await_fd(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY,
                               resolve);
    int rc;

    if (fd == -EAGAIN)
        fd = resource_await_leased_fd(root, path, resolve);
    if (fd < 0)
        return fd;
    rc = resource_await_describe(fd, out);
    if (rc < 0)
        await_close(fd);
    return rc;
}
