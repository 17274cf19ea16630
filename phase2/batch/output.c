/* output.c: writes the files to stdout in command-line order; see output.h.
 * Introduced in phase 2. Needs: output.h, file.h, sys.h.
 *
 * What it teaches: reads may complete in any order, but the output must have
 * one order. If two writes to a pipe are in flight together, they may run in
 * either order, however they were submitted. So at most one operation on stdout
 * is in flight. To make the round trip worthwhile, that operation writes all
 * bytes that are due: those of the oldest file, and of the files after it, up
 * to the first file that has not ended. That file's buffer is included if it
 * is full.
 *
 * A short write ends somewhere inside these bytes. The next write begins there,
 * so the order is kept.
 *
 * If stdout is a file, it has a position, which other writers may share: stderr
 * under `>log 2>&1`, or the other programs of a script. write(2) holds a lock
 * while it uses and moves the position. An operation on the ring reads the
 * position when it starts and stores it when it ends, without the lock. If an
 * error cuts the write short, Linux 6.18 does not store the position, and the
 * next write overwrites the bytes that were written. So batch writes to a file
 * with a plain writev, which copies into the page cache. A write through the
 * ring would not make this copy faster. */
#include "output.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "sys.h"

/* The kernel accepts at most this many buffers in one writev. */
#define LIST_MAX 1024u

int output_open(struct output *o)
{
    return sys_stat(STDOUT_FILENO, &o->info);
}

int output_init(struct output *o)
{
    const struct window *w = o->window;

    o->run = calloc(w->size, sizeof *o->run);
    o->list = calloc(w->size * w->buffers.per_set, sizeof *o->list);
    return o->run == NULL || o->list == NULL ? -ENOMEM : 0;
}

void output_finish(struct output *o)
{
    free(o->run);
    free(o->list);
}

/* Fills the run with the entries to write now. */
static void gather(struct output *o)
{
    const struct window *w = o->window;
    unsigned limit = o->mode->is_serial ? 1 : LIST_MAX / w->buffers.per_set;

    o->run_count = 0;
    for (unsigned file = w->head; file < w->tail && o->run_count < limit;
         file++) {
        struct entry *e = window_entry(w, file);

        if (window_is_ready(w, e))
            o->run[o->run_count++] = e;
        if (!e->has_ended)
            break; /* later files wait for the rest of this one */
    }
}

/* Applies the result of a write to the entries of the run. */
static void run_advance(struct output *o, int result)
{
    size_t len = result > 0 ? (unsigned)result : 0;
    /* A write to a terminal may need an io-wq worker. If the kernel has none,
     * it cancels the write. */
    bool is_withdrawn = result == -ECANCELED &&
                        window_retries(o->run[0], IORING_OP_WRITE, result);

    for (unsigned i = 0; i < o->run_count; i++) {
        struct entry *e = o->run[i];
        size_t due = e->filled - e->written;
        size_t done = len < due ? len : due;

        e->written += done;
        o->counts->bytes += done;
        len -= done;
        if (e->written == e->filled)
            window_empty(e);
    }
    assert(len == 0);
    if (result == -EAGAIN)
        o->is_full = true; /* stdout was opened with O_NONBLOCK */
    else if (result == 0)
        o->result = -EIO; /* wrote nothing: a retry could loop forever */
    else if (result < 0 && result != -EINTR && !is_withdrawn)
        o->result = result;
}

/* Writes the run with a system call, or queues a write on the ring. */
static void write_run(struct output *o)
{
    struct window *w = o->window;
    unsigned count = 0;

    for (unsigned i = 0; i < o->run_count; i++) {
        const struct entry *e = o->run[i];

        count += buffers_list(&w->buffers, e->set, e->written, e->filled,
                              o->list + count);
    }
    if (S_ISREG(o->info.st_mode) || S_ISBLK(o->info.st_mode)) {
        /* The ring would not lock the position: see the file comment. */
        ssize_t put = writev(STDOUT_FILENO, o->list, (int)count);

        o->counts->system_calls++;
        run_advance(o, put < 0 ? -errno : (int)put);
        return;
    }
    for (unsigned i = 0; i < o->run_count; i++)
        buffers_lend(&w->buffers, o->run[i]->set);
    o->is_writing = true;
    o->mode->write(w, o->run[0], o->list, count);
}

/* For --quiet: discards the bytes that are due, in any order. */
static void discard(struct output *o)
{
    const struct window *w = o->window;

    for (unsigned file = w->head; file < w->tail; file++) {
        struct entry *e = window_entry(w, file);

        if (!window_is_ready(w, e))
            continue;
        o->counts->bytes += e->filled;
        window_empty(e);
    }
}

void output_run(struct output *o)
{
    struct window *w = o->window;

    if (o->is_quiet) {
        discard(o);
        return;
    }
    if (o->result < 0 || o->is_writing || batch_ring_is_busy(w->ring))
        return;
    gather(o);
    if (o->run_count == 0)
        return;
    if (o->is_full) {
        o->is_writing = true;
        io_uring_prep_poll_add(window_sqe(w, NULL, STEP_WAIT_OUTPUT),
                               STDOUT_FILENO, POLLOUT);
    } else {
        write_run(o);
    }
}

void output_done(struct output *o, enum step step, int result)
{
    assert(o->is_writing);
    o->is_writing = false;
    if (step == STEP_WAIT_OUTPUT) {
        o->is_full = false;
        return;
    }
    for (unsigned i = 0; i < o->run_count; i++)
        buffers_reclaim(&o->window->buffers, o->run[i]->set);
    run_advance(o, result);
}

bool output_is_file(struct output *o, const char *path)
{
    struct stat info;

    if (o->is_quiet || !S_ISREG(o->info.st_mode))
        return false; /* stdout is not used, or not a regular file */
    o->counts->system_calls++;
    return stat(path, &info) == 0 && file_is_same(&info, &o->info);
}
