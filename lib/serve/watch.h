/* watch.h: detects changes in the directories of cached files.
 * Introduced in phase 10. Needs: loop.h.
 *
 *     watch_take_stamp(w, "docs/a.html", &stamp);  store it with a copy
 *     ...
 *     watch_is_current(w, &stamp)       false if something there has changed
 *
 * A cached copy is current until the file changes. Checking the file with a
 * system call per request costs as much as the copy saves. Checking it once per
 * second serves old content for up to a second. inotify(7) solves this: the
 * kernel queues an event before the system call that changed the file returns.
 * So reading the queue after a request arrives shows every change that was made
 * before the request was sent. This takes at least one read(2), which never
 * blocks, in each loop iteration that uses a copy.
 *
 * inotify does not report writes through mmap, writes through another hard
 * link, mounts, or changes that other machines make to a network file system.
 * So a copy must also be checked again after some time. */
#ifndef ONE_RING_WATCH_H
#define ONE_RING_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define WATCH_DIRS_MAX 4096 /* directories per inotify instance */

struct watch {
    int fd;          /* owned: inotify; -1 if there is none */
    int root;        /* borrowed */
    uint64_t iteration; /* loop iteration of the last read */
    uint64_t tree;   /* number of changes to directories themselves */
    uint32_t *dirs;  /* owned: number of changes per watch descriptor */
    char *scratch;   /* owned: buffer for events or a path */
};

/* The state of the directories on the path to a file. watch_is_current compares
 * it with their present state. */
struct watch_stamp {
    uint64_t tree;
    uint32_t in_dir;
    int dir; /* watch descriptor */
};

/* Prepares to watch directories below root, a directory fd that it borrows. If
 * this fails, every watch_take_stamp fails, too.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory
 *          -EMFILE  no fd is free, or the user has too many inotify instances
 *          -ENFILE  the system has too many open files */
int watch_init(struct watch *watch, int root);

/* Releases the watches. Accepts a zeroed watch. */
void watch_finish(struct watch *watch);

/* Watches all directories on the path to a file, and stores their state in
 * *out. path is relative to the root and has no "." or "..". To make a copy,
 * open the file after this call, so that a change after the open makes the
 * stamp out of date. Open the file with RESOLVE_NO_SYMLINKS, because a watch
 * does not cover the target of a link.
 *
 * Calls inotify_add_watch(2) for the root and for each directory of the path,
 * because io_uring has no operation for it. That call resolves the path, and
 * blocks if the kernel has to read a directory from disk or over the network.
 * To avoid that, open the file before this call, too, so that the kernel has
 * its path in memory.
 *
 * Returns  0              success
 *          -ENOSPC        the limit of watches is reached, or watch_init failed
 *          -ENOENT        a directory does not exist
 *          -EACCES        no permission to read a directory
 *          -ENOTDIR       a part of the path is a file or a symbolic link
 *          -ENAMETOOLONG  the path does not fit into PATH_MAX
 *          -ENOMEM        out of memory */
int watch_take_stamp(struct watch *watch, const char *path,
                     struct watch_stamp *out);

/* Makes all stamps out of date. Call it after the root was replaced. */
void watch_forget(struct watch *watch);

/* Returns true if neither the directory of the file nor any directory above it
 * has changed since the stamp. Reads events only in the first call of each loop
 * iteration. Does not block. */
bool watch_is_current(struct watch *watch, const struct watch_stamp *stamp);

#endif
