/* cp_batch.c: many small files at once; see cp_batch.h.
 *
 *   free -> READING -> WRITING -> free
 *              |          |
 *              +-> UNDOING -> file_copy -> free
 *
 * A place moves on when all its operations are complete: each has put its
 * result where its step is. */
#include "cp_batch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cp_data.h"
#include "cp_file.h"
#include "cp_ring.h"
#include "cp_stop.h"
#include "file.h"
#include "say.h"

#define PLACES_MAX 64
#define SMALL_LEN (64 * 1024) /* a small file is smaller */
#define SHOWN_LEN (2 * PATH_MAX)

/* The operations of a place. Their number is a part of the tag. */
enum step {
    SOURCE_OPEN,
    SOURCE_READ,
    SOURCE_CLOSE,
    TARGET_OPEN,
    TARGET_WRITE,
    TARGET_SYNC,
    TARGET_CLOSE,
    STEPS,
};

enum phase { READING, WRITING, UNDOING };

struct place {
    enum phase phase;
    unsigned pending; /* operations whose CQE is still to come */
    int results[STEPS];
    size_t len;
    mode_t mode;
    struct cp_name source, target; /* into the two texts below */
    char source_shown[SHOWN_LEN], target_shown[SHOWN_LEN];
};

static struct {
    bool ready;
    int broken; /* why there is no ring, or no longer */
    struct cp_ring ring;
    unsigned count; /* of places */
    struct place places[PLACES_MAX];
    unsigned free[PLACES_MAX];
    unsigned free_count;
    int result; /* of the first file that could not be copied */
} batch;

static char small[PLACES_MAX][SMALL_LEN];

/* A ring and a table of two files a place: source and target. The table may
 * be no longer than the process may have files open. */
static int batch_init(struct cp *cp)
{
    struct rlimit limit;
    int rc;

    if (batch.ready || batch.broken < 0)
        return batch.broken;
    batch.count = PLACES_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < 2 * PLACES_MAX)
        batch.count = (unsigned)limit.rlim_cur / 2;
    if (batch.count == 0)
        return batch.broken = -EMFILE;
    rc = ring_init(&batch.ring, batch.count * STEPS, &cp->report);
    if (rc < 0)
        return batch.broken = rc;
    rc = io_uring_register_files_sparse(&batch.ring.uring, 2 * batch.count);
    if (rc < 0) {
        ring_finish(&batch.ring);
        return batch.broken = rc;
    }
    while (batch.free_count < batch.count) {
        batch.free[batch.free_count] = batch.free_count;
        batch.free_count++;
    }
    batch.ready = true;
    return 0;
}

bool batch_takes(const struct cp *cp, const struct stat *source)
{
    const struct cp_options *options = &cp->options;

    if (options->engine != CP_ENGINE_URING || options->preserve ||
        options->direct || file_kind_of(source->st_mode) != FILE_REGULAR)
        return false;
    /* Shorter than a page it has no holes, however few blocks it has. */
    return source->st_size < SMALL_LEN &&
           (source->st_size <= DATA_ALIGN ||
            source->st_blocks >= source->st_size / 512);
}

static unsigned number_of(const struct place *place)
{
    return (unsigned)(place - batch.places);
}

/* An entry for one step of a place; link ties the next entry to it. */
static void prepared(struct place *place, struct io_uring_sqe *sqe,
                     enum step step, unsigned flags)
{
    sqe->flags |= (unsigned char)flags;
    ring_tag(sqe, (uint64_t)number_of(place) * STEPS + step);
    place->results[step] = -ECANCELED;
    place->pending++;
}

static void close_file(struct place *place, enum step step)
{
    struct io_uring_sqe *sqe = ring_sqe(&batch.ring);
    unsigned file = number_of(place);

    io_uring_prep_close_direct(sqe, step == SOURCE_CLOSE ? file
                                                         : batch.count + file);
    prepared(place, sqe, step, 0);
}

/* More is asked for than the file is long: less than a whole buffer shows that
 * it ended there. */
static void begin_reading(struct place *place)
{
    unsigned file = number_of(place);
    struct io_uring_sqe *sqe = ring_sqe(&batch.ring);

    place->phase = READING;
    io_uring_prep_openat_direct(sqe, place->source.dir, place->source.path,
                                O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                                0, file);
    prepared(place, sqe, SOURCE_OPEN, IOSQE_IO_LINK);
    sqe = ring_sqe(&batch.ring);
    io_uring_prep_read(sqe, (int)file, small[file], SMALL_LEN, 0);
    prepared(place, sqe, SOURCE_READ, IOSQE_FIXED_FILE);
}

/* The kernel takes the umask's bits from the mode. Each link waits for the one
 * before it, and is cancelled if that one failed or was short. */
