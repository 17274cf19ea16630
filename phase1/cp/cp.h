/* cp.h: the state of one run, and file names, for all parts of cp-uring.
 *
 *   cp-uring.c     main: finds the target of each source
 *   tree.c         copies a directory with everything in it
 *   walk.c         the current path in a tree that is copied
 *   below.c        opens names below a root, without following links
 *   held.c         directories that stay open while the batch uses them
 *   root.c         creates the target of a tree, and publishes it when complete
 *   directories.c  the directories that this run has created
 *   cp_batch.c     copies many small files at once, where a ring helps most
 *   small.c        copies one small file with a chain of linked SQEs
 *   copy.c         copies one file, from opening it to renaming the copy
 *   regular.c      opens a file on which another process has a lease
 *   target.c       replaces the old file with the new one in one step
 *   target_publish.c  gives the new file its name
 *   replace.c      decides whether an existing file may be replaced
 *   attributes.c   keeps the owner, the mode and the times (-p)
 *   xattrs.c       copies the extended attributes (-p)
 *   optional.c     operations that a file system may lack
 *   content.c      copies the content: data and holes, up to the real end
 *   engine.c       code that all engines share
 *   page_cache.c   decides whether to bypass the page cache for a source
 *   pump.c         the engine that keeps many blocks in flight
 *   plain.c        the engines read/write, copy_file_range and splice
 *   rings.c        a ring that handles signals and lack of memory
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
    struct created created; /* used only with several sources */
    bool target_is_new;     /* an earlier source created the target tree */
    bool needs_names;       /* do not use O_TMPFILE: linkat has failed */
};

/* The name of a file: dir and path are for system calls, and shown is for
 * messages. path is the end of shown, or all of it. Both strings are borrowed.
 * A path from the command line may contain links. Below the root of a tree,
 * path is one component, and is not followed if it is a link: see below.h. */
struct cp_name {
    int dir; /* AT_FDCWD if path is from the command line */
    const char *path;
    const char *shown;
};

#endif
