/* batch_loop.c: the loop: what can be done next, for each file of the window.
 * Introduced in phase 2. Needs: batch_loop.h.
 *
 * What it teaches: a program over completions is a loop around one question.
 * Ask each entry of the window what it can do now, and queue that operation.
 * Enter the kernel once, take all completions, and ask again. No entry waits
 * for another one, except for its position in the output.
 *
 *      open --> read --> ... --> read = 0 --> close
 *                 |   buffer full   |
 *                 +---> output <----+
 */
#include "batch_loop.h"

#include <assert.h>
#include <errno.h>

/* How many reads in a row may return -EAGAIN: some files of /sys always do. */
#define RETRIES_MAX 100u

/* Queues the next operation on an entry's file, if there is one to do. */
static void advance(struct batch_loop *loop, struct entry *e)
{
    if (e->in_flight > 0 || batch_ring_is_busy(&loop->ring))
        return;
    if (e->has_ended) {
        if (e->is_open)
            loop->mode->close(&loop->window, e);
    } else if (!e->is_open) {
        if (!loop->is_out_of_fds)
            loop->mode->start(&loop->window, e);
    } else if (!window_is_ready(&loop->window, e)) {
        loop->mode->read(&loop->window, e);
    }
}

static void open_done(struct batch_loop *loop, struct entry *e, int result)
{
    if (result >= 0) {
        e->is_open = true;
        if (!loop->mode->is_direct)
            e->fd = result;
    } else if (result == -EMFILE || result == -ENFILE) {
        /* Not this file's fault: open it again when another one has closed. */
        loop->is_out_of_fds = true;
    } else if (result != -EINTR) {
        window_fail(e, "open", result);
    }
}

/* Decides what a read was: an error, nothing, the end, or bytes. */
static void read_done(struct batch_loop *loop, struct entry *e, int result)
{
    struct buffers *buffers = &loop->window.buffers;

    buffers_reclaim(buffers, e->set);
    if (result == -ECANCELED || result == -EINTR)
        return; /* did not run: its chain broke, or a signal came */
    if (result == -EAGAIN && ++e->retries < RETRIES_MAX)
        return; /* some file systems have no bytes ready yet */
    e->retries = 0;
    if (result < 0) {
        window_fail(e, "read", result);
    } else if (e->offset == 0 && !verify_is_on(&loop->verify) &&
               output_is_file(&loop->output, e->path)) {
        /* Each write would move its end further away, and chance would decide
         * how much of the output this read has already seen. */
        window_fail(e, "input is output", -EINVAL);
    } else if (result == 0) {
        e->has_ended = true;
    } else {
        e->filled += (unsigned)result;
        e->offset += (unsigned)result;
        assert(e->filled <= buffers_capacity(buffers));
    }
}

/* Handles one completion, of any operation. */
static void complete(struct batch_loop *loop, uint64_t data, int result)
{
    enum step step = (enum step)(data & 0xff);
    struct entry *e;

    assert(loop->ring.in_flight > 0 && data >> 8 < loop->window.size);
    loop->ring.in_flight--;
    if (step == STEP_WRITE || step == STEP_WAIT_OUTPUT) {
        output_done(&loop->output, step, result);
        return;
    }
    e = &loop->window.entries[data >> 8];
    assert(e->in_flight > 0);
    e->in_flight--;
    if (step == STEP_OPEN)
        open_done(loop, e, result);
    else if (step == STEP_READ)
        read_done(loop, e, result);
    else if (step == STEP_CLOSE)
        loop->is_out_of_fds = false; /* a descriptor is free again */
    else
        verify_done(&loop->verify, e, step, result);
}

static void reap(struct batch_loop *loop)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;

    io_uring_for_each_cqe(&loop->ring.uring, head, cqe) {
        complete(loop, cqe->user_data, cqe->res);
        count++;
    }
    /* Not earlier: from here on the kernel may overwrite the CQEs. */
    io_uring_cq_advance(&loop->ring.uring, count);
}

/* Queues whatever can be done now, for all entries. */
static void queue_all(struct batch_loop *loop)
{
    struct window *w = &loop->window;
    struct entry *e;

    for (unsigned file = w->head; file < w->tail; file++)
        advance(loop, window_entry(w, file));
    window_retire(w);
    while ((e = window_admit(w)) != NULL)
        advance(loop, e);
}

int batch_loop_run(struct batch_loop *loop)
{
    struct window *w = &loop->window;

    while (w->head < w->file_count) {
        if (verify_is_on(&loop->verify))
            verify_run(&loop->verify);
        else
            output_run(&loop->output);
        if (loop->output.result < 0)
            return loop->output.result;
        queue_all(loop);
        if (loop->ring.in_flight > 0) {
            if (batch_ring_enter(&loop->ring) < 0)
                return loop->ring.result;
            reap(loop);
        } else if (loop->is_out_of_fds) {
            /* There is no descriptor, and closing a file of ours would not
             * free one: none is open. The oldest file fails. */
            window_fail(window_entry(w, w->head), "open", -EMFILE);
            loop->is_out_of_fds = false;
        }
    }
    return 0;
}
