/* batch_loop.c: the loop, which queues the next operation of each file.
 * Introduced in phase 2. Needs: batch_loop.h, batch_plain.h, sys.h.
 *
 * What it teaches: a program based on completions is a loop of three steps. For
 * each entry of the window, queue the operation that can run now. Enter the
 * kernel once. Handle all completions. No entry waits for another, except to
 * write its output in order.
 *
 *      open --> read --> ... --> read = 0 --> close
 *                 |   buffer full   |
 *                 +---> output <----+
 */
#include "batch_loop.h"

#include <assert.h>
#include <errno.h>

#include "batch_plain.h"
#include "sys.h"

static void open_done(struct batch_loop *loop, struct entry *e, int result)
{
    if (result >= 0) {
        e->is_open = true;
        if (e->is_plain || !loop->mode->is_direct)
            e->fd = result;
    } else if (result == -EMFILE || result == -ENFILE) {
        /* The process has too many open files. Retry after a file is closed. */
        loop->is_out_of_fds = true;
    } else if (result != -EINTR) {
        window_fail(e, "open", result);
    }
}

/* Handles the result of a read: an error, a retry, end of file, or data. */
static void read_done(struct batch_loop *loop, struct entry *e, int result)
{
    if (window_retries(e, IORING_OP_READ, result))
        return;
    if (result < 0) {
        window_fail(e, "read", result);
    } else if (e->offset == 0 && !verify_is_on(&loop->verify) &&
               output_is_file(&loop->output, e->path)) {
        /* Our own writes extend this file while we read it, so the bytes that a
         * read returns would depend on timing. */
        window_fail(e, "input is output", -EINVAL);
    } else if (result == 0) {
        e->has_ended = true;
    } else {
        e->filled += (unsigned)result;
        e->offset += (unsigned)result;
        assert(e->filled <= buffers_capacity(&loop->window.buffers));
    }
}

/* Reads an entry's file, which is on FUSE, until the entry's memory is full or
 * the file ends. Blocks. */
static void advance_plain(struct batch_loop *loop, struct entry *e)
{
    if (!e->is_open && !e->has_ended && !loop->is_out_of_fds)
        open_done(loop, e, batch_plain_open(e, &loop->counts));
    while (e->is_open && !e->has_ended && !window_is_ready(&loop->window, e))
        read_done(loop, e,
                  batch_plain_read(&loop->window, e, &loop->counts));
    if (e->is_open && e->has_ended) {
        batch_plain_close(e, &loop->counts);
        loop->is_out_of_fds = false;
    }
}

/* Queues the next operation on an entry's file, if one can run now. */
static void advance(struct batch_loop *loop, struct entry *e)
{
    if (e->in_flight > 0 || batch_ring_is_busy(&loop->ring))
        return;
    if (e->is_plain) {
        advance_plain(loop, e);
    } else if (e->has_ended) {
        if (e->is_open)
            loop->mode->close(&loop->window, e);
    } else if (!e->is_open) {
        if (!loop->is_out_of_fds)
            loop->mode->start(&loop->window, e);
    } else if (!window_is_ready(&loop->window, e)) {
        loop->mode->read(&loop->window, e);
    }
}

/* Handles the completion of any operation. */
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
    if (step == STEP_OPEN) {
        open_done(loop, e, result);
    } else if (step == STEP_READ) {
        buffers_reclaim(&loop->window.buffers, e->set);
        read_done(loop, e, result);
    } else if (step == STEP_CLOSE) {
        /* On some file systems, a close needs an io-wq worker, which is a
         * kernel thread for operations that block. If the kernel has no worker,
         * it cancels the close, and the descriptor is still open. */
        if (result == -ECANCELED && !loop->mode->is_direct)
            (void)sys_close(e->fd);
        loop->is_out_of_fds = false; /* a descriptor is free again */
    } else {
        verify_done(&loop->verify, e, step, result);
    }
}

static void reap(struct batch_loop *loop)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;

    io_uring_for_each_cqe(&loop->ring.uring, head, cqe) {
        complete(loop, cqe->user_data, cqe->res);
        count++;
    }
    /* Advance only now, because afterwards the kernel may overwrite CQEs. */
    io_uring_cq_advance(&loop->ring.uring, count);
}

/* Queues the next operation of each entry, removes the files that are done, and
 * admits new ones. */
static void queue_all(struct batch_loop *loop)
{
    struct window *w = &loop->window;
    struct entry *e;

    for (unsigned file = w->head; file < w->tail; file++)
        advance(loop, window_entry(w, file));
    window_retire(w);
    while ((e = window_admit(w)) != NULL) {
        e->is_plain = loop->has_fuse &&
                      batch_plain_suits(e->path, &loop->counts);
        advance(loop, e);
    }
}

int batch_loop_run(struct batch_loop *loop)
{
    struct window *w = &loop->window;

    loop->has_fuse = batch_plain_is_possible(&loop->counts);
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
        } else if (loop->is_out_of_fds && !window_entry(w, w->head)->is_open) {
            /* No operation is in flight, so no close is about to free a
             * descriptor. Fail the oldest file, because the files after it wait
             * for it. If the oldest file is open, it need not fail: the next
             * iteration continues with it. */
            window_fail(window_entry(w, w->head), "open", -EMFILE);
            loop->is_out_of_fds = false;
        }
    }
    return 0;
}
