/* cp_batch.c: copies many small files at once; see cp_batch.h. */
#include "cp_batch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "message.h"
#include "copy.h"
#include "replace.h"
#include "rings.h"
#include "small.h"
#include "stop.h"

/* The maximum number of io-wq workers. Creating a file locks its directory.
 * More workers would wait for each other, and each would use a processor while
 * it waits. */
#define WORKERS 2

static struct {
    bool ready;
    int broken; /* -errno if there is no ring or it has failed, otherwise 0 */
    struct cp_ring ring;
    struct small jobs[CP_BATCH_FILES_MAX];
    unsigned count; /* number of jobs */
    unsigned free[CP_BATCH_FILES_MAX];
    unsigned free_count;
    int result; /* -errno of the first file that failed */
} batch;

/* Creates the ring, with a table of direct descriptors for the jobs. Returns 0
 * or -errno. */
static int make_ring(struct cp *cp)
{
    unsigned workers[2] = {WORKERS, 0}; /* 0: do not change the limit */
    struct rlimit limit;
    int rc;

    /* Each job may need one fd for its source and one entry in the ring's
     * table. RLIMIT_NOFILE limits both, so the number of jobs is at most a
     * quarter of that limit. */
    batch.count = CP_BATCH_FILES_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur / 4 < CP_BATCH_FILES_MAX)
        batch.count = (unsigned)limit.rlim_cur / 4;
    if (batch.count == 0)
        return -EMFILE;
    rc = rings_init(&batch.ring, batch.count * SMALL_STEPS, &cp->stats);
    if (rc < 0)
        return rc;
    rc = io_uring_register_files_sparse(&batch.ring.uring, batch.count);
    if (rc < 0) {
        rings_finish(&batch.ring);
        return rc;
    }
    /* Without this limit the batch is slower, but still correct. */
    (void)io_uring_register_iowq_max_workers(&batch.ring.uring, workers);
    return 0;
}

static int batch_init(struct cp *cp)
{
    if (batch.ready || batch.broken < 0)
        return batch.broken;
    batch.broken = make_ring(cp);
    if (batch.broken < 0)
        return batch.broken;
    for (unsigned i = 0; i < batch.count; i++) {
        batch.jobs[i].number = i;
        batch.free[batch.free_count++] = i;
    }
    batch.ready = true;
    return 0;
}

static void release(struct small *small)
{
    batch.free[batch.free_count++] = small->number;
}

/* Copies the file with copy_file, which prints the reason if it fails. After a
 * stop request, does not copy it. Releases the job. */
static void copy_again(struct cp *cp, struct small *small)
{
    int rc = 0;

    if (stop_requested() == 0)
        rc = copy_file(cp, &small->source, &small->target, false,
                       small->is_private);
    if (rc < 0 && batch.result == 0)
        batch.result = rc;
    release(small);
}

/* Waits for completions, and starts the next step of each file that is ready.
 * Returns 0, or -errno if the ring has failed. */
static int reap(struct cp *cp)
{
    uint64_t tag;
    /* Wait for a quarter of the operations at a time, which takes fewer system
     * calls than waiting for each one. */
    unsigned count = (batch.ring.in_flight + 3) / 4;
    int result, rc = rings_wait(&batch.ring, count);

    if (rc < 0) {
        message_error("cannot enter the ring", NULL, rc);
        batch.result = rc;
        batch.broken = rc;
        return rc;
    }
    while (rings_next(&batch.ring, &tag, &result)) {
        struct small *small = &batch.jobs[tag / SMALL_STEPS];
        enum small_state state;

        assert(tag / SMALL_STEPS < batch.count && small->pending > 0);
        small->results[tag % SMALL_STEPS] = result;
        if (--small->pending > 0)
            continue;
        state = small_advance(small, cp, &batch.ring);
        if (state == SMALL_COPIED) {
            /* With several sources, record this file, so that a later source
             * does not replace it. */
            if (!small->is_private && cp->options.source_count > 1)
                created_add_name(&cp->created, small->target.dir,
                                 small->target.path, &small->info);
            stats_add_bytes(&cp->stats, small->len);
            copy_report(cp, small->source.shown, small->target.shown);
            release(small);
        } else if (state == SMALL_AGAIN) {
            copy_again(cp, small);
        }
    }
    return 0;
}

