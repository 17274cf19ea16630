/* mounts.c: mounts that only the processes of one test see; see mounts.h. */
#include "children.h"
#include "mounts.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

int mounts_leave(void)
{
    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -errno;
    return 0;
}

const char *mounts_missing(void)
{
    pid_t child;
    int status = -1;

    if (geteuid() != 0)
        return "needs root, to mount a file system";
    child = fork();
    if (child == 0)
        _exit(mounts_leave() == 0 ? 0 : 1);
    if (child > 0 && children_wait(child, &status, 0) == child && status == 0)
        return NULL;
    return "this container may not mount";
}
