/* fs_probe.c: tests what a file system can do; see fs_probe.h.
 *
 * The test runs in the current directory, because the result depends on the
 * mount. tmpfs has no O_DIRECT before Linux 6.6. overlayfs has the features of
 * its upper layer. Only a few file systems, such as Btrfs, XFS and bcachefs,
 * have reflinks. */
#include "fs_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sys.h"

/* Opens a file without a name. If the file system does not support O_TMPFILE,
 * creates a file and removes its name immediately. */
static int open_nameless(int flags)
{
    static const char name[] = ".envcheck-probe";
    int fd = sys_open(".", O_TMPFILE | O_RDWR | flags, 0600);

    if (fd != -EOPNOTSUPP && fd != -EISDIR)
        return fd;
    fd = sys_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600);
    /* An open that fails because of O_DIRECT has already created the file. */
    if (fd >= 0 || fd == -EINVAL)
        (void)unlink(name);
    return fd;
}

void fs_probe_look(struct fs_probe *out)
{
    int from = open_nameless(0), direct, to;

    out->write = out->o_direct = out->reflink = from < 0 ? from : 0;
    if (from < 0)
        return;
    direct = open_nameless(O_DIRECT);
    out->o_direct = direct < 0 ? direct : 0;
    if (direct >= 0)
        (void)sys_close(direct);
    to = open_nameless(0);
    out->reflink = to < 0 ? to : 0;
    /* Clone a file of one page, because a clone of an empty file does not share
     * any data. */
    if (to >= 0 && (ftruncate(from, 4096) < 0 || ioctl(to, FICLONE, from) < 0))
        out->reflink = -errno;
    if (to >= 0)
        (void)sys_close(to);
    (void)sys_close(from);
}
