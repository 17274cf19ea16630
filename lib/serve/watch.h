/* watch.h: which directories have changed, as numbers to compare.
 * Introduced in phase 10. Needs: loop.h.
 *
 *     watch_take_stamp(w, "docs/a.html", &stamp);  stored with a copy of a file
 *     ...
 *     watch_is_current(w, &stamp)       false: something there has changed
 *
 * A copy of a file is good until the file changes. Asking the file system each
 * time costs what the copy was to save; asking only once a second serves old
 * content for a second. inotify(7) solves this: the kernel queues an event
 * before the call that changed something returns. So reading the queue after a
 * request has arrived shows every change that was made before it was sent. That
 * costs one read(2), which never blocks, in each iteration of the loop that
 * needs it.
 *
 * Left out: what inotify does not see, writes through mmap and through another
 * hard link, mounts, and changes made on other machines to a network file
 * system. So a copy must be checked again after a while. */
#ifndef ONE_RING_WATCH_H
#define ONE_RING_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define WATCH_DIRS_MAX 4096 /* directories at a time; then it starts again */

struct watch {
    int fd;          /* owned: inotify; -1 where there is none */
    int root;        /* borrowed */
    uint64_t iteration; /* of the loop, in which it last read events */
    uint64_t tree;   /* changes of directories themselves, anywhere */
    uint32_t *dirs;  /* owned: changes in each, by watch descriptor */
    char *scratch;   /* owned: for events, or a name */
};

struct watch_stamp {
    uint64_t tree;
    uint32_t in_dir;
    int dir; /* watch descriptor */
};

/* Watches what is added below the directory root (an fd, borrowed).
 * Returns 0 or -errno: then nothing is watched, and every stamp is refused. */
int watch_init(struct watch *watch, int root);

/* Stops. Accepts a zeroed watch. */
void watch_finish(struct watch *watch);

/* Watches the directories on the way to the file at path (relative to root, no
 * "." or ".."), and notes how things stand. Take the stamp first, then open the
 * file, and with RESOLVE_NO_SYMLINKS: a link leads out of what is watched.
 *
 * Two system calls or more that the ring does not have. They walk the path, and
 * would wait for a disk, or a server, that does not have it in memory: let the
 * file be open already.
 *
 * Returns 0; -ENOSPC at the system's limit of watches; -ENOENT, -EACCES or
 * -ENOTDIR as the path is, the last also for a link that is in it. */
int watch_take_stamp(struct watch *watch, const char *path,
                     struct watch_stamp *out);

/* True if nothing had changed in the file's directory since the stamp was
 * taken, nor any directory on the way to it, when this iteration of the loop
 * began. */
bool watch_is_current(struct watch *watch, const struct watch_stamp *stamp);

#endif
