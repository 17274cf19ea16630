/* directory.c: the names of a directory; see directory.h. */
#include "directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "path.h"
#include "sys.h"

#define GETDENTS_LEN 32768u
#define OPEN_TRIES 3

/* The memory of a directory. Pages that are not touched use no memory. */
struct directory_memory {
    struct directory_entry entries[DIRECTORY_NAMES_MAX];
    char names[DIRECTORY_NAMES_MAX][DIRECTORY_NAME_BYTES];
    _Alignas(struct dirent64) char dents[GETDENTS_LEN];
    char path[PATH_MAX]; /* of a link */
};

/* Opens the target of a link, as a request would: below the root. Does not open
 * its content, so it never waits. Returns an fd or -errno. */
static int open_target(char path[PATH_MAX],
                       const struct directory_source *source, const char *name)
{
    const struct open_how how = {
        .flags = O_PATH | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int len = snprintf(path, PATH_MAX, "%s%s", source->path, name);
    long fd = -1;

    if (len >= PATH_MAX)
        return -ENAMETOOLONG;
    errno = EAGAIN;
    for (int i = 0; i < OPEN_TRIES && fd < 0 && errno == EAGAIN; i++)
        fd = syscall(SYS_openat2, source->root, path, &how, sizeof how);
    return fd < 0 ? -errno : (int)fd;
}

/* Fills *entry, except for its name. Returns false if a request for the name
 * would not find a file. */
static bool describe(struct directory_memory *memory,
                     const struct directory_source *source, const char *name,
                     struct directory_entry *entry)
{
    struct stat is;

    if (fstatat(source->fd, name, &is, AT_SYMLINK_NOFOLLOW) < 0)
        return false; /* it was removed */
    if (S_ISLNK(is.st_mode)) {
        int fd = source->follows_links
                     ? open_target(memory->path, source, name)
                     : -ELOOP;

        if (fd < 0)
            return false;
        if (fstat(fd, &is) < 0)
            is.st_mode = 0;
        close(fd);
    }
    entry->is_directory = S_ISDIR(is.st_mode);
    entry->size = (uint64_t)is.st_size;
    entry->modified_s = is.st_mtime;
    return S_ISDIR(is.st_mode) || S_ISREG(is.st_mode);
}

/* Returns true if the listing shows the name. Leaves out a name with a
 * backslash, because path_decode refuses it. */
static bool is_shown(const struct directory_source *source, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        strchr(name, '\\') != NULL)
        return false;
    return source->shows_hidden || !path_is_hidden(view_of(name), false);
}

/* Adds one name, unless it is not shown. */
static void add(struct directory *directory,
                const struct directory_source *source, const char *name)
{
    struct directory_memory *memory = directory->memory;
    const size_t i = directory->count;

    if (!is_shown(source, name))
        return;
    if (i == DIRECTORY_NAMES_MAX) {
        directory->is_cut = true;
        return;
    }
    if (!describe(memory, source, name, &memory->entries[i]))
        return;
    (void)snprintf(memory->names[i], DIRECTORY_NAME_BYTES, "%s", name);
    memory->entries[i].name = memory->names[i];
    directory->count++;
}

static int compare(const void *a, const void *b)
{
    const struct directory_entry *x = a, *y = b;
    int order = (int)y->is_directory - (int)x->is_directory;

    if (order == 0)
        order = strcasecmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->name, y->name);
}

/* Reads the names, without sorting them. Returns 0 or -errno. */
static int read_names(struct directory *directory,
                      const struct directory_source *source)
{
    char *dents = directory->memory->dents;
    ssize_t got;

    while (!directory->is_cut &&
           (got = getdents64(source->fd, dents, GETDENTS_LEN)) != 0) {
        if (got < 0)
            return -errno;
        for (ssize_t at = 0; at < got && !directory->is_cut;) {
            const struct dirent64 *entry = (const void *)(dents + at);

            add(directory, source, entry->d_name);
            at += entry->d_reclen;
        }
    }
    return 0;
}

int directory_read(struct directory *directory,
                   const struct directory_source *source)
{
    void *memory;
    int rc = sys_map(&memory, sizeof *directory->memory);

    if (rc < 0)
        return rc;
    *directory = (struct directory){.memory = memory};
    directory->entries = directory->memory->entries;
    rc = read_names(directory, source);
    if (rc < 0)
        directory_free(directory);
    else
        qsort(directory->memory->entries, directory->count,
              sizeof *directory->entries, compare);
    return rc;
}

void directory_free(struct directory *directory)
{
    (void)sys_unmap(directory->memory, sizeof *directory->memory);
    *directory = (struct directory){0};
}
