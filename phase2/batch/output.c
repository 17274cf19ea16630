/* output.c: bytes to stdout, in the order of the command line.
 * Introduced in phase 2. Needs: mode.h, batch_ring.h.
 *
 * What it teaches: reads may complete in any order, a stream has only one. Two
 * writes to one pipe that are in flight together may run in either order, even
 * if they were submitted in the right one. So one operation at a time is in
 * flight on stdout, and to be worth its round trip it carries all that is due:
 * the run of places from the oldest file up to the first that is not ready.
 *
 * A short write ends somewhere inside the run; it moves the run's beginning,
 * never its order.
 *
 * A stdout that is a file has a position, which it shares: with stderr under
 * `>log 2>&1`, with every other program of a script. write(2) locks it while it
 * uses and moves it. An operation on the ring takes the position when it begins
 * and stores it when it ends, without the lock; and if it comes short because
 * of an error, it is not stored at all (Linux 6.18), and the next write begins
 * at the old place. So what has a position gets a plain writev: it goes to the
 * page cache, where a worker thread of the ring would do no better. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mode.h"
#include "batch_ring.h"
#include "file.h"

/* As many pieces as the kernel takes in one writev. */
#define LIST_MAX 1024u

/* Lists the places to write now; returns how many. */
static unsigned gather(struct batch *b)
{
    unsigned limit = b->mode->is_serial ? 1 : LIST_MAX / b->pieces;
    unsigned count = 0;

    for (unsigned file = b->head; file < b->tail && count < limit; file++) {
        unsigned place = file % b->window;
        struct place *p = &b->places[place];

        if (batch_is_ready(b, p))
            b->run[count++] = place;
        if (!p->has_ended)
            break; /* the files behind this one wait for the rest of it */
    }
    return count;
}

static bool has_position(const struct batch *b)
{
    return S_ISREG(b->out_info.st_mode) || S_ISBLK(b->out_info.st_mode);
}

/* What a write of the run has come to. */
static void run_advance(struct batch *b, int result)
{
    size_t len = result > 0 ? (unsigned)result : 0;

    for (unsigned i = 0; i < b->run_count; i++) {
        struct place *p = &b->places[b->run[i]];
        size_t due = p->filled - p->written;
        size_t done = len < due ? len : due;

        p->written += done;
        b->counts.bytes += done;
        len -= done;
        if (p->written == p->filled)
            batch_empty(p);
    }
    assert(len == 0);
    if (result == -EAGAIN)
        b->is_output_full = true; /* whoever gave us stdout set O_NONBLOCK */
    else if (result == 0)
        b->output_result = -EIO; /* neither bytes nor an error: no progress */
    else if (result < 0 && result != -EINTR)
        b->output_result = result;
}

/* Writes the run: at once, or as an operation that is in flight afterwards. */
static void write_run(struct batch *b)
{
    unsigned list_count = 0;

    for (unsigned i = 0; i < b->run_count; i++) {
        struct place *p = &b->places[b->run[i]];

        list_count += batch_list(b, p->slots, p->written, p->filled,
                                 b->run_list + list_count);
    }
    if (has_position(b)) {
        ssize_t put = writev(STDOUT_FILENO, b->run_list, (int)list_count);

        b->counts.system_calls++;
        run_advance(b, put < 0 ? -errno : (int)put);
        return;
    }
    for (unsigned i = 0; i < b->run_count; i++)
        batch_lend(b, b->places[b->run[i]].slots);
    b->is_writing = true;
    b->mode->write(b, list_count);
}

static void wait_for_room(struct batch *b)
{
    b->is_writing = true;
    io_uring_prep_poll_add(batch_sqe(b, 0, STEP_WAIT_OUTPUT), STDOUT_FILENO,
                           POLLOUT);
}

void batch_output(struct batch *b)
{
    if (b->output_result < 0 || b->is_writing ||
        (b->mode->is_serial && b->in_flight > 0))
        return;
    b->run_count = gather(b);
    if (b->run_count == 0)
        return;
    if (b->is_output_full)
        wait_for_room(b);
    else
        write_run(b);
}

void batch_output_done(struct batch *b, enum batch_step step, int result)
{
    assert(b->is_writing);
    b->is_writing = false;
    if (step == STEP_WAIT_OUTPUT) {
        b->is_output_full = false;
        return;
    }
    for (unsigned i = 0; i < b->run_count; i++)
        batch_reclaim(b, b->places[b->run[i]].slots);
    run_advance(b, result);
}

bool batch_is_output(struct batch *b, const char *path)
{
    struct stat info;

    if (b->hand_on != batch_output || !S_ISREG(b->out_info.st_mode))
        return false; /* nothing that is written can be read again */
    b->counts.system_calls++;
    return stat(path, &info) == 0 && file_is_same(&info, &b->out_info);
}

void batch_discard(struct batch *b)
{
    for (unsigned file = b->head; file < b->tail; file++) {
        struct place *p = &b->places[file % b->window];

        if (!batch_is_ready(b, p))
            continue;
        b->counts.bytes += p->filled;
        batch_empty(p);
    }
}
