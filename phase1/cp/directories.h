/* directories.h: the directories that a run has created below a root.
 *
 * The mode and times of each new directory are recorded when it is created. The
 * mode, and with -p the times, are set only at the end. They cannot be set
 * earlier: the mode may forbid us to write in the directory, and every file
 * that we add to it changes its times.
 *
 * A directory is recorded before its subdirectories. So the list is walked
 * backwards to finish or remove directories, and forwards to make them
 * accessible. */
#ifndef PHASE1_CP_DIRECTORIES_H
#define PHASE1_CP_DIRECTORIES_H

#include <stddef.h>
#include <sys/stat.h>

#include "cp.h"

struct directory;

/* Zero the struct before use. */
struct directories {
    struct directory *list; /* owned */
    size_t count, room;
};

/* Creates a directory that we may write in, even if mode does not permit that.
 * The kernel applies the umask or a default ACL, as to any other directory.
 * Stores in *given the mode that a plain mkdir(2) with mode would have set;
 * pass that mode to directories_note. Returns 0 or -errno. */
int directories_create(int dir, const char *path, mode_t mode, mode_t *given);

/* Records a directory. path is relative to the root. mode is its final mode
 * without -p, and source is the stat of its source. Returns 0 or -ENOMEM. */
int directories_note(struct directories *made, const char *path, mode_t mode,
                     const struct stat *source);

/* Sets the mode of each recorded directory. With -p, sets the owner, the times
 * and the extended attributes, too. With --fsync, syncs the directories. source
 * and dir are the fds of the two roots, and shown is the name of the target's
 * root for messages. Continues after a failure. Returns 0, or -errno after
 * printing a message. */
int directories_finish(const struct directories *made, int source, int dir,
                       struct cp *cp, const char *shown);

/* Removes each recorded directory with the files in it. The root itself, whose
 * fd is dir, is only emptied. */
void directories_remove(const struct directories *made, int dir);

/* Releases the memory. */
void directories_release(struct directories *made);

#endif
