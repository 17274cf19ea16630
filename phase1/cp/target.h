/* target.h: replaces a file in one step. At any time the target is either the
 * old file or the complete new one.
 *
 * The new file is created in the target's directory, under a random name, with
 * O_EXCL and mode 0600. rename(2) then gives it the target's name in one step:
 * other processes see either the old file or the new one.
 *
 *     find  ->  create  ->  write to target.fd  ->  publish
 *                                               or  discard
 *
 * This has three intended effects. If the target has other hard links, they
 * keep the old file. rename(2) would also replace a write-protected target, so
 * we do that only with -f. After SIGKILL, a file ".cp-uring.XXXXXXXXXXXX"
 * remains.
 *
 * A directory is private if cp-uring has created it and other users cannot
 * enter it yet (root.h). In a private directory, the file is created under its
 * final name. */
#ifndef PHASE1_CP_TARGET_H
#define PHASE1_CP_TARGET_H

#include <limits.h>
#include <sys/stat.h>

#include "cp.h"

#define TARGET_TEMP_LEN 32 /* enough for ".cp-uring." and 12 letters */

struct target {
    int fd;             /* fd of the new file; -1 for a link */
    int dir;            /* owned fd of the directory of both names */
    struct stat source; /* the stat of the source */
    const char *shown; /* borrowed, for messages */
    char name[NAME_MAX + 1];
    char temp[NAME_MAX + 1]; /* equals name in a private directory */
};

/* Makes a random name for a temporary file or directory. */
void target_temp_name(char name[TARGET_TEMP_LEN]);

/* Finds the directory of the copy, and checks that an existing target may be
 * replaced. follow: if the target is a symbolic link, uses the file that it
 * points to. source is the stat of the source.
 *
 * Returns  0       target owns its directory until publish or discard
 *          1       the existing target is kept: -n, or it is already a copy of
 *                  this source
 *          -errno  after printing a message */
int target_find(struct target *target, const struct cp *cp,
                const struct cp_name *name, const struct stat *source,
                bool follow);

/* Create the new file, or a new symbolic link that contains text. is_private:
 * the directory is private.
 *
 * Return  0       call target_publish or target_discard
 *         -errno  after printing a message; there is nothing to discard */
int target_create(struct target *target, const struct cp *cp, bool is_private);
int target_create_link(struct target *target, const char *text,
                       bool is_private);

/* Renames the new file to the target. With --fsync, syncs the file before that
 * and its directory afterwards. Closes the target's descriptors in every case.
 *
 * Returns  0       the target is the new file
 *          1       with -n, a target has appeared since target_find; it is
 *                  kept
 *          -errno  after printing a message; the target is unchanged, or it is
 *                  the new file but not synced */
int target_publish(struct target *target, struct cp *cp);

/* Removes the new file. The target is unchanged. */
void target_discard(struct target *target);

#endif
