/* target.h: replaces a file in one step. At any time the target is either the
 * old file or the complete new one.
 *
 * The new file is created in the target's directory, without a name
 * (O_TMPFILE). linkat(2) gives it the target's name, if that is free. Otherwise
 * linkat gives it a random name, and rename(2) changes that into the target's
 * name in one step: other processes see either the old file or the new one. If
 * the file system has no O_TMPFILE, the file is created under a random name.
 *
 *     find  ->  create  ->  write to target.fd  ->  publish
 *                                               or  discard
 *
 * Creating a new file and renaming it has three effects. If the target has
 * other hard links, they keep the old file. The rename succeeds even if the
 * target is write-protected, so cp-uring replaces such a target only with -f.
 * If SIGKILL ends the copy, nothing of the new file remains. On a file system
 * without O_TMPFILE, however, the file ".cp-uring.XXXXXXXXXXXX" remains.
 *
 * With --inplace an existing file is overwritten instead. It keeps its inode,
 * and so its other names, owner, mode and ACL. It may be a mount point, or be
 * in a directory that we may not write to. But during the copy, other processes
 * see only a part of the new content. If the copy fails, the old content is
 * lost.
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
#define TARGET_LINK_LEN 32 /* enough for "/proc/self/fd/" and a number */

struct target {
    int fd;             /* fd of the new file; -1 for a link */
    int dir;            /* owned fd of the directory of name and temp */
    bool in_place;      /* fd is the existing file, and dir is -1 */
    struct stat source; /* the stat of the source */
    const char *shown;  /* borrowed, for messages */
    char name[NAME_MAX + 1];
    char temp[NAME_MAX + 1]; /* equals name in a private directory; empty
                              * while the new file has no name */
};

/* Stores the path in /proc by which linkat(2) finds the new file. */
void target_link_path(const struct target *target, char path[TARGET_LINK_LEN]);

/* Makes a random name for a temporary file or directory. */
void target_temp_name(char name[TARGET_TEMP_LEN]);

/* Finds the directory of the copy, and checks that an existing target may be
 * replaced. follow: if the target is a symbolic link, uses the file that it
 * points to. source is the stat of the source.
 *
 * Returns  0       call target_create or target_create_link
 *          1       the existing target is kept: -n, or it is already a copy of
 *                  this source
 *          -errno  after printing a message */
int target_find(struct target *target, const struct cp *cp,
                const struct cp_name *name, const struct stat *source,
                bool follow);

/* Create the new file, or a new symbolic link that contains text. is_private:
 * the directory is private, as explained above.
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
 *          -EAGAIN the file system has no links; no message is printed. Copy
 *                  the file once more: cp->needs_names is now set, so the new
 *                  file gets a name when it is created
 *          -errno  after printing a message. The target is unchanged, or
 *                  incomplete with --inplace; or it is the new file, but not
 *                  synced */
int target_publish(struct target *target, struct cp *cp);

/* Removes the new file. The target is unchanged, except with --inplace: then
 * prints that the target is incomplete. */
void target_discard(struct target *target);

#endif
