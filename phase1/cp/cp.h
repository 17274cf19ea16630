/* cp.h: what the parts of cp-uring share: one run, and the names in it.
 *
 *   cp-uring.c     what goes where: sources, directories, names
 *   tree.c         a directory, with all that is in it
 *   walk.c         where the walk through it is, as text
 *   root.c         the target of a tree: no directory, or a complete one
 *   cp_batch.c     many small files at once: where a ring wins most
 *   small.c        one of them, as a chain of linked operations
 *   copy.c         one file, from its opening to its new name
 *   target.c       the target: old file or new one, nothing in between
 *   content.c      the bytes: data, holes, an end that is not where stat says
 *   engine.c       what the engines share: the pair of files, its failure
 *   page_cache.c   whether a source is better read past the page cache
 *   pump.c         many blocks in flight through a ring
 *   plain.c        the same bytes by read/write, copy_file_range, splice
 *   rings.c        a ring that survives signals and lack of memory
 *   created.c      what this run has made itself
 *   stats.c        what was done and how fast
 *   cp_options.c   the command line
 *   stop.c         signals that ask us to stop */
#ifndef PHASE1_CP_H
#define PHASE1_CP_H

#include <sys/stat.h>

#include "cp_options.h"
#include "created.h"
#include "stats.h"

struct cp {
    struct cp_options options;
    struct stats stats;
    struct created created; /* what was made; with several sources */
    bool target_is_new;  /* the tree that is being copied into was made by us */
    mode_t umask;        /* the bits that a new file does not get */
};

/* A name as the kernel takes it, and as messages show it: path is the end of
 * shown, or all of it. Both are borrowed. */
struct cp_name {
    int dir; /* AT_FDCWD, or the directory that path starts from */
    const char *path;
    const char *shown;
};

#endif
