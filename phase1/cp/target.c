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
#include "regular.h"
#include "replace.h"
#include "stop.h"

#define TEMP_TRIES 100

void target_temp_name(char name[TARGET_TEMP_LEN])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    static uint64_t next; /* random at first, then counts up */
    size_t len = (size_t)sprintf(name, ".cp-uring.");
    uint64_t rest;

    /* Once the machine has booted, getrandom cannot fail for so few bytes. If
     * it fails earlier, two processes could choose the same name. O_EXCL
     * detects that. */
    if (next == 0 && getrandom(&next, sizeof next, 0) < 0)
        next = (uint64_t)getpid() << 32;
    rest = next++;
    for (int i = 0; i < 12; i++, rest /= 32)
        name[len++] = letters[rest % 32];
    name[len] = '\0';
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

/* Opens the existing file for writing into it (--inplace). existing is its
 * stat. Returns 0, or -errno after printing a message. */
static int open_in_place(struct target *target, const struct cp *cp,
                         const struct cp_name *name,
                         const struct stat *existing)
{
    struct stat info;
    int fd = regular_open(name,
                          cp->options.direct == CP_DIRECT_ALWAYS
                              ? O_WRONLY | O_DIRECT
                              : O_WRONLY,
                          &info);

    if (fd < 0)
        return message_error("cannot write into", target->shown, fd);
    if (!file_is_same(&info, existing)) {
        close(fd);
        return message_error("cannot write into", target->shown, -ESTALE);
    }
    target->in_place = true;
    target->fd = fd;
    return 0;
}

int target_find(struct target *target, const struct cp *cp,
                const struct cp_name *name, const struct stat *source,
                bool follow)
{
    struct stat existing;
    enum file_kind kind;
    bool in_place = cp->options.in_place &&
                    file_kind_of(source->st_mode) != FILE_LINK;
    int rc;

    *target = (struct target){
        .fd = -1,
        .dir = -1,
        .source = *source,
        .shown = name->shown,
    };
    if (fstatat(name->dir, name->path, &existing,
                follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0) {
        kind = file_kind_of(existing.st_mode);
        in_place = in_place && kind == FILE_REGULAR;
        /* Neither case needs the target's directory. --inplace writes into the
         * existing file. replace_check refuses any target that is neither a
         * regular file nor a link, such as a FIFO that /dev/stdout refers
         * to. */
        if (in_place || (kind != FILE_REGULAR && kind != FILE_LINK)) {
            rc = replace_check(target, cp, &existing);
            return rc != 0 ? rc : open_in_place(target, cp, name, &existing);
        }
    }
    rc = find_directory(target, name, follow);
    if (rc < 0)
        return rc;
    if (fstatat(target->dir, target->name, &existing, AT_SYMLINK_NOFOLLOW) == 0)
        rc = replace_check(target, cp, &existing);
    if (rc != 0)
        close(target->dir);
    return rc;
}

/* Chooses the name under which the new file is created: its final name if the
 * directory is private, otherwise a random one. tries is the number of earlier
 * attempts, and result is the result of the last attempt. Returns false if the
 * caller must not try again. */
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

/* Completes the creation of a file or link. If result is a failure, prints a
 * message and closes the directory. Returns 0 or result. */
static int finish_create(struct target *target, int result)
{
    if (result >= 0)
        return 0;
    (void)message_error("cannot create", target->shown, result);
    close(target->dir);
    return result;
}

/* Creates the file without a name. Its directory entry is made at the end, so
 * that nothing remains if we are killed. Returns false if the file system
 * cannot do that, or if /proc is missing, which linkat needs to give the file
 * its name. */
static bool create_unnamed(struct target *target, int flags, mode_t mode)
{
    char link[TARGET_LINK_LEN];

    do {
        target->fd = openat(target->dir, ".", flags | O_TMPFILE, mode);
    } while (target->fd < 0 && errno == EINTR && stop_requested() == 0);
    if (target->fd < 0)
        return false;
    target_link_path(target, link);
    if (access(link, F_OK) == 0)
        return true;
    close(target->fd);
    target->fd = -1;
    return false;
}

/* Creates the file under a name. Returns 0 or -errno. */
static int create_named(struct target *target, int flags, mode_t mode,
                        bool is_private)
{
    int rc = -EEXIST;

    for (int i = 0; rc < 0 && take_name(target, is_private, i, rc); i++) {
        target->fd = openat(target->dir, target->temp,
                            flags | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
        rc = target->fd < 0 ? -errno : 0;
    }
    /* An open that fails because of O_DIRECT has already created the file. */
    if (rc == -EINVAL && (flags & O_DIRECT) != 0)
        (void)unlinkat(target->dir, target->temp, 0);
    return rc;
}

int target_create(struct target *target, const struct cp *cp, bool is_private)
{
    bool is_direct = cp->options.direct == CP_DIRECT_ALWAYS;
    int flags = O_WRONLY | O_CLOEXEC | (is_direct ? O_DIRECT : 0), rc;
    /* The kernel applies the umask or a default ACL. With -p the file may get
     * another owner. Until then, only we may open it. */
    mode_t mode = cp->options.preserve ? S_IRUSR | S_IWUSR
                                       : target->source.st_mode & 0777;

    if (target->in_place) {
        if (ftruncate(target->fd, 0) == 0)
            return 0;
        rc = message_error("cannot truncate", target->shown, -errno);
        close(target->fd);
        return rc;
    }
    if (!is_private && !cp->needs_names &&
        create_unnamed(target, flags, mode))
        return 0;
    if (!is_private && replace_is_append_only(target->dir, "")) {
        /* We could create a temporary name, but not rename or remove it. */
        message_refusal("cannot create", target->shown,
                        "its directory is append-only, and the file system "
                        "has no files without a name (O_TMPFILE)");
        close(target->dir);
        return -EPERM;
    }
    rc = create_named(target, flags, mode, is_private);
    if (rc == -EINVAL && is_direct) {
        message_refusal("cannot create", target->shown,
                        "its file system does not support O_DIRECT (--direct)");
        close(target->dir);
        return rc;
    }
    return finish_create(target, rc);
}

/* A symbolic link is complete as soon as it is created. So the link is created
 * under its final name. If a file with that name exists and is_private is
 * false, the link is created under a random name instead. */
int target_create_link(struct target *target, const char *text, bool is_private)
{
    int rc;

    strcpy(target->temp, target->name);
    rc = symlinkat(text, target->dir, target->temp) < 0 ? -errno : 0;
    for (int i = 0; rc == -EEXIST && !is_private &&
                    take_name(target, is_private, i, rc); i++)
        rc = symlinkat(text, target->dir, target->temp) < 0 ? -errno : 0;
    return finish_create(target, rc);
}
