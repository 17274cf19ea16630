/* copy.c: copies one file, from opening it to renaming the copy; see
 * copy.h. */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "content.h"
#include "file.h"
#include "stop.h"
#include "target.h"

void copy_report(struct cp *cp, const char *source, const char *target)
{
    cp->stats.files++;
    if (!cp->options.verbose)
        return;
    message_print_name(stdout, source);
    fputs(" -> ", stdout);
    message_print_name(stdout, target);
    fputc('\n', stdout);
}

/* Opens the source. O_NONBLOCK is set because the name may refer to a FIFO by
 * now, and opening a FIFO would block. It is cleared afterwards, so that a read
 * waits for the data on every file system.
 *
 * Returns the fd, or -errno after printing a message. */
static int open_source(const struct cp *cp, const struct cp_name *source,
                       bool follow, struct stat *info)
{
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
                (follow ? 0 : O_NOFOLLOW);
    bool is_direct = cp->options.direct == CP_DIRECT_ALWAYS;
    int fd, rc = 0;

    do {
        fd = openat(source->dir, source->path, flags);
    } while (fd < 0 && errno == EINTR && stop_requested() == 0);
    if (fd < 0 || fstat(fd, info) < 0)
        rc = -errno;
    else if (file_kind_of(info->st_mode) != FILE_REGULAR)
        rc = -EINVAL;
    else if (fcntl(fd, F_SETFL, is_direct ? O_DIRECT : 0) < 0)
        rc = -errno;
    if (rc == 0)
        return fd;
    if (rc == -EINVAL)
        message_refusal("cannot copy", source->shown,
                        fd >= 0 && file_kind_of(info->st_mode) != FILE_REGULAR
                            ? file_kind_words(file_kind_of(info->st_mode))
                            : "its file system does not support O_DIRECT "
                              "(--direct)");
    else
        message_error("cannot open", source->shown, rc);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Sets the mode of the copy to the source's permissions without the umask, as
 * for any new file. With -p, sets all mode bits, the owner and the times. The
 * owner comes first, because changing it clears the set-id bits. Returns 0 or
 * -errno. */
static int copy_attributes(const struct cp *cp, const struct stat *source,
                           int fd)
{
    struct timespec times[2] = {source->st_atim, source->st_mtim};
    mode_t mode = source->st_mode & 07777;

    if (!cp->options.preserve)
        return fchmod(fd, mode & 0777 & ~cp->umask) < 0 ? -errno : 0;
    if (fchown(fd, source->st_uid, source->st_gid) < 0) {
        /* EINVAL: our user namespace does not map the owner. */
        if (errno != EPERM && errno != EINVAL)
            return -errno;
        /* Only root may set the owner. Setting the group may work, so try it,
         * as cp does. Clear the set-id bits, or the copy would run as another
         * user. */
        (void)!fchown(fd, (uid_t)-1, source->st_gid);
        mode &= 01777;
    }
    if (fchmod(fd, mode) < 0 || futimens(fd, times) < 0)
        return -errno;
    return 0;
}

/* Prints whether the source, the target or the ring failed, and where. */
static void print_data_failure(const struct engine_job *job, const char *source,
                               const char *target, int result)
{
    if (result == -EINTR && stop_requested() != 0)
        return; /* main raises the signal again; no message needed */
    if (result == -ESTALE && job->blame == ENGINE_SOURCE)
        message_refusal("cannot copy", source,
                        "it became shorter while it was copied");
    else if (job->blame == ENGINE_SOURCE)
        message_error_at("cannot read", source, job->offset, result);
    else if (job->blame == ENGINE_TARGET)
        message_error_at("cannot write", target, job->offset, result);
    else
        message_error("cannot enter the ring to copy", source, result);
}

/* Copies the open source into the new file, and renames the new file to the
 * target. Returns the same values as target_publish. */
static int fill(struct cp *cp, int in, const struct stat *info,
                const char *source_shown, struct target *target)
{
    bool is_direct = cp->options.direct == CP_DIRECT_ALWAYS;
    struct engine_job job = {.cp = cp,
                             .in = in,
                             .out = target->fd,
                             .in_direct = is_direct,
                             .out_direct = is_direct};
    int rc = content_copy(&job, info);

    if (rc < 0) {
        stats_end_progress(&cp->stats);
        print_data_failure(&job, source_shown, target->shown, rc);
        target_discard(target);
        return rc;
    }
    rc = copy_attributes(cp, info, target->fd);
    if (rc < 0) {
        message_error("cannot set mode, owner and times of", target->shown, rc);
        target_discard(target);
        return rc;
    }
    return target_publish(target, cp);
}

/* Opens the source first, so that target_find compares the target with the open
 * file. The name could refer to another file a moment later. */
int copy_file(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool follow, bool is_private)
{
    struct target new_file;
    struct stat info;
    int in = open_source(cp, source, follow, &info), rc;

    if (in < 0)
        return in;
    rc = target_find(&new_file, cp, target, &info, !is_private);
    if (rc == 0)
        rc = target_create(&new_file, cp, is_private);
    if (rc == 0)
        rc = fill(cp, in, &info, source->shown, &new_file);
    close(in);
    if (rc == 0)
        copy_report(cp, source->shown, target->shown);
    return rc < 0 ? rc : 0; /* 1: the existing target is kept */
}

/* Sets the owner and the times of the link itself. The mode of a link has no
 * meaning. Returns 0 or -errno. */
static int copy_link_attributes(const struct target *target,
                                const struct stat *source)
{
    struct timespec times[2] = {source->st_atim, source->st_mtim};

    if (fchownat(target->dir, target->temp, source->st_uid, source->st_gid,
                 AT_SYMLINK_NOFOLLOW) < 0 && errno != EPERM)
        return -errno;
    return utimensat(target->dir, target->temp, times,
                     AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* Creates the link under a temporary name and renames it, because no system
 * call replaces an existing file with a link. */
int copy_link(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool is_private)
{
    static char text[PATH_MAX]; /* a link's text is never longer */
    struct target new_link;
    struct stat info;
    ssize_t len = readlinkat(source->dir, source->path, text, sizeof text - 1);
    int rc;

    if (len < 0 || fstatat(source->dir, source->path, &info,
                           AT_SYMLINK_NOFOLLOW) < 0) {
        rc = -errno;
        message_error("cannot read the link", source->shown, rc);
        return rc;
    }
    text[len] = '\0';
    rc = target_find(&new_link, cp, target, &info, false);
    if (rc == 0)
        rc = target_create_link(&new_link, text, is_private);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    if (cp->options.preserve &&
        (rc = copy_link_attributes(&new_link, &info)) < 0) {
        message_error("cannot set owner and times of", target->shown, rc);
        target_discard(&new_link);
        return rc;
    }
    rc = target_publish(&new_link, cp);
    if (rc == 0)
        copy_report(cp, source->shown, target->shown);
    return rc < 0 ? rc : 0;
}
