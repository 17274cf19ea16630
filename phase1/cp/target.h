/* target.h: a target is the old file or the whole new one, at every instant.
 *
 * The new one is made beside it, in the same directory, under a name that
 * nobody else has (created exclusively, readable by nobody else), and takes
 * the target's name by rename(2), which is one step for whoever looks.
 *
 *     find  ->  create  ->  write to target.fd  ->  publish
 *                                               or  discard
 *
 * What follows from it, and is meant: a hard link among targets is replaced,
 * its other names keep the old file; a write-protected target can be replaced
 * where the directory may be written, and therefore is only with -f; killed by
 * SIGKILL, the program leaves a file ".cp-uring.XXXXXXXXXXXX" behind.
 *
 * A directory that cp-uring has just made, and that nobody else can enter yet
 * (tree.h), needs no second name: there the file is created as what it is
 * called. */
#ifndef PHASE1_CP_TARGET_H
#define PHASE1_CP_TARGET_H

#include <limits.h>
#include <sys/stat.h>

#include "cp.h"

#define TARGET_TEMP_LEN 32 /* ".cp-uring." and 12 letters, and room */

struct target {
    int fd;            /* of the new file, to be written; -1 for a link */
    int dir;           /* owned; the directory of both names */
    struct stat source; /* what it is a copy of */
    const char *shown; /* borrowed, for messages */
    char name[NAME_MAX + 1];
    char temp[NAME_MAX + 1]; /* name itself in a private directory */
};

/* A name for something temporary, at random. */
void target_temp_name(char name[TARGET_TEMP_LEN]);

/* Finds out where the copy of source is to be, and whether it may. follow: a
 * target that is a symbolic link stands for the file that it leads to.
 *
 * Returns 0, and owns the directory until publish or discard; 1 when an
 * existing target is to be left alone (-n); or -errno, which has been said. */
int target_find(struct target *target, const struct cp *cp,
                const struct cp_name *name, const struct stat *source,
                bool follow);

/* Creates the new file, or the new symbolic link to text. is_private: the
 * directory is nobody's but ours. Returns 0, or -errno, which has been said:
 * then there is nothing to discard. */
int target_create(struct target *target, const struct cp *cp, bool is_private);
int target_create_link(struct target *target, const char *text,
                       bool is_private);

/* Gives the new file its name; with --fsync both are on the disk afterwards.
 * Owns the target's descriptors and closes them in any case.
 *
 * Returns 0; 1 when meanwhile a target has appeared that is to be left alone;
 * or -errno, which has been said: the target is as before. */
int target_publish(struct target *target, struct cp *cp);

/* Removes the new file; the target is as before. */
void target_discard(struct target *target);

#endif
