/* verify.c: implements --verify: writes, reads back, and compares the bytes.
 * Introduced in phase 2. Needs: verify.h, sys.h.
 *
 * What it teaches: operations that must run in order, for many entries at once.
 * The unnamed scratch file has one region per entry, so the operations of two
 * entries never touch the same bytes. Each entry has three steps: put writes
 * its bytes, get reads them back, and compare checks them. The user_data of a
 * completion identifies the step that has ended.
 *
 * In mode linked, put and get form a chain, because the get makes sense only
 * after a complete put. A short put breaks the link, and the get returns
 * -ECANCELED without having run. The next verify_run queues the pair again for
 * the rest. To handle a broken chain, it is enough to check each result and to
 * continue after the last byte that was transferred. */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

/* The bytes of one entry that were read back. */
struct copy {
    unsigned set[BUFFERS_PER_SET_MAX];
    size_t fetched; /* bytes read back so far */
    struct iovec list[BUFFERS_PER_SET_MAX]; /* iovecs of the get */
};

int verify_open(struct verify *v, const char *directory)
{
    v->scratch = sys_open(directory, O_TMPFILE | O_RDWR, 0600);
    return v->scratch < 0 ? v->scratch : 0;
}

int verify_init(struct verify *v)
{
    struct window *w = v->window;

    v->copies = calloc(w->size, sizeof *v->copies);
    if (v->copies == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < w->size; i++)
        buffers_take(&w->buffers, v->copies[i].set);
    return 0;
}

void verify_finish(struct verify *v)
{
    free(v->copies);
}

bool verify_is_on(const struct verify *v)
{
    return v->scratch >= 0;
}

static uint64_t region_of(const struct window *w, const struct entry *e)
{
    return (uint64_t)e->index * buffers_capacity(&w->buffers);
}

/* Queues the write of an entry's bytes into its region. */
static struct io_uring_sqe *put(struct verify *v, struct entry *e)
{
    struct window *w = v->window;
    struct io_uring_sqe *sqe = window_sqe(w, e, STEP_PUT);
    uint64_t offset = region_of(w, e) + e->written;
    unsigned count = buffers_list(&w->buffers, e->set, e->written, e->filled,
                                  e->list);

    buffers_lend(&w->buffers, e->set);
    if (w->has_registered_buffers)
        io_uring_prep_write_fixed(sqe, v->scratch, e->list[0].iov_base,
                                  (unsigned)e->list[0].iov_len, offset,
                                  (int)e->set[0]);
    else
        io_uring_prep_writev(sqe, v->scratch, e->list, count, offset);
    return sqe;
}

/* Queues the read of the region into the entry's copy. */
static void get(struct verify *v, struct entry *e)
{
    struct window *w = v->window;
    struct copy *c = &v->copies[e->index];
    struct io_uring_sqe *sqe = window_sqe(w, e, STEP_GET);
    uint64_t offset = region_of(w, e) + c->fetched;
    unsigned count = buffers_list(&w->buffers, c->set, c->fetched, e->filled,
                                  c->list);

    buffers_lend(&w->buffers, c->set);
    if (w->has_registered_buffers)
        io_uring_prep_read_fixed(sqe, v->scratch, c->list[0].iov_base,
                                 (unsigned)c->list[0].iov_len, offset,
                                 (int)c->set[0]);
    else
        io_uring_prep_readv(sqe, v->scratch, c->list, count, offset);
}

/* Overwrites the copy before it is used. If the copy still held equal bytes of
 * an earlier file, a get that reads nothing would pass the comparison. */
static void spoil(struct verify *v, const struct entry *e)
{
    struct copy *c = &v->copies[e->index];
    unsigned count = buffers_list(&v->window->buffers, c->set, 0, e->filled,
                                  c->list);

    for (unsigned i = 0; i < count; i++)
        memset(c->list[i].iov_base, 0xdb, c->list[i].iov_len);
}

/* Ends the check of an entry's bytes, and marks its memory as empty. If the
 * check failed, `what` names the step that failed, result is the error, and no
 * more of the file is read. Otherwise `what` is NULL. */
static void conclude(struct verify *v, struct entry *e, const char *what,
                     int result)
{
    if (what == NULL) {
        v->window->ring->counts->bytes += e->filled;
    } else {
        e->offset -= e->filled; /* report where these bytes begin */
        window_fail(e, what, result);
    }
    v->copies[e->index].fetched = 0;
    window_empty(e);
}

static void compare(struct verify *v, struct entry *e)
{
    struct buffers *buffers = &v->window->buffers;
    struct copy *c = &v->copies[e->index];
    bool is_same = true;
    unsigned count = buffers_list(buffers, e->set, 0, e->filled, e->list);

    buffers_list(buffers, c->set, 0, e->filled, c->list);
    for (unsigned i = 0; i < count; i++)
        is_same &= memcmp(e->list[i].iov_base, c->list[i].iov_base,
                          e->list[i].iov_len) == 0;
    conclude(v, e, is_same ? NULL : "compare", -EIO);
}

/* Starts the next step of an entry whose memory is full, or whose file has
 * ended. */
static void check(struct verify *v, struct entry *e)
{
    struct batch_ring *ring = v->window->ring;
    size_t fetched = v->copies[e->index].fetched;

    if (fetched == e->filled) {
        compare(v, e);
        return;
    }
    if (batch_ring_is_busy(ring))
        return;
    if (fetched == 0)
        spoil(v, e);
    if (e->written == e->filled) {
        get(v, e);
        return;
    }
    batch_ring_reserve(ring, 2);
    if (v->is_linked) {
        put(v, e)->flags |= IOSQE_IO_LINK;
        get(v, e);
    } else {
        put(v, e);
    }
}

void verify_run(struct verify *v)
{
    struct window *w = v->window;

    for (unsigned file = w->head; file < w->tail; file++) {
        struct entry *e = window_entry(w, file);

        if (window_is_ready(w, e) && buffers_is_mine(&w->buffers, e->set) &&
            buffers_is_mine(&w->buffers, v->copies[e->index].set))
            check(v, e);
    }
}

void verify_done(struct verify *v, struct entry *e, enum step step, int result)
{
    struct copy *c = &v->copies[e->index];

    buffers_reclaim(&v->window->buffers, step == STEP_PUT ? e->set : c->set);
    if (window_retries(e, step == STEP_PUT ? IORING_OP_WRITE : IORING_OP_READ,
                       result))
        return; /* check() queues it again */
    if (result <= 0)
        conclude(v, e, step == STEP_PUT ? "write" : "read back",
                 result < 0 ? result : -EIO);
    else if (step == STEP_PUT)
        e->written += (unsigned)result;
    else
        c->fetched += (unsigned)result;
}
