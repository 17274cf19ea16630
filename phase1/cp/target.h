/* target.h: replaces a file in one step: at every instant the target is the old
 * file or the whole new one.
 *
 * The new file is created beside the target, in the same directory, under a
 * random name, with O_EXCL and mode 0600. rename(2) then gives it the target's
 * name, in one step for every other process.
 *
 *     find  ->  create  ->  write to target.fd  ->  publish
 *                                               or  discard
 *
 * This has three intended effects. If the target has other hard links, they
 * keep the old file. rename(2) also replaces a write-protected target, so we do
 * that with -f only. After SIGKILL, a file ".cp-uring.XXXXXXXXXXXX" is left.
 *
 * A directory is private if cp-uring has created it and other users cannot
 * enter it yet (root.h). There the file is created under its final name. */
#ifndef PHASE1_CP_TARGET_H
#define PHASE1_CP_TARGET_H

#include <limits.h>
#include <sys/stat.h>

#include "cp.h"

#define TARGET_TEMP_LEN 32 /* ".cp-uring." and 12 letters, and room */

struct target {
    int fd;             /* of the new file, for writing; -1 for a link */
    int dir;            /* owned: the directory of both names */
    struct stat source; /* the stat of the source */
    const char *shown; /* borrowed, for messages */
    char name[NAME_MAX + 1];
    char temp[NAME_MAX + 1]; /* equals name in a private directory */
};

/* Makes a random name for a temporary file or directory. */
void target_temp_name(char name[TARGET_TEMP_LEN]);

/* Finds the directory of the copy, and checks that an existing target may be
 * replaced. follow: if the target is a symbolic link, uses the file that it
 * leads to. source is the stat of the source.
 *
 * Returns  0       the target owns its directory until publish or discard
 *          1       the existing target is kept: -n, or it is already a copy of
 *                  this source
 *          -errno  after printing a message */
int target_find(struct target *target, const struct cp *cp,
                const struct cp_name *name, const struct stat *source,
                bool follow);

/* Create the new file, or the new symbolic link to text. is_private: the
 * directory is private.
 *
 * Return  0       call target_publish or target_discard
 *         -errno  after printing a message; there is nothing to discard */
int target_create(struct target *target, const struct cp *cp, bool is_private);
int target_create_link(struct target *target, const char *text,
                       bool is_private);

/* Renames the new file to the target. With --fsync, first syncs the file, then
 * its directory. Closes the target's descriptors in every case.
 *
 * Returns  0       the target is the new file
 *          1       with -n, a target that has appeared since target_find is
 *                  kept
 *          -errno  after printing a message; the target is as before, or new
 *                  but not synced */
int target_publish(struct target *target, struct cp *cp);

/* Removes the new file. The target stays as it was. */
void target_discard(struct target *target);

#endif
