/* cp.h: the state that the parts of cp-uring share: one run, and its names.
 *
 *   cp-uring.c     main: finds the target of each source
 *   tree.c         copies a directory with everything in it
 *   walk.c         the current path of that walk
 *   root.c         creates the target of a tree, and publishes it complete
 *   cp_batch.c     copies many small files at once: here a ring gains most
 *   small.c        copies one of them by a chain of linked entries
 *   copy.c         copies one file, from opening it to renaming the copy
 *   target.c       replaces the old file by the new one in one step
 *   content.c      copies the content: data, holes, and the real end
 *   engine.c       what all engines share: one pair of files, its failure
 *   page_cache.c   decides if a source is read past the page cache
 *   pump.c         the engine that keeps many blocks in flight
 *   plain.c        the engines read/write, copy_file_range, splice
 *   rings.c        a ring that survives signals and lack of memory
 *   created.c      remembers the files that this run has created
 *   stats.c        counts, and prints progress and --stats
 *   cp_options.c   reads the command line
 *   stop.c         handles the signals that ask us to stop */
#ifndef PHASE1_CP_H
#define PHASE1_CP_H

#include <sys/stat.h>

#include "cp_options.h"
#include "created.h"
#include "stats.h"

struct cp {
    struct cp_options options;
    struct stats stats;
    struct created created; /* used with several sources */
    bool target_is_new;     /* this run created the tree that it copies into */
    mode_t umask;           /* the mode bits that new files do not get */
};

/* The name of a file for system calls (dir and path) and for messages (shown).
 * path is the end of shown, or all of it. Both are borrowed. */
struct cp_name {
    int dir; /* AT_FDCWD, or the directory that path starts from */
    const char *path;
    const char *shown;
};

#endif
