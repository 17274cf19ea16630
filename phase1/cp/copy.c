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
#include "attributes.h"
#include "content.h"
#include "file.h"
#include "regular.h"
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

/* Opens the source with O_NONBLOCK, because the name may refer to a FIFO by
 * now, and opening a FIFO would block. Clears the flag after the open, because
 * on some file systems a read with O_NONBLOCK does not wait for the data.
 *
 * Returns the fd, or -errno after printing a message. */
static int open_source(const struct cp *cp, const struct cp_name *source,
                       bool follow, struct stat *info)
{
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
                (follow ? 0 : O_NOFOLLOW);
    bool is_direct = cp->options.direct == CP_DIRECT_ALWAYS;
    int fd, rc = 0;

    *info = (struct stat){.st_mode = S_IFREG};
    do {
        fd = openat(source->dir, source->path, flags);
    } while (fd < 0 && errno == EINTR && stop_requested() == 0);
    if (fd < 0)
        rc = -errno;
    if (rc == -EAGAIN) { /* another process has a lease on the file */
        fd = regular_open(source, flags & ~O_NONBLOCK, info);
        rc = fd < 0 ? fd : 0;
    }
    if (rc == 0 && fstat(fd, info) < 0)
        rc = -errno;
    if (rc == 0 && file_kind_of(info->st_mode) != FILE_REGULAR)
        rc = -EINVAL;
    if (rc == 0 && fcntl(fd, F_SETFL, is_direct ? O_DIRECT : 0) < 0)
        rc = -errno;
    if (rc == 0)
        return fd;
    if (rc == -EINVAL)
        message_refusal("cannot copy", source->shown,
                        file_kind_of(info->st_mode) != FILE_REGULAR
                            ? file_kind_words(file_kind_of(info->st_mode))
                            : "its file system does not support O_DIRECT "
                              "(--direct)");
    else
        message_error("cannot open", source->shown, rc);
    if (fd >= 0)
        close(fd);
    return rc;
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
 * target.
 *
 * Returns  0       the target is the new file
 *          1       the existing target is kept (-n)
 *          -EAGAIN see target_publish
 *          -errno  after printing a message. The target is unchanged, or
 *                  incomplete with --inplace; or it is the new file, but -p or
 *                  --fsync has failed */
static int fill(struct cp *cp, int in, const struct stat *info,
                const char *source_shown, struct target *target)
{
    bool is_direct = cp->options.direct == CP_DIRECT_ALWAYS;
    struct engine_job job = {.cp = cp,
                             .in = in,
                             .out = target->fd,
                             .in_direct = is_direct,
                             .out_direct = is_direct};
    int rc = content_copy(&job, info), refused = 0;

    if (rc < 0) {
        stats_end_progress(&cp->stats);
        print_data_failure(&job, source_shown, target->shown, rc);
        target_discard(target);
        return rc;
    }
    /* The data is complete: publish it even without its attributes. */
    if (cp->options.preserve)
        refused = attributes_preserve(target->fd, info, in, &cp->stats);
    if (refused < 0)
        message_error("cannot set mode, owner, times and attributes of",
                      target->shown, refused);
    rc = target_publish(target, cp);
    return rc == 0 ? refused : rc;
}

/* Opens the source first, so that target_find compares the target with the open
 * file. The source's name could refer to another file a moment later. */
int copy_file(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool follow, bool is_private)
{
    struct target new_file;
    struct stat info;
    int in = open_source(cp, source, follow, &info), rc;
    int tried_names = 0;

    if (in < 0)
        return in;
    do {
        rc = target_find(&new_file, cp, target, &info,
                         target->dir == AT_FDCWD);
        if (rc == 0)
            rc = target_create(&new_file, cp, is_private);
        if (rc == 0)
            rc = fill(cp, in, &info, source->shown, &new_file);
    } while (rc == -EAGAIN && cp->needs_names && !tried_names++);
    close(in);
    if (rc == 0)
        copy_report(cp, source->shown, target->shown);
    return rc < 0 ? rc : 0; /* 1: the existing target is kept */
}

/* symlink(2) does not replace an existing file. So if the target exists, the
 * link is created under a temporary name and renamed. */
int copy_link(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, bool is_private)
{
    static char text[PATH_MAX]; /* a link's text is never longer */
    struct target new_link;
    struct stat info;
    ssize_t len = readlinkat(source->dir, source->path, text, sizeof text - 1);
    int rc, refused = 0;

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
    if (cp->options.preserve)
        refused = attributes_preserve_link(new_link.dir, new_link.temp, &info);
    if (refused < 0)
        message_error("cannot set owner and times of", target->shown, refused);
    rc = target_publish(&new_link, cp);
    if (rc == 0)
        rc = refused;
    if (rc == 0)
        copy_report(cp, source->shown, target->shown);
    return rc < 0 ? rc : 0;
}
