/* cp-uring: cp through a ring.
 *
 * What it teaches: when many operations in flight save time. For one big file,
 * reads and writes overlap and keep two processors busy instead of one. For
 * many small files, one call submits hundreds of opens, reads, writes and
 * closes. The program also shows what any copy must guarantee: at any time the
 * target is either the old file or the complete new one, holes stay holes, and
 * a short read or write loses no data.
 *
 *   do      read cp.h first: it lists the files
 *   do      give every operation its own offset: they complete in any order
 *   do not  exit while an operation is in flight: wait for its completion
 *   do not  trust the size that stat reports: it is a hint */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "copy.h"
#include "cp.h"
#include "cp_batch.h"
#include "file.h"
#include "pump.h"
#include "stop.h"
#include "tree.h"

/* Sets *name to the last component of path, and returns its length without
 * trailing slashes. For a path such as "/" or "a/..", the name is ".". */
static size_t last_name(const char *path, const char **name)
{
    size_t len = strlen(path), start;

    while (len > 1 && path[len - 1] == '/')
        len--;
    for (start = len; start > 0 && path[start - 1] != '/';)
        start--;
    *name = path + start;
    if (len - start != 0 && strncmp(*name, "..", len - start) != 0)
        return len - start;
    *name = ".";
    return 1;
}

/* Returns DIRECTORY/NAME, where NAME is the last component of source, or NULL
 * if memory runs out. The caller frees it. */
static char *name_in(const char *directory, const char *source)
{
    size_t len = strlen(directory);
    const char *name;
    size_t name_len = last_name(source, &name);
    char *path = malloc(len + name_len + 2);

    if (path == NULL)
        return NULL;
    memcpy(path, directory, len);
    if (len > 0 && directory[len - 1] != '/')
        path[len++] = '/';
    memcpy(path + len, name, name_len);
    path[len + name_len] = '\0';
    return path;
}

/* Copies one source of any kind to target. If batches is set and the file is
 * small, only adds it to the batch, which copies many files together
 * (cp_batch.h). Returns 0, or -errno after printing a message. */
static int copy_source(struct cp *cp, const char *source, const char *target,
                       bool batches)
{
    struct cp_name from = {AT_FDCWD, source, source};
    struct cp_name to = {AT_FDCWD, target, target};
    bool follow = !cp->options.recursive;
    struct stat info;
    uint64_t on_disk;

    if (batches && cp_batch_take(cp, &from, &to, false))
        return 0;
    if (fstatat(AT_FDCWD, source, &info,
                follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
        int rc = -errno;

        message_error("cannot open", source, rc);
        return rc;
    }
    on_disk = (uint64_t)info.st_blocks * 512;
    switch (file_kind_of(info.st_mode)) {
    case FILE_REGULAR:
        if (cp->options.source_count == 1)
            cp->stats.total = (uint64_t)info.st_size;
        /* Do not count holes that are kept, or the progress line would stop
         * short of the total. */
        if (cp->options.keep_holes && on_disk < cp->stats.total)
            cp->stats.total = on_disk;
        return copy_file(cp, &from, &to, follow, false);
    case FILE_LINK:
        return copy_link(cp, &from, &to, false);
    case FILE_DIRECTORY:
        if (cp->options.recursive)
            return tree_copy(cp, source, target, &info);
        message_refusal("cannot copy", source, "it is a directory (use -r)");
        return -EISDIR;
    default:
        message_refusal("cannot copy", source,
                        file_kind_words(file_kind_of(info.st_mode)));
        return -EINVAL;
    }
}

/* Finds the directory that the sources are copied into. Sets *directory to NULL
 * if the only source is copied to the target itself. Returns 0, or -errno after
 * printing a message. */
static int find_directory(const struct cp_options *options,
                          const char **directory)
{
    const char *wanted = options->target_dir != NULL ? options->target_dir
                                                     : options->target;
    struct stat info;
    bool exists = stat(wanted, &info) == 0;
    int rc = exists ? -ENOTDIR : -errno;

    *directory = NULL;
    if (options->no_target_directory)
        return 0;
    if (exists && file_kind_of(info.st_mode) == FILE_DIRECTORY) {
        *directory = wanted;
        return 0;
    }
    if (options->target_dir == NULL && options->source_count == 1)
        return 0;
    message_error("cannot copy into", wanted, rc);
    return rc;
}

/* Returns true if the files in directory suit a ring (file_suits_ring). */
static bool suits_ring(const char *directory)
{
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool suits = fd >= 0 && file_suits_ring(fd);

    if (fd >= 0)
        close(fd);
    return suits;
}

/* Copies all sources. Continues after one that fails. Returns main's exit
 * code. */
static int copy_all(struct cp *cp)
{
    const char *directory;
    int code = 0;
    bool batches;

    if (find_directory(&cp->options, &directory) < 0)
        return 1;
    batches = cp->options.source_count > 1 && suits_ring(directory);
    for (int i = 0; i < cp->options.source_count; i++) {
        const char *source = cp->options.sources[i];
        char *path = directory != NULL ? name_in(directory, source) : NULL;

        if (directory != NULL && path == NULL) {
            message_error("cannot copy", source, -ENOMEM);
            return 1;
        }
        if (copy_source(cp, source, path != NULL ? path : cp->options.target,
                        batches) < 0)
            code = 1;
        free(path);
        if (stop_requested() != 0)
            break;
    }
    return cp_batch_finish(cp) < 0 ? 1 : code;
}

/* The order of the last steps matters. The progress line ends first, because
 * messages follow. Then stdout is flushed, because exit code 0 promises that
 * the lines of -v are written. Last, if a signal stopped the copy, the program
 * ends with that signal. */
int main(int argc, char **argv)
{
    struct cp cp = {.target_is_new = false};
    int code;

    message_hold_standard_fds();
    message_set_program("cp-uring");
    code = cp_options_parse(&cp.options, argc, argv);
    if (code >= 0)
        return code;
    stats_init(&cp.stats, &cp.options);
    stop_on_signals();
    code = cp.options.engine == CP_ENGINE_URING ? pump_init(&cp) : 0;
    if (code < 0) {
        message_error("cannot set up io_uring (--engine rw does not need it)",
                      NULL, code);
        return 2;
    }
    code = copy_all(&cp);
    stats_finish_progress(&cp.stats);
    if (fflush(stdout) == EOF && stop_requested() != SIGPIPE) {
        message_error("write error", NULL, -errno);
        code = 1;
    }
    stats_print(&cp.stats, &cp.options);
    created_finish(&cp.created);
    stop_by_signal();
    return code;
}