static void begin_writing(struct cp *cp, struct place *place)
{
    unsigned number = number_of(place), file = batch.count + number;
    struct io_uring_sqe *sqe;

    place->phase = WRITING;
    close_file(place, SOURCE_CLOSE);
    sqe = ring_sqe(&batch.ring);
    io_uring_prep_openat_direct(sqe, place->target.dir, place->target.path,
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                place->mode & 0777, file);
    prepared(place, sqe, TARGET_OPEN, IOSQE_IO_LINK);
    if (place->len > 0) {
        sqe = ring_sqe(&batch.ring);
        io_uring_prep_write(sqe, (int)file, small[number],
                            (unsigned)place->len, 0);
        prepared(place, sqe, TARGET_WRITE, IOSQE_FIXED_FILE | IOSQE_IO_LINK);
    }
    if (cp->options.fsync) {
        sqe = ring_sqe(&batch.ring);
        io_uring_prep_fsync(sqe, (int)file, 0);
        prepared(place, sqe, TARGET_SYNC, IOSQE_FIXED_FILE | IOSQE_IO_LINK);
    }
    close_file(place, TARGET_CLOSE);
}

/* Closes what a broken chain has left open. */
static void begin_undoing(struct place *place)
{
    place->phase = UNDOING;
    if (place->results[SOURCE_OPEN] >= 0 && place->results[SOURCE_CLOSE] < 0)
        close_file(place, SOURCE_CLOSE);
    if (place->results[TARGET_OPEN] >= 0 && place->results[TARGET_CLOSE] < 0)
        close_file(place, TARGET_CLOSE);
}

static void release(struct place *place)
{
    batch.free[batch.free_count++] = number_of(place);
}

/* One file at a time, by the code that can tell what is the matter. */
static void copy_again(struct cp *cp, struct place *place)
{
    int rc = 0;

    if (place->results[TARGET_OPEN] >= 0)
        (void)unlinkat(place->target.dir, place->target.path, 0);
    if (stop_requested() == 0)
        rc = file_copy(cp, &place->source, &place->target, false, true);
    if (rc < 0 && batch.result == 0)
        batch.result = rc;
    release(place);
}

static bool has_written(const struct cp *cp, const struct place *place)
{
    const int *results = place->results;

    return results[TARGET_OPEN] >= 0 && results[TARGET_CLOSE] >= 0 &&
           (place->len == 0 || results[TARGET_WRITE] == (int)place->len) &&
           (!cp->options.fsync || results[TARGET_SYNC] >= 0);
}

/* All operations of the place are complete: what is next? */
static void advance(struct cp *cp, struct place *place)
{
    if (place->phase == READING &&
        place->results[SOURCE_READ] == (int)place->len) {
        begin_writing(cp, place);
    } else if (place->phase == WRITING && has_written(cp, place)) {
        report_bytes(&cp->report, place->len);
        file_copied(cp, place->source.shown, place->target.shown);
        release(place);
    } else {
        if (place->phase != UNDOING)
            begin_undoing(place);
        if (place->pending == 0)
            copy_again(cp, place);
    }
}

/* Waits for something to complete, and moves the places on. Returns 0, or
 * -errno when the ring is beyond use. */
static int turn(struct cp *cp)
{
    uint64_t tag;
    int result, rc = ring_wait(&batch.ring);

    if (rc < 0) {
        say_error("cannot enter the ring", NULL, SAY_NO_OFFSET, rc);
        batch.result = rc;
        return batch.broken = rc;
    }
    while (ring_next(&batch.ring, &tag, &result)) {
        struct place *place = &batch.places[tag / STEPS];

        assert(tag / STEPS < batch.count && place->pending > 0);
        place->results[tag % STEPS] = result;
        if (--place->pending == 0)
            advance(cp, place);
    }
    return 0;
}

/* Copies a name into a place: path stays the end of shown. Returns false if
 * it is too long. */
static bool keep_name(struct cp_name *name, char *text,
                      const struct cp_name *from)
{
    size_t len = strlen(from->shown);

    if (len >= SHOWN_LEN)
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

int batch_add(struct cp *cp, const struct cp_name *source,
              const struct cp_name *target, const struct stat *info)
{
    struct place *place;
    int rc = batch_init(cp);

    while (rc == 0 && batch.free_count == 0)
        rc = turn(cp);
    if (rc < 0)
        return rc;
    place = &batch.places[batch.free[batch.free_count - 1]];
    if (!keep_name(&place->source, place->source_shown, source) ||
        !keep_name(&place->target, place->target_shown, target))
        return -ENAMETOOLONG;
    batch.free_count--;
    place->len = (size_t)info->st_size;
    place->mode = info->st_mode;
    for (int i = 0; i < STEPS; i++)
        place->results[i] = -ECANCELED;
    begin_reading(place);
    return 0;
}

int batch_finish(struct cp *cp)
{
    int rc = 0;

    while (rc == 0 && batch.ready && batch.ring.in_flight > 0)
        rc = turn(cp);
    rc = batch.result;
    batch.result = 0;
    return rc;
}
