/* target.c: replaces a file in one step; see target.h. */
#include "target.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "message.h"
#include "file.h"

#define TEMP_TRIES 100

void target_temp_name(char name[TARGET_TEMP_LEN])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    static uint64_t next; /* random at first, then counts up */
    size_t len = (size_t)sprintf(name, ".cp-uring.");
    uint64_t rest;

    /* getrandom cannot fail for so few bytes once the machine has booted. If it
     * does, O_EXCL detects an existing name. */
    if (next == 0 && getrandom(&next, sizeof next, 0) < 0)
        next = (uint64_t)getpid() << 32;
    rest = next++;
    for (int i = 0; i < 12; i++, rest /= 32)
        name[len++] = letters[rest % 32];
    name[len] = '\0';
}

/* Decides whether the existing file may be replaced.
 *
 * Returns  0       it may be replaced
 *          1       keep it: -n, or it is already a copy of this source
 *          -errno  it may not be replaced; a message was printed */
static int check_existing(const struct target *target, const struct cp *cp,
                          const struct stat *existing,
                          const struct stat *source)
{
    enum file_kind kind = file_kind_of(existing->st_mode);

    if (cp->options.no_clobber)
        return 1;
    if (file_is_same(existing, source)) {
        message_refusal("cannot copy onto itself", target->shown,
                        "source and target are the same file");
        return -EEXIST;
    }
    if (created_is_copy(&cp->created, existing, source)) {
        message_refusal("skipped", target->shown,
                        "its source was named more than once");
        return 1;
    }
    if (cp->target_is_new || created_has(&cp->created, existing)) {
        message_refusal("cannot overwrite", target->shown,
                        "this run created it from another source");
        return -EEXIST;
    }
    if (kind == FILE_LINK)
        return 0; /* replace the link, not the file it points to */
    if (kind != FILE_REGULAR) {
        message_refusal("cannot replace", target->shown, file_kind_words(kind));
        return -EEXIST;
    }
    if (!cp->options.force &&
        faccessat(target->dir, target->name, W_OK, AT_EACCESS) < 0)
        return message_error("cannot replace (use -f)", target->shown,
                             -errno);
    return 0;
}

/* Opens the directory of path, and stores the last component of path in
 * target->name. Returns 0 or -errno. */
