/* watch.h: which directories have changed, as numbers to compare.
 * Introduced in phase 10. Needs: future.h, loop.h.
 *
 *     stamp = watch_stamp(w, dir);      remembered beside a copy of a file
 *     ...
 *     watch_is_current(w, &stamp)       false: something there has changed
 *
 * A copy of a file is good until the file changes. Asking the file system each
 * time costs what the copy was to save; asking only once a second serves old
 * content for a second. inotify(7) tells: the kernel queues an event before the
 * call that changed something returns, and the loop takes it in step (4), ahead
 * of every request that was sent after the change.
 *
 * Left out: what inotify does not see, writes through mmap and changes made on
 * other machines to a network file system. Who keeps copies has to look again
 * after a while all the same. */
#ifndef ONE_RING_WATCH_H
#define ONE_RING_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "future.h"
#include "loop.h"

#define WATCH_DIRS_MAX 4096 /* directories; in others nothing is watched */

struct watch {
    struct op op;    /* a multishot poll of fd */
    int fd;          /* owned: inotify; -1 where there is none */
    int root;        /* borrowed */
    struct future over; /* nothing is in flight any more */
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
 * Returns 0 or -errno: then nothing is watched, and everything else refuses. */
int watch_init(struct watch *watch, int root);

/* Stops, and suspends until the kernel has let go. Accepts a zeroed watch. */
void await_watch_finish(struct watch *watch);

/* Watches the directories on the way to the file at path (relative to root, no
 * "." or ".."), and notes how things stand. Take the stamp before the file is
 * opened, and open it with RESOLVE_NO_SYMLINKS: a link leads to where nobody
 * watches. A few system calls that do not wait for a disk, since what they name
 * is in use.
 * Returns 0; -ENOSPC beyond WATCH_DIRS_MAX or the system's own limit; -ENOENT
 * or -ENOTDIR as the path is. */
int watch_take_stamp(struct watch *watch, const char *path,
                     struct watch_stamp *out);

/* True if nothing has changed in the file's directory since the stamp was
 * taken, nor any directory on the way to it. */
static inline bool watch_is_current(const struct watch *watch,
                                    const struct watch_stamp *stamp)
{
    return watch->tree == stamp->tree &&
           watch->dirs[stamp->dir] == stamp->in_dir;
}

#endif
