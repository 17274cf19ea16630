/* directories.c: the directories that a run has created; see directories.h. */
#include "directories.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "attributes.h"
#include "below.h"
#include "file.h"
#include "optional.h"

struct directory {
    char *path;  /* owned; relative to the root */
    mode_t mode; /* final mode, without -p */
    struct stat source;
};

int directories_create(int dir, const char *path, mode_t mode, mode_t *given)
{
    mode_t refused = S_IRWXU & ~mode; /* owner's bits that mode lacks */
    struct stat info;

    if (mkdirat(dir, path, (mode & 01777) | S_IRWXU) < 0)
        return -errno;
    if (fstatat(dir, path, &info, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    *given = info.st_mode & 07777 & ~refused;
    /* The umask or a default ACL may have removed our own bits: set them again.
     * If the file system has no chmod, creating a file in the directory will
     * fail. */
    if ((info.st_mode & S_IRWXU) != S_IRWXU)
        (void)fchmodat(dir, path, (info.st_mode & 07777) | S_IRWXU,
                       AT_SYMLINK_NOFOLLOW);
    return 0;
}

int directories_note(struct directories *made, const char *path, mode_t mode,
                     const struct stat *source)
{
    struct directory *list = made->list;

    if (made->count == made->room) {
        size_t room = 2 * made->room + 16;

        list = reallocarray(list, room, sizeof *list);
        if (list == NULL)
            return -ENOMEM;
        made->list = list;
        made->room = room;
    }
    list += made->count;
    *list = (struct directory){strdup(path), mode, *source};
    if (list->path == NULL)
        return -ENOMEM;
    made->count++;
    return 0;
}

/* Sets the final mode of a directory, unless the directory already has that
 * mode. This is for a copy without -p: the user did not request the mode, so it
 * is not a failure if chmod is refused or missing. Returns 0 or -errno. */
static int set_mode(int fd, mode_t mode)
{
    struct stat now;

    if (fstat(fd, &now) < 0)
        return -errno;
    if ((now.st_mode & 07777) == mode || fchmod(fd, mode) == 0 ||
        errno == EPERM || errno == EACCES || optional_is_missing(-errno))
        return 0;
    return -errno;
}

/* Sets the owner, the mode, the times and the extended attributes of the
 * directory fd to those of its source. The source was closed after its files
 * were copied, so this function opens it again by its name. If the name now
 * refers to another directory, or does not exist, sets all except the extended
 * attributes. Returns 0 or -errno. */
static int preserve(const struct directory *made, int source, int fd,
                    struct stats *stats)
{
    int from = below_open(source, made->path, O_RDONLY | O_DIRECTORY);
    int missing = from < 0 ? from : 0, rc;
    struct stat now;

    if (from >= 0 &&
        (fstat(from, &now) < 0 || !file_is_same(&now, &made->source))) {
        close(from);
        from = -1;
        missing = -ESTALE;
    }
    rc = attributes_preserve(fd, &made->source, from, stats);
    if (from >= 0)
        close(from);
    return rc < 0 ? rc : missing;
}

/* Sets the mode of a directory. With -p, sets the owner, the times and the
 * extended attributes, too. With --fsync, syncs the directory. Returns 0, or
 * -errno after printing a message. */
static int finish(const struct directory *made, int source, int dir,
                  struct cp *cp, const char *shown)
{
    int fd = below_open(dir, made->path, O_RDONLY | O_DIRECTORY);
    int rc, unsynced = 0;

    if (fd < 0)
        rc = fd;
    else if (cp->options.preserve)
        rc = preserve(made, source, fd, &cp->stats);
    else
        rc = set_mode(fd, made->mode);
    if (rc < 0)
        message_error("cannot set mode, owner, times and attributes of a "
                      "directory in",
                      shown, rc);
    if (fd >= 0 && cp->options.fsync)
        unsynced = optional_sync_directory(fd);
    if (unsynced < 0)
        message_error("cannot sync a directory in", shown, unsynced);
    if (fd >= 0)
        close(fd);
    return rc < 0 ? rc : unsynced;
}

int directories_finish(const struct directories *made, int source, int dir,
                       struct cp *cp, const char *shown)
{
    int rc = 0;

    /* Finish subdirectories before their parent, because the parent's final
     * mode may forbid us to enter it. */
    for (size_t i = made->count; i-- > 0;) {
        int failed = finish(&made->list[i], source, dir, cp, shown);

        if (failed < 0)
            rc = failed;
    }
    return rc;
}

/* Removes the files in a directory. Its subdirectories are already removed. */
static void empty_directory(int dir, const char *path)
{
    int fd = below_open(dir, path, O_RDONLY | O_DIRECTORY);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (stream == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(stream)) != NULL)
        (void)unlinkat(fd, entry->d_name, 0);
    closedir(stream);
}

/* Makes a directory accessible to us. If removes is set, removes the directory
 * instead, which succeeds only if the directory is empty. */
static void permit_or_remove(int root, const char *path, bool removes)
{
    const char *name;
    int dir = below_open_parent(root, path, &name);

    if (dir < 0)
        return;
    if (removes)
        (void)unlinkat(dir, name, AT_REMOVEDIR);
    else
        (void)fchmodat(dir, name, S_IRWXU, AT_SYMLINK_NOFOLLOW);
    close(dir);
}

void directories_remove(const struct directories *made, int dir)
{
    /* Make a parent accessible before its subdirectories: its final mode, if
     * already set, may forbid us to reach them. */
    for (size_t i = 0; i < made->count; i++)
        permit_or_remove(dir, made->list[i].path, false);
    for (size_t i = made->count; i-- > 0;) {
        empty_directory(dir, made->list[i].path);
        permit_or_remove(dir, made->list[i].path, true);
    }
}

void directories_release(struct directories *made)
{
    while (made->count > 0)
        free(made->list[--made->count].path);
    free(made->list);
}
