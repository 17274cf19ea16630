/* sim_given.c: the files that are given to a program; see sim_given.h.
 *
 * What it teaches: what a reader of a file that changes may promise. It returns
 * at least the bytes that the file had all the time, and none that it never
 * had. If it fails, it says so once, and the world has a reason. */
#include "sim_given.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_sink.h"
#include "sim_world.h"

#define CHANGES_MAX 5u
#define PATH "/proc/self/fd/%02d" /* of equal length: no one begins another */
#define PATH_SIZE 32u
#define ERRNO_MAX 134
#define NO_FD 90 /* and the next: never open */

static_assert(GIVEN_MAX <= SINK_FILES_MAX, "a byte can name its file");

/* The driver holds a descriptor of each file, by which the program opens it. */
struct given {
    struct disk_file *file; /* borrowed; NULL: the path leads nowhere */
    int fd;
    char path[PATH_SIZE];
    uint64_t shortest, longest; /* the lengths that it has had */
    int failed; /* the -errno that the program has reported, or 0 */
};

static struct {
    struct given files[GIVEN_MAX];
    char *paths[GIVEN_MAX];
    unsigned count, changes;
    struct disk_file *scratch; /* NULL: none */
    int scratch_fd;
    unsigned fds_max; /* that the program may have */
} given;

static void change_file(void *unused)
{
    struct given *one = &given.files[pick(given.count)];

    (void)unused;
    given.changes--;
    if (one->file == NULL)
        return;
    one->file->len = pick(GIVEN_LEN_MAX);
    check_trace("%s has %u bytes", one->path, (unsigned)one->file->len);
    if (one->file->len < one->shortest)
        one->shortest = one->file->len;
    if (one->file->len > one->longest)
        one->longest = one->file->len;
}

static void offer_events(void)
{
    if (given.changes > 0)
        world_offer(change_file, NULL);
}

void given_begin(bool has_scratch)
{
    memset(&given, 0, sizeof given);
    given.count = 1 + pick(GIVEN_MAX);
    given.changes = pick(2) == 0 ? 0 : pick(CHANGES_MAX);
    for (unsigned i = 0; i < given.count; i++) {
        struct given *one = &given.files[i];
        int fd = NO_FD + (int)i;

        if (pick(12) > 0) {
            one->file = disk_create();
            one->file->len = pick(GIVEN_LEN_MAX);
            one->shortest = one->longest = one->file->len;
            for (uint64_t n = 0; n < GIVEN_LEN_MAX; n++)
                one->file->bytes[n] = sink_byte(i, n);
            /* Some files of /sys return -EAGAIN for every read. */
            one->file->error = pick(24) == 0 ? -EAGAIN : 0;
            fd = one->fd = disk_open(one->file);
        }
        (void)snprintf(one->path, sizeof one->path, PATH, fd);
        given.paths[i] = one->path;
    }
    given.scratch_fd = -1;
    given.fds_max = UINT32_MAX;
    if (has_scratch) {
        given.scratch = disk_create();
        given.scratch_fd = disk_open(given.scratch);
        if (knob_is_on(KNOB_SPACE))
            given.scratch->space = pick(GIVEN_LEN_MAX);
    }
    world_add_source(offer_events);
}

char **given_paths(void)
{
    return given.paths;
}

unsigned given_count(void)
{
    return given.count;
}

int given_scratch(void)
{
    return given.scratch_fd;
}

unsigned given_open_count(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < given.count; i++)
        if (given.files[i].file != NULL)
            count += given.files[i].file->file.fds - 1;
    return count;
}

void given_limit_fds(unsigned count)
{
    given.fds_max = count;
}

/* Takes a message, which ends with the name of an errno: "(EIO)". next is the
 * first file that it may be about. */
static void take_message(const char *line, unsigned *next)
{
    const char *name = strrchr(line, '(');
    size_t len = name != NULL ? strcspn(++name, ")") : 0;
    unsigned i = *next;

    while (i < given.count && strstr(line, given.files[i].path) == NULL)
        i++;
    if (i == given.count || len == 0)
        check_fail("failures-are-reported-in-order", "not expected: '%s'",
                   line);
    check_that(strstr(line, ": compare: ") == NULL, "the-copy-is-equal",
               "another byte was read back from file", i);
    for (int error = 1; error < ERRNO_MAX; error++)
        if (strlen(err_name(-error)) == len &&
            strncmp(name, err_name(-error), len) == 0)
            given.files[i].failed = -error;
    *next = i + 1;
}

static bool is_error_of(const struct disk_file *file, int error)
{
    return file != NULL && file->error == error;
}

/* Returns true if the world has a reason for the error of a file. */
static bool has_cause(const struct given *one)
{
    switch (one->failed) {
    case 0:
        return true;
    case -ENOENT:
        return one->file == NULL;
    case -EMFILE:
        return knob_is_on(KNOB_FD_LIMIT) ||
               &given.files[given.count - 1] - one >= given.fds_max;
    case -ECANCELED:
        return knob_is_on(KNOB_NO_WORKER);
    case -ENOSPC:
        return given.scratch != NULL && given.scratch->space == 0;
    default:
        return is_error_of(one->file, one->failed) ||
               is_error_of(given.scratch, one->failed);
    }
}

void given_check(char *messages, unsigned failed, uint64_t bytes)
{
    unsigned next = 0, seen = 0;
    uint64_t total = 0;
    char *rest;

    for (char *line = strtok_r(messages, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest), seen++)
        take_message(line, &next);
    check_that(seen == failed, "a-failure-is-reported", "files that failed:",
               failed);
    for (unsigned i = 0; i < given.count; i++) {
        const struct given *one = &given.files[i];
        bool is_whole = one->failed == 0 && given.scratch == NULL;
        uint64_t len = sink_len(i);

        check_that(has_cause(one), "a-failure-has-a-cause", "a file ends with",
                   one->failed);
        check_that(one->file != NULL || one->failed != 0,
                   "a-failure-is-reported", "no message about file", i);
        check_that(len <= one->longest && (!is_whole || len >= one->shortest),
                   "the-file-is-complete", "bytes that were written:",
                   (int64_t)len);
        total += len;
    }
    check_that(given.scratch != NULL || bytes == total, "the-file-is-complete",
               "bytes counted:", (int64_t)bytes);
}

void given_end(void)
{
    for (unsigned i = 0; i < given.count; i++)
        if (given.files[i].file != NULL)
            (void)file_close(given.files[i].fd);
    if (given.scratch != NULL)
        (void)file_close(given.scratch_fd);
}
