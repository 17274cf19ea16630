/* target_publish.c: gives the new file its name; see target.h.
 *
 * What it teaches: a file that was opened with O_TMPFILE has no name, and is
 * deleted when its last fd is closed. linkat(2) can give the file a name, but
 * never replaces an existing file. rename(2) can replace a file, but the new
 * file must already have a name. So a new target gets its name by linkat alone.
 * A file that replaces another gets a temporary name by linkat, and then its
 * final name by rename. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "optional.h"
#include "replace.h"
#include "target.h"

void target_link_path(const struct target *target, char path[TARGET_LINK_LEN])
{
    snprintf(path, TARGET_LINK_LEN, "/proc/self/fd/%d", target->fd);
}

/* Syncs and closes the new file. A file system may report a failed write only
 * at fsync or close, so both are checked. Neither is repeated, because a second
 * call would report success. If the file system has no fsync, prints a message,
 * sets *unsynced to -errno, and continues, because no data is lost. Returns 0
 * or -errno. */
static int finish_file(struct target *target, const struct cp_options *options,
                       int *unsynced)
{
    int rc, last = target->fd;

    if (target->fd < 0)
        return 0; /* a link has no content; its directory is synced later */
    rc = options->fsync && fsync(target->fd) < 0 ? -errno : 0;
    if (optional_is_missing(rc)) {
        *unsynced = message_error("cannot sync", target->shown, rc);
        rc = 0;
    }
    if (target->temp[0] == '\0' && !target->in_place) {
        /* Closing the only fd of a file without a name would delete the file.
         * Closing a duplicate fd reports the same failures. */
        last = fcntl(target->fd, F_DUPFD_CLOEXEC, 0);
        if (last < 0)
            return -errno;
    } else {
        target->fd = -1;
    }
    if (close(last) < 0 && errno != EINTR && rc == 0)
        rc = -errno;
    return rc;
}

/* Gives a name to a file that has none. Fails if the name exists. Returns 0 or
 * -errno. */
static int link_file(struct target *target, const char *name)
{
    char path[TARGET_LINK_LEN];

    target_link_path(target, path);
    return linkat(AT_FDCWD, path, target->dir, name, AT_SYMLINK_FOLLOW) < 0
               ? -errno
               : 0;
}

/* Renames the new file, but never replaces an existing file (-n). If the file
 * system lacks RENAME_NOREPLACE, uses linkat, which does not replace a file,
 * either. If the file system lacks links, too, checks that the name is free and
 * then renames the file; another program could create the name in between.
 * Returns 0, 1 if the name exists, or -errno. */
static int rename_to_free_name(const struct target *target)
{
    int dir = target->dir;
    struct stat info;

    if (renameat2(dir, target->temp, dir, target->name, RENAME_NOREPLACE) == 0)
        return 0;
    if (optional_is_missing(-errno)) {
        if (linkat(dir, target->temp, dir, target->name, 0) == 0) {
            (void)unlinkat(dir, target->temp, 0);
            return 0;
        }
        if (errno != EEXIST &&
            fstatat(dir, target->name, &info, AT_SYMLINK_NOFOLLOW) == 0)
            return 1;
        if (errno != EEXIST &&
            renameat(dir, target->temp, dir, target->name) == 0)
            return 0;
    }
    return errno == EEXIST ? 1 : -errno;
}

/* Gives the new file its final name.
 *
 * Returns  0        the file has its final name
 *          1        the name exists, and is kept (-n)
 *          -EAGAIN  the file has no name, and the file system has no links
 *          -errno   from linkat(2) or rename(2) */
static int name_file(struct target *target, bool no_clobber)
{
    int rc;

    if (target->in_place || strcmp(target->temp, target->name) == 0)
        return 0;
    if (target->temp[0] == '\0') {
        rc = link_file(target, target->name);
        while (rc == -EEXIST) { /* link a temporary name; rename it below */
            target_temp_name(target->temp);
            rc = link_file(target, target->temp);
            if (rc == 0)
                break;
            target->temp[0] = '\0';
        }
        if (optional_is_missing(rc) || rc == -EPERM || rc == -EXDEV ||
            rc == -EMLINK || rc == -ENOENT)
            return -EAGAIN;
        if (rc < 0 || target->temp[0] == '\0')
            return rc;
    }
    if (no_clobber)
        return rename_to_free_name(target);
    return renameat(target->dir, target->temp, target->dir, target->name) < 0
               ? -errno
               : 0;
}

static void release(struct target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    if (target->dir >= 0)
        close(target->dir);
}

int target_publish(struct target *target, struct cp *cp)
{
    struct stat info;
    /* A later source could have the same target, so remember the file. */
    bool is_known = cp->options.source_count > 1 &&
                    (target->fd >= 0
                         ? fstat(target->fd, &info)
                         : fstatat(target->dir, target->temp, &info,
                                   AT_SYMLINK_NOFOLLOW)) == 0;
    int unsynced = 0, rc = finish_file(target, &cp->options, &unsynced);

    if (rc < 0) {
        (void)message_error("cannot finish writing", target->shown, rc);
    } else {
        rc = name_file(target, cp->options.no_clobber);
        cp->needs_names = cp->needs_names || rc == -EAGAIN;
        if (rc < 0 && rc != -EAGAIN)
            (void)replace_explain(target, rc);
    }
    if (rc != 0) {
        target_discard(target);
        return rc;
    }
    /* The file has its final name: from here on it is never removed. */
    if (is_known)
        created_add(&cp->created, &info, &target->source);
    if (cp->options.fsync && !target->in_place) {
        rc = optional_sync_names(target->dir);
        if (rc < 0)
            (void)message_error("cannot sync the directory of", target->shown,
                                rc);
    }
    release(target);
    return rc < 0 ? rc : unsynced;
}

void target_discard(struct target *target)
{
    if (target->temp[0] != '\0')
        (void)unlinkat(target->dir, target->temp, 0);
    if (target->in_place)
        message_refusal("incomplete", target->shown,
                        "its old content is lost (--inplace)");
    release(target);
}
