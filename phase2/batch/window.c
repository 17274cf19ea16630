/* window.c: the window over the files: what can be done next, for each.
 * Introduced in phase 2. Needs: mode.h, batch_ring.h.
 *
 * What it teaches: a program over completions is a loop around one question.
 * Whatever has just come in, look at every place and write down what it can do
 * now; enter the kernel once; take all completions; ask again. No place waits
 * for another one, except for its turn on stdout.
 *
 *      open --> read --> ... --> read = 0 --> close
 *                 |   buffer full   |
 *                 +--> hand on <----+
 */
#include <assert.h>
#include <errno.h>

#include "mode.h"
#include "batch_ring.h"

/* How often a read may say -EAGAIN: some files of /sys say it for ever. */
#define REFUSALS_MAX 100u

bool batch_is_ready(const struct batch *b, const struct place *p)
{
    return p->filled > 0 && (p->has_ended || p->filled == batch_capacity(b));
}

void batch_empty(struct place *p)
{
    p->filled = p->written = p->fetched = 0;
}

void batch_fail(struct place *p, const char *what, int result)
{
    p->has_ended = true;
    if (p->result == 0) {
        p->result = result;
        p->failed = what;
    }
}

/* Writes down the next operation on a place's file, if there is one to do. */
static void advance(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];

    if (p->in_flight > 0 || (b->mode->is_serial && b->in_flight > 0))
        return;
    if (p->has_ended) {
        if (p->is_open)
            b->mode->close(b, place);
    } else if (!p->is_open) {
        if (!b->is_starved)
            b->mode->start(b, place);
    } else if (!batch_is_ready(b, p)) {
        b->mode->read(b, place);
    }
}

/* Gives back the places of the oldest files, as far as they are done. */
static void retire(struct batch *b)
{
    for (; b->head < b->tail; b->head++) {
        struct place *p = &b->places[b->head % b->window];

        if (!p->has_ended || p->is_open || p->in_flight > 0 || p->filled > 0)
            return;
        /* Here, and not where it failed: errors come in the files' order. */
        if (p->result < 0) {
            b->counts.failed++;
            batch_report(p);
        }
        batch_release(b, p->slots);
        if (b->scratch >= 0)
            batch_release(b, p->copies);
    }
}

/* Begins further files while the window has places. */
static void admit(struct batch *b)
{
    for (; b->tail < b->file_count; b->tail++) {
        unsigned place = b->tail % b->window;
        struct place *p = &b->places[place];

        if (b->tail - b->head == b->window)
            return;
        *p = (struct place){.file = b->tail,
                            .path = b->files[b->tail],
                            .is_left_open = p->is_left_open};
        batch_take(b, p->slots);
        if (b->scratch >= 0)
            batch_take(b, p->copies);
        advance(b, place);
    }
}

static void open_done(struct batch *b, struct place *p, int result)
{
    if (result >= 0) {
        p->is_open = true;
        if (!b->mode->is_direct)
            p->fd = result;
    } else if (result == -EMFILE || result == -ENFILE) {
        /* Not this file's fault: it is tried again when one has closed. */
        b->is_starved = true;
    } else if (result != -EINTR) {
        batch_fail(p, "open", result);
    }
}

/* Decides what a read was: error, nothing, the end, or bytes. */
static void read_done(struct batch *b, struct place *p, int result)
{
    batch_reclaim(b, p->slots);
    if (result == -ECANCELED || result == -EINTR)
        return; /* has not run: its chain broke, or a signal came */
    if (result == -EAGAIN && ++p->refusals < REFUSALS_MAX)
        return; /* not now, say some file systems */
    p->refusals = 0;
    if (result < 0) {
        batch_fail(p, "read", result);
    } else if (p->offset == 0 && batch_is_output(b, p->path)) {
        /* Its end would move away with every write, and what had been written
         * to it by the time of this read would be chance. */
        batch_fail(p, "input is output", -EINVAL);
    } else if (result == 0) {
        p->has_ended = true;
    } else {
        p->filled += (unsigned)result;
        p->offset += (unsigned)result;
        assert(p->filled <= batch_capacity(b));
    }
}

/* Every completion passes through here. */
static void complete(struct batch *b, uint64_t data, int result)
{
    enum batch_step step = (enum batch_step)(data & 0xff);
    unsigned place = (unsigned)(data >> 8);
    struct place *p = &b->places[place];

    assert(place < b->window && b->in_flight > 0);
    b->in_flight--;
    if (step == STEP_WRITE || step == STEP_WAIT_OUTPUT) {
        batch_output_done(b, step, result);
        return;
    }
    assert(p->in_flight > 0);
    p->in_flight--;
    if (step == STEP_OPEN)
        open_done(b, p, result);
    else if (step == STEP_READ)
        read_done(b, p, result);
    else if (step == STEP_CLOSE)
        b->is_starved = false; /* there is a descriptor again */
    else
        batch_verify_done(b, p, step, result);
}

static void reap(struct batch *b)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;

    io_uring_for_each_cqe(&b->ring, head, cqe) {
        complete(b, cqe->user_data, cqe->res);
        count++;
    }
    /* Only now: from here on the kernel may overwrite them. */
    io_uring_cq_advance(&b->ring, count);
}

/* Nothing is in flight and nothing could be begun: there are no descriptors,
 * and no file of ours is open whose close would give one back. */
static void give_up_oldest(struct batch *b)
{
    assert(b->is_starved);
    batch_fail(&b->places[b->head % b->window], "open", -EMFILE);
    b->is_starved = false;
}

int batch_run(struct batch *b)
{
    while (b->head < b->file_count) {
        b->hand_on(b);
        if (b->output_result < 0)
            return b->output_result;
        for (unsigned file = b->head; file < b->tail; file++)
            advance(b, file % b->window);
        retire(b);
        admit(b);
        if (b->in_flight == 0) {
            if (b->is_starved)
                give_up_oldest(b);
            continue;
        }
        if (batch_enter(b) < 0)
            return b->enter_result;
        reap(b);
    }
    return 0;
}
