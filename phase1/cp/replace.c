/* replace.c: decides whether an existing file may be replaced, and explains a
 * refusal; see replace.h. */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "message.h"
#include "file.h"

/* Returns the reason why no rename can replace the target, or NULL if it finds
 * no reason. */
static const char *find_obstacle(const struct target *target)
{
    struct statx file = {0}, dir = {0};

    (void)statx(target->dir, target->name,
                AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &file);
    (void)statx(target->dir, "", AT_EMPTY_PATH, 0, &dir);
    if (file.stx_attributes & STATX_ATTR_MOUNT_ROOT)
        return "it is a mount point (--inplace writes into it)";
    if (file.stx_attributes & STATX_ATTR_IMMUTABLE)
        return "it is immutable (chattr +i)";
    if (file.stx_attributes & STATX_ATTR_APPEND)
        return "it is append-only (chattr +a)";
    if (dir.stx_attributes & STATX_ATTR_IMMUTABLE)
        return "its directory is immutable (--inplace writes into the file)";
    if (dir.stx_attributes & STATX_ATTR_APPEND)
        return "its directory is append-only (--inplace writes into the file)";
    if (faccessat(target->dir, ".", W_OK | X_OK, AT_EACCESS) < 0 &&
        errno == EACCES)
        return "its directory is not writable (--inplace writes into the file)";
    return NULL;
}

int replace_check(const struct target *target, const struct cp *cp,
                  const struct stat *existing)
{
    enum file_kind kind = file_kind_of(existing->st_mode);
    const char *obstacle;

    if (cp->options.no_clobber)
        return 1;
    if (file_is_same(existing, &target->source)) {
        message_refusal("cannot copy onto itself", target->shown,
                        "source and target are the same file");
        return -EEXIST;
    }
    if (created_is_copy(&cp->created, existing, &target->source)) {
        message_refusal("skipped", target->shown,
                        "its source was named more than once");
        return 1;
    }
    if (cp->target_is_new || created_has(&cp->created, existing)) {
        message_refusal("cannot overwrite", target->shown,
                        "this run created it from another source");
        return -EEXIST;
    }
    if (kind != FILE_REGULAR && kind != FILE_LINK) {
        message_refusal("cannot replace", target->shown, file_kind_words(kind));
        return -EEXIST;
    }
    if (target->dir < 0)
        return 0; /* --inplace writes into the file */
    obstacle = find_obstacle(target);
    if (obstacle != NULL) {
        message_refusal("cannot replace", target->shown, obstacle);
        return -EPERM;
    }
    /* Without -f, keep a write-protected file. The check follows links, so it
     * is skipped for a link: the link is replaced, not the file that it points
     * to. */
    if (kind == FILE_REGULAR && !cp->options.force &&
        faccessat(target->dir, target->name, W_OK, AT_EACCESS) < 0)
        return message_error("cannot replace (use -f)", target->shown,
                             -errno);
    return 0;
}

int replace_explain(const struct target *target, int result)
{
    const char *obstacle = find_obstacle(target);
    struct stat dir = {0}, file = {0};

    (void)fstat(target->dir, &dir);
    if (fstatat(target->dir, target->name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
        obstacle == NULL && result == -EPERM && (dir.st_mode & S_ISVTX) &&
        file.st_uid != geteuid())
        obstacle = "its directory is sticky, and another user owns the file "
                   "(--inplace writes into it)";
    if (obstacle != NULL)
        message_refusal("cannot replace", target->shown, obstacle);
    else
        (void)message_error("cannot rename the copy to", target->shown,
                            result);
    return result;
}

bool replace_is_append_only(int dir, const char *path)
{
    struct statx info = {0};

    return statx(dir, path, AT_EMPTY_PATH, 0, &info) == 0 &&
           (info.stx_attributes & STATX_ATTR_APPEND) != 0;
}