static int open_directory(struct target *target, int dir, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    char *parent;

    if (path[0] == '\0')
        return -ENOENT;
    if (base[0] == '\0')
        return -ENOTDIR; /* "name/" means a directory */
    if (strlen(base) > NAME_MAX)
        return -ENAMETOOLONG;
    strcpy(target->name, base);
    parent = slash == NULL ? strdup(".")
                           : strndup(path, (size_t)(slash - path) +
                                               (slash == path));
    if (parent == NULL)
        return -ENOMEM;
    target->dir = openat(dir, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(parent);
    return target->dir < 0 ? -errno : 0;
}

/* Opens the directory of the target. follow: if the target is a symbolic link,
 * opens the directory of the file that it points to. Returns 0, or -errno after
 * printing a message. */
static int find_directory(struct target *target, const struct cp_name *name,
                          bool follow)
{
    struct stat info;
    char *real;
    int rc;

    if (!follow ||
        fstatat(name->dir, name->path, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
        file_kind_of(info.st_mode) != FILE_LINK) {
        rc = open_directory(target, name->dir, name->path);
        return rc < 0 ? message_error("cannot create", name->shown, rc) : 0;
    }
    /* realpath does not accept a directory fd, so use the whole path. */
    real = realpath(name->shown, NULL);
    if (real == NULL)
        return message_error("cannot write through the link", name->shown,
                             -errno);
    rc = open_directory(target, AT_FDCWD, real);
    free(real);
    return rc < 0 ? message_error("cannot create", name->shown, rc) : 0;
}

int target_find(struct target *target, const struct cp *cp,
                const struct cp_name *name, const struct stat *source,
                bool follow)
{
    struct stat existing;
    int rc;

    *target = (struct target){
        .fd = -1,
        .dir = -1,
        .source = *source,
        .shown = name->shown,
    };
    rc = find_directory(target, name, follow);
    if (rc < 0)
        return rc;
    if (fstatat(target->dir, target->name, &existing, AT_SYMLINK_NOFOLLOW) == 0)
        rc = check_existing(target, cp, &existing, source);
    if (rc != 0)
        close(target->dir);
    return rc;
}

/* Chooses the name under which the new file is created: its final name if
 * is_private, otherwise a random one. tries is the number of earlier attempts,
 * and result is that of the last one. Returns false if the caller must not try
 * again. */
static bool take_name(struct target *target, bool is_private, int tries,
                      int result)
{
    if (tries > 0 && result != -EINTR && (result != -EEXIST || is_private))
        return false;
    if (is_private)
        strcpy(target->temp, target->name);
    else
        target_temp_name(target->temp);
    return tries < TEMP_TRIES;
}

/* Completes a creation. If it failed, prints a message and closes the
 * directory. */
static int finish_create(struct target *target, int result)
{
    if (result >= 0)
        return 0;
    (void)message_error("cannot create", target->shown, result);
    close(target->dir);
    return result;
}

int target_create(struct target *target, const struct cp *cp, bool is_private)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int rc = -EEXIST;

    if (cp->options.direct == CP_DIRECT_ALWAYS)
        flags |= O_DIRECT;
    for (int i = 0; rc < 0 && take_name(target, is_private, i, rc); i++) {
        target->fd = openat(target->dir, target->temp, flags,
                            S_IRUSR | S_IWUSR);
        rc = target->fd < 0 ? -errno : 0;
    }
    if (rc == -EINVAL && cp->options.direct == CP_DIRECT_ALWAYS) {
        /* If open fails because of O_DIRECT, the file has already been
         * created. */
        (void)unlinkat(target->dir, target->temp, 0);
        message_refusal("cannot create", target->shown,
                        "its file system does not support O_DIRECT (--direct)");
        close(target->dir);
        return rc;
    }
    return finish_create(target, rc);
}

int target_create_link(struct target *target, const char *text, bool is_private)
{
    int rc = -EEXIST;

    for (int i = 0; rc < 0 && take_name(target, is_private, i, rc); i++)
        rc = symlinkat(text, target->dir, target->temp) < 0 ? -errno : 0;
    return finish_create(target, rc);
}

/* Syncs and closes the new file. A file system may report a failed write only
 * at fsync or close, so both are checked. Neither is repeated, because a second
 * call would report success. Returns 0 or -errno. */
static int finish_file(struct target *target, const struct cp_options *options)
{
    int rc;

    if (target->fd < 0)
        return 0; /* a link has no content; its directory is synced later */
    rc = options->fsync && fsync(target->fd) < 0 ? -errno : 0;
    if (close(target->fd) < 0 && errno != EINTR && rc == 0)
        rc = -errno;
    target->fd = -1;
    return rc;
}

static int rename_file(struct target *target, const struct cp_options *options)
{
    unsigned flags = options->no_clobber ? RENAME_NOREPLACE : 0;

    if (strcmp(target->temp, target->name) == 0)
        return 0;
    if (renameat2(target->dir, target->temp, target->dir, target->name,
                  flags) == 0)
        return 0;
    return errno == EEXIST && options->no_clobber ? 1 : -errno;
}

int target_publish(struct target *target, struct cp *cp)
{
    int rc = finish_file(target, &cp->options), fd;

    if (cp->options.source_count > 1)
        created_add_name(&cp->created, target->dir, target->temp,
                         &target->source);
    if (rc < 0)
        (void)message_error("cannot finish writing", target->shown, rc);
    else if ((rc = rename_file(target, &cp->options)) < 0)
        (void)message_error("cannot rename the copy to", target->shown, rc);
    if (rc != 0) {
        target_discard(target);
        return rc;
    }
    if (cp->options.fsync) { /* write the new name to the disk, too */
        fd = openat(target->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        rc = fd < 0 || fsync(fd) < 0 ? -errno : 0;
        if (rc < 0)
            (void)message_error("cannot sync the directory of", target->shown,
                                rc);
        if (fd >= 0)
            close(fd);
    }
    close(target->dir);
    return rc;
}

void target_discard(struct target *target)
{
    if (target->fd >= 0)
        close(target->fd); /* the file will be removed: ignore errors */
    (void)unlinkat(target->dir, target->temp, 0);
    close(target->dir);
}
