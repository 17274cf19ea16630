/* watch.h: which directories have changed, as numbers to compare.
 * Introduced in phase 10. Needs: loop.h.
 *
 *     watch_take_stamp(w, "docs/a.html", &stamp);  kept beside a copy of a file
 *     ...
 *     watch_is_current(w, &stamp)       false: something there has changed
 *
 * A copy of a file is good until the file changes. Asking the file system each
 * time costs what the copy was to save; asking only once a second serves old
 * content for a second. inotify(7) tells: the kernel queues an event before the
 * call that changed something returns. So who looks into that queue after a
 * request has come has seen every change that was made before it was sent. To
 * look costs one read(2) that never blocks, in each turn of the loop that asks.
 *
 * Left out: what inotify does not see, writes through mmap and through another
 * hard link, mounts, and changes made on other machines to a network file
 * system. Who keeps copies has to look again after a while all the same. */
#ifndef ONE_RING_WATCH_H
#define ONE_RING_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define WATCH_DIRS_MAX 4096 /* directories at a time; then it begins anew */

struct watch {
    int fd;          /* owned: inotify; -1 where there is none */
    int root;        /* borrowed */
    uint64_t turn;   /* of the loop, in which it last looked */
    uint64_t tree;   /* changes of directories themselves, anywhere */
    uint32_t *dirs;  /* owned: changes in each, by watch descriptor */
    char *scratch;   /* owned: for events, or a name */
};

struct watch_stamp {
    uint64_t tree;
    uint32_t in_dir;
    int dir; /* watch descriptor */
};

/* Watches what is added beneath the directory root (an fd, borrowed).
 * Returns 0 or -errno: then nothing is watched, and every stamp is refused. */
int watch_init(struct watch *watch, int root);

/* Stops. Accepts a zeroed watch. */
void watch_finish(struct watch *watch);

/* Watches the directories on the way to the file at path (relative to root, no
 * "." or ".."), and notes how things stand. Take the stamp first, then open the
 * file, and with RESOLVE_NO_SYMLINKS: a link leads to where nobody watches.
 *
 * Two system calls or more that the ring does not have. They walk the path, and
 * would wait for a disk, or a server, that does not have it at hand: let the
 * file be open already.
 *
 * Returns 0; -ENOSPC at the system's limit of watches; -ENOENT, -EACCES or
 * -ENOTDIR as the path is, the last also for a link that is in it. */
int watch_take_stamp(struct watch *watch, const char *path,
                     struct watch_stamp *out);

/* True if nothing had changed in the file's directory since the stamp was
 * taken, nor any directory on the way to it, when this turn of the loop
 * began. */
bool watch_is_current(struct watch *watch, const struct watch_stamp *stamp);

#endif