/* Copies *from to *name, and from->shown to text. The strings of *name are then
 * in text. Returns false if from->shown is too long. */
static bool keep_name(struct cp_name *name, char text[SMALL_NAME],
                      const struct cp_name *from)
{
    size_t len = strlen(from->shown);

    if (len >= SMALL_NAME)
        return false;
    assert(from->path >= from->shown && from->path <= from->shown + len);
    memcpy(text, from->shown, len + 1);
    *name = (struct cp_name){
        .dir = from->dir,
        .path = text + (from->path - from->shown),
        .shown = text,
    };
    return true;
}

/* Returns true if a copy to target is already in flight, which happens if two
 * sources have the same name. */
static bool is_under_way(const struct cp_name *target)
{
    for (unsigned i = 0; i < batch.count; i++)
        if (batch.jobs[i].pending > 0 &&
            strcmp(batch.jobs[i].target_text, target->shown) == 0)
            return true;
    return false;
}

/* Returns true if the batch may create a target outside a private directory:
 * the target does not exist, its name does not end with a slash, --fsync is not
 * set, and its directory lets us rename the temporary file. */
static bool is_free(const struct cp *cp, const struct cp_name *target)
{
    const char *slash = strrchr(target->path, '/');
    struct stat info;
    bool can_rename;
    char *parent;

    if (cp->options.fsync || (slash != NULL && slash[1] == '\0'))
        return false;
    if (fstatat(target->dir, target->path, &info, AT_SYMLINK_NOFOLLOW) == 0 ||
        errno != ENOENT)
        return false;
    parent = slash == NULL
                 ? strdup("")
                 : strndup(target->path, (size_t)(slash - target->path) + 1);
    can_rename = parent != NULL && !replace_is_append_only(target->dir, parent);
    free(parent);
    return can_rename;
}

bool cp_batch_uses(int dir)
{
    for (unsigned i = 0; i < batch.count; i++) {
        const struct small *small = &batch.jobs[i];

        if (small->pending > 0 &&
            (small->source.dir == dir || small->target.dir == dir))
            return true;
    }
    return false;
}

unsigned cp_batch_directories_max(void)
{
    return batch.count < CP_BATCH_FILES_MAX / 2 ? 0 : 2 * batch.count;
}

bool cp_batch_is_lost(void)
{
    return batch.ready && batch.broken < 0;
}

int cp_batch_finish(struct cp *cp)
{
    int rc = 0;

    while (rc == 0 && batch.ready && batch.ring.in_flight > 0)
        rc = reap(cp);
    return batch.result;
}

bool cp_batch_take(struct cp *cp, const struct cp_name *source,
                   const struct cp_name *target, bool is_private)
{
    const struct cp_options *options = &cp->options;
    struct small *small;
    int rc;

    if (options->engine != CP_ENGINE_URING || options->preserve ||
        options->direct == CP_DIRECT_ALWAYS ||
        (!is_private && !is_free(cp, target)))
        return false;
    rc = batch_init(cp);
    while (rc == 0 && batch.free_count == 0)
        rc = reap(cp);
    if (rc < 0)
        return false;
    if (options->source_count > 1 && !is_private && is_under_way(target)) {
        (void)cp_batch_finish(cp); /* complete the first copy */
        return false;
    }
    small = &batch.jobs[batch.free[batch.free_count - 1]];
    if (!keep_name(&small->source, small->source_text, source) ||
        !keep_name(&small->target, small->target_text, target))
        return false;
    small->is_private = is_private;
    if (small_begin(small, cp, &batch.ring) != SMALL_UNDER_WAY)
        return false;
    batch.free_count--;
    return true;
}
