/* fs_probe.c: what this directory's file system can do; see fs_probe.h.
 *
 * It is asked of the directory that envcheck is started in, since each mount
 * has its own answer: tmpfs had no O_DIRECT before 6.6, overlayfs has what its
 * upper layer has, reflinks exist on Btrfs, XFS, bcachefs and few others. */
#include "fs_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sys.h"

/* Not O_TMPFILE alone: where that is missing, a name that is removed at once
 * does as well. */
static int open_nameless(int flags)
{
    static const char name[] = ".envcheck-probe";
    int fd = sys_open(".", O_TMPFILE | O_RDWR | flags, 0600);

    if (fd != -EOPNOTSUPP && fd != -EISDIR)
        return fd;
    fd = sys_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600);
    /* An open that fails for O_DIRECT's sake has made the file already. */
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
    /* A clone of nothing succeeds where any would; give it a page to share. */
    if (to >= 0 && (ftruncate(from, 4096) < 0 || ioctl(to, FICLONE, from) < 0))
        out->reflink = -errno;
    if (to >= 0)
        (void)sys_close(to);
    (void)sys_close(from);
}
