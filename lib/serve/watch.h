/* watch.h: which directories have changed, as numbers to compare.
 * Introduced in phase 10. Needs: loop.h.
 *
 *     watch_take_stamp(w, "docs/a.html", &stamp);  stored with a copy of a file
 *     ...
 *     watch_is_current(w, &stamp)       false: something there has changed
 *
 * A copy of a file is current until the file changes. A system call per request
 * to check the file costs as much as the copy saves; a check once per second
 * serves old content for a second. inotify(7) solves this: the kernel queues an
 * event before the call that changed a file returns. So a reader of the queue
 * sees, after a request has arrived, every change that was made before the
 * request was sent. That costs one read(2), which never blocks, in each
 * iteration of the loop that needs it.
 *
 * inotify does not report writes through mmap or another hard link, mounts, and
 * changes that other machines make to a network file system. So a copy must be
 * checked again after a while. */
#ifndef ONE_RING_WATCH_H
#define ONE_RING_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define WATCH_DIRS_MAX 4096 /* directories; then a new inotify starts */

struct watch {
    int fd;          /* owned: inotify; -1 if there is none */
    int root;        /* borrowed */
    uint64_t iteration; /* of the loop, in which it last read events */
    uint64_t tree;   /* changes of directories themselves */
    uint32_t *dirs;  /* owned: changes in each, by watch descriptor */
    char *scratch;   /* owned: for events, or a name */
};

struct watch_stamp {
    uint64_t tree;
    uint32_t in_dir;
    int dir; /* watch descriptor */
};

/* Prepares to watch directories below root, an fd that it borrows. After a
 * failure every watch_take_stamp fails, too.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory
 *          -EMFILE  no fd is free, or the user has too many inotify instances
 *          -ENFILE  the system has too many open files */
int watch_init(struct watch *watch, int root);

/* Releases the watches. Accepts a zeroed watch. */
void watch_finish(struct watch *watch);

/* Watches the directories on the way to the file at path (relative to root, no
 * "." or ".."), and stores their state in *out. Take the stamp first, then open
 * the file with RESOLVE_NO_SYMLINKS: a watch does not cover the target of a
 * link.
 *
 * Makes two or more system calls that the ring does not have. They resolve the
 * path, and block if a disk or a server has to be read: open the file before,
 * so that its path is in memory.
 *
 * Returns  0              success
 *          -ENOSPC        the limit of watches is reached, or watch_init failed
 *          -ENOENT        a directory does not exist
 *          -EACCES        a directory may not be read
 *          -ENOTDIR       a part of the path is a file or a symbolic link
 *          -ENAMETOOLONG  the path does not fit into PATH_MAX
 *          -ENOMEM        out of memory */
int watch_take_stamp(struct watch *watch, const char *path,
                     struct watch_stamp *out);

/* True if neither the file's directory nor any directory on the way to it had
 * changed, from the stamp until this iteration of the loop first read the
 * events. Does not block. */
bool watch_is_current(struct watch *watch, const struct watch_stamp *stamp);

#endif
